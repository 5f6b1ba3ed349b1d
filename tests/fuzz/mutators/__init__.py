"""Changes to an input that leave it readable."""
