"""A worker that does nothing: each line of standard input comes back on standard output."""

from __future__ import annotations

import sys


def main() -> None:
    for line in sys.stdin.buffer:
        sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
