"""Whose AWS, and the way there: credentials, clients, signatures, waiting, and failures in this program's words."""
