"""A function that ends its process while it is imported."""

import os

os.write(1, b"leaving during init\n")
os._exit(7)
