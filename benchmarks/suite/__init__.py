"""What the measurements of ``goals.py`` share, and those that have no script of their own."""
