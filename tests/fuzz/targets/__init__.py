"""The subjects of fuzzing, one a module, each with its ``TARGET``."""
