"""The classifier as an HTTP server on this machine: what the local side is where several callers come at once."""
