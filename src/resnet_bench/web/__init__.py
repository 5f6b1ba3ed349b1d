"""The page with the Classify button, and the server behind it. It shares runners, records and rows with the commands."""
