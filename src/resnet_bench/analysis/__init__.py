"""What follows from measurements: the gap explained, costs, traffic, verdicts. Prints nothing and measures nothing."""
