"""List prices, and what follows from them."""
