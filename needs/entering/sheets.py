"""A spreadsheet that was handed in, as the text of a table: one line for each row, columns parted by tabs.

A workbook is opened by `needs.entering.sheet_worker` behind the wall of `jcb.walled`. What a reader of the sheet would
not see, or what is no value, is refused: formulas, merged cells, hidden sheets, rows and columns.
"""

import json
import logging
import tempfile
from pathlib import Path

from django.core.exceptions import ValidationError

from jcb import files, walled

LOG = logging.getLogger(__name__)
SECONDS, MEMORY_MB = 30, 700
MOST_ROWS = 2_000
MOST_BYTES = 1_000_000  # of text
LOCKED = (
    "This file is locked with a password, or of the old kind (.xls). Save it as .xlsx without a password, or as CSV."
)
NOT_A_TABLE = "Choose a spreadsheet saved as .xlsx, or a table saved as CSV."
UNREADABLE = f"This spreadsheet could not be read. Copy the table into a new one, with at most {MOST_ROWS:,} rows, and save that as .xlsx or CSV."
TOO_LONG = (
    f"The table is too long: at most {MOST_ROWS:,} rows go in at once. Split it, and bring in one part after the other."
)


def table_text(upload) -> str:
    """The table in an uploaded file. Raises ValidationError with sentences that say what to do, cell by cell."""
    content = files.read(upload)
    if content.startswith(b"PK"):
        upload.seek(0)
        content, extension = files.take_in(upload)
        if extension != "xlsx":
            raise ValidationError(NOT_A_TABLE)
        return _workbook(content)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise ValidationError(LOCKED)
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        content = content.decode("utf-16", errors="replace").encode()
    if content.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8")) or b"\0" in content:
        raise ValidationError(NOT_A_TABLE)
    if len(content) > MOST_BYTES:
        raise ValidationError(TOO_LONG)
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ValidationError(NOT_A_TABLE)


def _workbook(content: bytes) -> str:
    with tempfile.TemporaryDirectory(prefix="jcb-sheet-") as name:
        folder = Path(name)
        (folder / "sheet.xlsx").write_bytes(content)
        (folder / "request.json").write_text(
            json.dumps({"memory_mb": MEMORY_MB, "seconds": SECONDS, "most_rows": MOST_ROWS})
        )
        try:
            walled.run(walled.worker("needs.entering.sheet_worker", folder), folder=folder, seconds=SECONDS)
        except walled.TookTooLong as error:
            raise ValidationError(UNREADABLE) from error
        answer = folder / "answer.json"
        if not answer.is_file():
            LOG.warning("The worker that reads spreadsheets was stopped: %s", walled.said(folder))
            raise ValidationError(UNREADABLE)
        found = json.loads(answer.read_text())
    if found.get("failure"):
        LOG.warning("In reading a spreadsheet: %s", found.get("detail", found["failure"]))
        raise ValidationError({"too long": TOO_LONG}.get(found["failure"], UNREADABLE))
    if found["problems"]:
        raise ValidationError(found["problems"])
    if len(found["text"].encode()) > MOST_BYTES:
        raise ValidationError(TOO_LONG)
    return found["text"]
