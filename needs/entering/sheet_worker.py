"""The child that opens a workbook: `python -m needs.entering.sheet_worker FOLDER`, behind the wall of `jcb.walled`.

Reads `request.json` and `sheet.xlsx`; writes `answer.json` with the text of the table, or with what has to be mended.
"""

import calendar
import csv
import datetime as dt
import io
import json
import re
import sys
import zipfile
from decimal import Decimal
from pathlib import Path

from jcb import walled

MOST_XML = 30 * 1024 * 1024  # bytes of the sheets, unpacked
MOST_COLUMNS = 40
MOST_BLANK = 1_000  # rows without anything, after which nothing more is expected
MOST_TOLD = 20  # problems at once


class TooLong(Exception):
    """There are more rows than may come in at once."""


def main(folder: Path) -> None:
    request = json.loads((folder / "request.json").read_text())
    import openpyxl  # noqa: PLC0415 -- before the wall stands

    walled.lock_down(memory_mb=request["memory_mb"], seconds=request["seconds"])
    try:
        answer = read(openpyxl, folder / "sheet.xlsx", request["most_rows"])
    except TooLong:
        answer = {"failure": "too long"}
    except (
        Exception
    ) as problem:  # a library reads what a stranger wrote: whatever it raises, the file could not be read
        answer = {"failure": "broken", "detail": f"{type(problem).__name__}: {problem}"[:500]}
    (folder / "answer.json").write_text(json.dumps(answer))


def read(openpyxl, path: Path, most_rows: int) -> dict:
    with zipfile.ZipFile(path) as archive:
        if sum(e.file_size for e in archive.infolist() if "sheet" in e.filename) > MOST_XML:
            raise TooLong
    last = count(openpyxl, path, most_rows)
    book = openpyxl.load_workbook(path, keep_links=False)
    problems = [
        f"The sheet “{sheet.title}” is hidden. Show it, or delete it."
        for sheet in book
        if sheet.sheet_state != "visible"
    ]
    full = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible" and any_value(sheet, last)]
    if len(full) > 1:
        names = ", ".join(f"“{sheet.title}”" for sheet in full)
        problems.append(f"There are {len(full)} sheets with something in them: {names}. Keep the one with the table.")
    if not full:
        return {
            "problems": problems or ["There is no table in the file. Put the names of the columns in the first row."]
        }
    if problems:
        return {"problems": problems}
    text, problems = table(full[0], last)
    return {"problems": problems} if problems else {"problems": [], "text": text}


def count(openpyxl, path: Path, most_rows: int) -> int:
    """The last row that holds something in any sheet, before a gap of many. Refuses a long sheet before it is read whole:
    row by row it costs no memory."""
    last = 1
    book = openpyxl.load_workbook(path, read_only=True, keep_links=False)
    for sheet in book.worksheets:
        sheet.reset_dimensions()
        rows = blank = 0
        for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
            if any(value is not None for value in row):
                rows, blank, last = rows + 1, 0, max(last, number)
            else:
                blank += 1
            if rows > most_rows + 1:
                raise TooLong
            if blank > MOST_BLANK:
                break
    book.close()
    return last


def any_value(sheet, last: int) -> bool:
    return any(cell.value is not None for row in sheet.iter_rows(max_row=last) for cell in row)


def table(sheet, last: int) -> tuple[str, list[str]]:
    """The text of a sheet, and what has to be mended first, row by row."""
    found: list[tuple[int, str]] = []
    for area in sheet.merged_cells.ranges:
        found.append((area.min_row, f"the cells {area.coord} are merged. Unmerge them, and fill in each cell."))
    for row, look in sheet.row_dimensions.items():
        if look.hidden and any(cell.value is not None for cell in sheet[row]):
            found.append((row, "it is hidden. Show it, or delete it."))
    for letter, look in sheet.column_dimensions.items():
        if look.hidden and any(cell.value is not None for cell in sheet[letter]):
            found.append((1, f"column {letter} is hidden. Show it, or delete it."))
    if sheet.max_row > last + MOST_BLANK:
        found.append((sheet.max_row, "it is far below the table. Delete it, and save the file again."))
    lines = []
    for cells in sheet.iter_rows(max_row=last):
        for cell in cells:
            if cell.data_type == "f":
                found.append(
                    (
                        cell.row,
                        f"cell {cell.coordinate} holds a formula. Paste the value that it works out in its place.",
                    )
                )
            elif cell.data_type == "e":
                found.append(
                    (cell.row, f"cell {cell.coordinate} holds an error ({cell.value}). Correct it, or empty it.")
                )
            elif cell.column > MOST_COLUMNS and cell.value is not None:
                found.append((cell.row, f"cell {cell.coordinate} is far to the right of a table. Delete it."))
        if cells:
            # Rows keep their numbers, so that a problem names the row that its writer sees.
            lines += [[]] * (cells[0].row - 1 - len(lines))
            lines.append([say(cell) for cell in cells[:MOST_COLUMNS]])
    out = io.StringIO()
    csv.writer(out, delimiter="\t", lineterminator="\n").writerows(lines)
    problems = [f"Row {row}: {words}" for row, words in sorted(set(found))]
    if len(problems) > MOST_TOLD:
        problems = [*problems[:MOST_TOLD], f"And {len(problems) - MOST_TOLD} more of the kind."]
    return out.getvalue(), problems


def say(cell) -> str:
    """The value of a cell as its reader sees it, near enough: a day without an hour, a share in per cent."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dt.date):  # an instant too
        shows_day = "d" in re.sub(r"\[[^]]*\]|\"[^\"]*\"", "", cell.number_format or "").lower()
        return f"{value:%Y-%m-%d}" if shows_day else f"{calendar.month_name[value.month]} {value.year}"
    if isinstance(value, int | float):
        number = Decimal(repr(round(value, 10)))
        if "%" in (cell.number_format or ""):
            return f"{plain(number * 100)}%"
        return plain(number)
    return re.sub(r"\s+", " ", str(value)).strip()


def plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


if __name__ == "__main__":
    main(Path(sys.argv[1]))
