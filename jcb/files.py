"""Kept files: taken in by what they are, named by their hash, never overwritten, and handed out inert.

Order of writes: bytes to disk and flushed, then the row, then the answer. Files lie under `FILES_ROOT/<sha256>.<ext>`.
"""

import hashlib
import io
import os
import tempfile
import xml.parsers.expat
import zipfile
import zlib
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import FileResponse, HttpRequest

from jcb import pdf_look
from jcb.models import Person, StoredFile

OOXML = "application/vnd.openxmlformats-officedocument"
MEDIA_TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "docx": f"{OOXML}.wordprocessingml.document",
    "xlsx": f"{OOXML}.spreadsheetml.sheet",
}
KINDS_IN_WORDS = "a PDF, a Word document (.docx), a spreadsheet (.xlsx) or a picture (.png, .jpg)"
UNPACKED_LIMIT = 200 * 1024 * 1024  # bytes; a small archive can unpack into something enormous
ENTRY_LIMIT = 5_000
RUNNING_ENTRIES = ("vbaproject", "/embeddings/", "activex", "oleobject")

LOCKED = "The PDF is locked with a password. Save a copy without one and choose that."
DAMAGED = "The PDF is damaged and cannot be read. Save it again and choose the new copy."
DAMAGED_OFFICE = "The file is damaged and cannot be read. Save it again and choose the new copy."
TOO_LARGE = "The file unpacks into something too large. Save a smaller copy, or give a link instead."
RUNS = "The PDF carries a script, a form or another file inside. Print it to a new PDF and choose that."
TOO_MUCH = "The PDF is too large to be looked through. Print it to a new PDF and choose that, or give a link instead."
UNFIT = {"locked": LOCKED, "broken": DAMAGED, "active": RUNS, "too large": TOO_MUCH}
CARRIES = "The file carries macros, another file or a link to a template. Save it without them, or as a PDF."


def keep(content: bytes, *, extension: str, by: Person | None) -> StoredFile:
    """Keep bytes and return their row; the same bytes are kept once.

    Effects: a file under FILES_ROOT, flushed to disk, then one `StoredFile` row.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    path = settings.FILES_ROOT / f"{sha256}.{extension}"
    if not path.exists():
        settings.FILES_ROOT.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=settings.FILES_ROOT, delete=False) as half:
            half.write(content)
            half.flush()
            os.fsync(half.fileno())
        os.replace(half.name, path)
    stored, _ = StoredFile.objects.get_or_create(
        sha256=sha256,
        defaults={"extension": extension, "media_type": MEDIA_TYPES[extension], "size": len(content), "by": by},
    )
    return stored


def path_of(stored: StoredFile) -> Path:
    return settings.FILES_ROOT / f"{stored.sha256}.{stored.extension}"


def read(upload) -> bytes:
    """The bytes of an uploaded file. Raises ValidationError with a sentence where it is empty or too large."""
    limit = settings.UPLOAD_MEGABYTES * 1024 * 1024
    if upload.size > limit:
        raise ValidationError(
            f"The file is larger than {settings.UPLOAD_MEGABYTES} MB. Make it smaller, or give a link instead."
        )
    content = upload.read(limit + 1)
    if not content:
        raise ValidationError("The file is empty. Choose it again, or check that it opens on your computer.")
    return content


def take_in(upload) -> tuple[bytes, str]:
    """Read an uploaded file and say what it is: its bytes and its extension, judged by content and not by name.

    Raises ValidationError with a sentence that says what to do.
    """
    content = read(upload)
    extension = _kind(content)
    if extension is None:
        raise ValidationError(f"This kind of file cannot be kept. Save it as {KINDS_IN_WORDS}.")
    return content, extension


def _kind(content: bytes) -> str | None:
    if content.startswith(b"%PDF-"):
        _check_pdf(content)
        return "pdf"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if content.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if content.startswith(b"PK\x03\x04"):
        return _office_kind(content)
    return None


def _check_pdf(content: bytes) -> None:
    """Refuse PDFs that are locked, broken or carry something that runs. They are opened behind a wall, not here."""
    try:
        look = pdf_look.look_at(content)
    except pdf_look.Unfit as unfit:
        raise ValidationError(UNFIT[unfit.reason]) from unfit
    if look.is_secured:
        raise ValidationError(LOCKED)
    if not look.pages:
        raise ValidationError(DAMAGED)


def _office_kind(content: bytes) -> str | None:
    """Which Office document a zip archive is; refuses macros, embedded objects and archives that unpack too far."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if len(entries) > ENTRY_LIMIT:
                raise ValidationError(TOO_LARGE)
            left = UNPACKED_LIMIT
            for entry in entries:
                left -= _read_through(archive, entry, left)
            names = {entry.filename for entry in entries}
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as problem:
        raise ValidationError(DAMAGED_OFFICE) from problem
    if any(mark in name.lower() for name in names for mark in RUNNING_ENTRIES):
        raise ValidationError(CARRIES)
    if "word/document.xml" in names:
        return "docx"
    if "xl/workbook.xml" in names:
        return "xlsx"
    return None


def _read_through(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limit: int) -> int:
    """Read an entry to its end and say how many bytes it has; its own directory may lie, so the bytes are counted.

    XML is looked through on the way: entities, parts fetched from elsewhere (a remote template) and macros are refused.
    """
    size, reader = 0, _PartReader() if entry.filename.lower().endswith((".xml", ".rels")) else None
    with archive.open(entry) as stream:
        while chunk := stream.read(1 << 20):
            size += len(chunk)
            if size > limit:
                raise ValidationError(TOO_LARGE)
            if reader:
                reader.feed(chunk)
    if reader:
        reader.feed(b"", ends=True)
    return size


class _PartReader:
    """Looks at the XML of an Office document as it streams by, and refuses what reaches out of it or runs."""

    def __init__(self):
        self._parser = xml.parsers.expat.ParserCreate()
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.StartElementHandler = self._element

    def feed(self, chunk: bytes, *, ends: bool = False) -> None:
        try:
            self._parser.Parse(chunk, ends)
        except xml.parsers.expat.ExpatError as problem:
            raise ValidationError(DAMAGED_OFFICE) from problem

    def _element(self, name: str, attributes: dict[str, str]) -> None:
        kind = attributes.get("Type", "")
        if attributes.get("TargetMode") == "External" and not kind.endswith("/hyperlink"):
            self._refuse()
        if "macroEnabled" in attributes.get("ContentType", ""):
            self._refuse()

    def _refuse(self, *args) -> None:
        raise ValidationError(CARRIES)


class InertFile(FileResponse):
    """A kept file on its way out, in pieces of a size that a disk reads at once."""

    block_size = 256 * 1024


def download(request: HttpRequest, stored: StoredFile, *, name: str, inline: bool = False) -> FileResponse:
    """Hand out a kept file so that no browser runs anything in it."""
    answer = InertFile(
        path_of(stored).open("rb"), as_attachment=not inline, filename=name, content_type=stored.media_type
    )
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer
