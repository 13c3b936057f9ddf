"""What a kept file says, as far as a program can read it: to find the files in which certain words stand.

Words in a picture, or drawn as lines, are not found. A PDF is read behind the wall of `jcb.walled`; Word and Excel
documents were looked through when they were taken in, and are read here.
"""

import html
import json
import re
import shutil
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from jcb import files, walled
from jcb.models import StoredFile

SECONDS, MEMORY_MB = 60, 1_000
TAG = re.compile(r"<[^>]+>")


@dataclass(frozen=True, slots=True)
class Read:
    """`words`: all of them, in no good order. `is_whole`: nothing in the file has to be looked at by eye."""

    words: str
    is_whole: bool


def read(stored: StoredFile) -> Read:
    """Read one kept file. Raises FileNotFoundError where it is not there."""
    with files.at_hand([stored]) as places:
        if stored.pk not in places:
            raise FileNotFoundError(files.name_of(stored))
        path = places[stored.pk]
        if stored.extension == "pdf":
            return _read_pdf(path)
        if stored.extension in {"docx", "xlsx"}:
            return _read_office(path)
    return Read("", is_whole=False)


def _read_office(path: Path) -> Read:
    said, pictures = [], False
    with zipfile.ZipFile(path) as archive:
        for entry in archive.namelist():
            if entry.lower().endswith((".xml", ".rels")):
                said.append(html.unescape(TAG.sub("", archive.read(entry).decode("utf-8", "replace"))))
            pictures = pictures or "/media/" in entry
    return Read(" ".join(said), is_whole=not pictures)


def _read_pdf(path: Path) -> Read:
    with tempfile.TemporaryDirectory(prefix="jcb-words-") as name:
        folder = Path(name)
        shutil.copyfile(path, folder / "paper.pdf")
        (folder / "request.json").write_text(json.dumps({"memory_mb": MEMORY_MB, "seconds": SECONDS}))
        try:
            walled.run(walled.worker("jcb.file_words_worker", folder), folder=folder, seconds=SECONDS)
        except walled.TookTooLong:
            return Read("", is_whole=False)
        if not (folder / "answer.json").is_file():
            return Read("", is_whole=False)
        answer = json.loads((folder / "answer.json").read_text())
    return Read(answer["words"], is_whole=not answer["unread"])
