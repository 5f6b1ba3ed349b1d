"""Compare ResNet-50 inference on this machine with AWS Lambda.

Lambda imports this package too, so this file holds the version and imports nothing.
"""

__version__ = "0.1.0"
