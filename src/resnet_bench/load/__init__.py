"""Load from many machines: what Locust needs to call a deployed classifier."""
