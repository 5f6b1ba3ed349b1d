"""What this machine can be trusted with: one module for each subject that is examined, each a function to findings.

Nothing here prints, repairs or removes anything; what is measured is measured as the other commands would meet it.
"""
