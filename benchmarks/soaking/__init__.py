"""What ``benchmarks/soak.py`` is made of: many clients, what each of them expects, and what is watched meanwhile."""
