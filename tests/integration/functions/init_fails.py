"""A function that cannot be imported."""

raise RuntimeError("the model file is missing")
