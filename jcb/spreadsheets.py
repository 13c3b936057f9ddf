"""Lists as CSV that a spreadsheet opens without running anything."""

import csv
import io
from collections.abc import Iterable

RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")


def safe_cell(text: object) -> object:
    """Text that a spreadsheet would take for a formula gets an apostrophe in front; numbers and dates stay as they are."""
    if isinstance(text, str) and text.lstrip(" ")[:1] in RISKY and text.strip():
        return f"'{text}"
    return text


def csv_text(header: list[str], rows: Iterable[list]) -> str:
    """A CSV file as text, with a byte order mark so that Excel reads it as UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(header)
    writer.writerows([[safe_cell(cell) for cell in row] for row in rows])
    return "\ufeff" + out.getvalue()
