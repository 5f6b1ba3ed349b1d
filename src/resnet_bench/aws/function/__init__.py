"""One deployed function: its settings, changed for a run and put back, and its direct call."""
