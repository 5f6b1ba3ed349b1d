"""What the function's log group holds: REPORT figures of given requests, and the last calls."""
