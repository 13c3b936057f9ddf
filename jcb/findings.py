"""What was found in a paper, in a sentence, and whether the paper stops until the clerk decides."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Finding:
    """A sentence about a paper. `stops` where something in it may not be meant for the Board's eyes, `fetches` where it
    would bring in something from outside the file."""

    sentence: str
    stops: bool = False
    fetches: bool = False


def count(number: int, one: str, many: str = "") -> str:
    """A number with its noun: "1 comment", "3 comments"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
