"""The page with the Classify button, and the server behind it: the same runners, records and rows as the commands."""
