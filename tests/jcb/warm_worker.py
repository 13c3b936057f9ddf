"""A worker for tests/jcb/test_warm.py: does what it finds written in its folder."""

import sys
from pathlib import Path


def work(folder: Path) -> None:
    exec((folder / "what.py").read_text(), {"folder": folder})  # noqa: S102 -- written by the test


if __name__ == "__main__":
    work(Path(sys.argv[1]))
