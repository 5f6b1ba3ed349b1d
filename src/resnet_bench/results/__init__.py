"""Frozen records and the versioned result file."""
