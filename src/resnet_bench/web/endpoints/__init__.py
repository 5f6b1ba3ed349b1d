"""What each address of the page does, one file a subject."""
