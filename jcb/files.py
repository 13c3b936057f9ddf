"""Kept files: taken in by what they are, named by their hash, never overwritten, and handed out inert.

Order of writes: bytes into the store, where they last, then the row, then the answer. A file is `<sha256>.<extension>` in
the store, which is a folder or a bucket (`jcb/file_store.py`). Whoever reads one goes through here.
"""

import contextlib
import hashlib
import io
import logging
import struct
import tempfile
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from PIL import Image

from jcb import pdf_look
from jcb.models import Person, StoredFile
from jcb.office_look import look_at_office

LOG = logging.getLogger(__name__)
OOXML = "application/vnd.openxmlformats-officedocument"
MEDIA_TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "docx": f"{OOXML}.wordprocessingml.document",
    "xlsx": f"{OOXML}.spreadsheetml.sheet",
}
PICTURES = {"png": b"\x89PNG\r\n\x1a\n", "jpg": b"\xff\xd8\xff"}
KINDS_IN_WORDS = "a PDF, a Word document (.docx), a spreadsheet (.xlsx) or a picture (.png, .jpg)"

LOCKED = "The PDF is locked with a password. Save a copy without one and choose that."
DAMAGED = "The PDF is damaged and cannot be read. Save it again and choose the new copy."
RUNS = "The PDF carries a script, a form or another file inside. Print it to a new PDF and choose that."
TOO_MUCH = "The PDF is too large to be looked through. Print it to a new PDF and choose that, or give a link instead."
UNFIT = {"locked": LOCKED, "broken": DAMAGED, "active": RUNS, "too large": TOO_MUCH}
DAMAGED_PICTURE = "The picture is damaged and cannot be read. Save it again and choose the new copy."
TOO_MANY_POINTS = "The picture is too large to be shown. Save it smaller and choose that."
FETCHES = (
    "The file fetches something from another file or computer. Put that into the file itself, or save it as a PDF."
)


def store():
    """Where kept files lie; `jcb/file_store.py` says what it can do."""
    return storages["kept"]


def keep(content: bytes, *, extension: str, by: Person | None) -> StoredFile:
    """Keep bytes and return their row; the same bytes are kept once.

    Effects: a file in the store, where it lasts, then one `StoredFile` row. Raises OSError where it cannot be kept.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    store().save(f"{sha256}.{extension}", ContentFile(content))
    stored, _ = StoredFile.objects.get_or_create(
        sha256=sha256,
        defaults={"extension": extension, "media_type": MEDIA_TYPES[extension], "size": len(content), "by": by},
    )
    return stored


def name_of(stored: StoredFile) -> str:
    return f"{stored.sha256}.{stored.extension}"


def is_there(stored: StoredFile) -> bool:
    """Whether the store has a file of this name. Raises OSError where the store does not answer."""
    return store().exists(name_of(stored))


def opened(stored: StoredFile) -> BinaryIO:
    """A kept file to be read from its start to its end. Raises FileNotFoundError, or another OSError."""
    return store().open(name_of(stored))


def content_of(stored: StoredFile) -> bytes:
    """The bytes of a kept file. Raises FileNotFoundError, or another OSError."""
    with opened(stored) as kept:
        return kept.read()


@contextlib.contextmanager
def at_hand(rows: Iterable[StoredFile]) -> Iterator[dict[int, Path]]:
    """Kept files as files of this machine, by the number of their row, for programs that read by path.

    Those that are missing are not among them. What came from a bucket is gone afterwards. Raises OSError.
    """
    with tempfile.TemporaryDirectory(prefix="jcb-kept-") as folder:
        places = {}
        for stored in rows:
            with contextlib.suppress(FileNotFoundError):
                places[stored.pk] = store().at_hand(name_of(stored), Path(folder))
        yield places


def path_of(stored: StoredFile) -> Path:
    """Where a kept file lies in a folder. Raises NotImplementedError for one in a bucket."""
    return Path(store().path(name_of(stored)))


def remove(stored: StoredFile) -> None:
    """Take a file out of the store; its row stays. Raises OSError where the store does not answer."""
    store().delete(name_of(stored))


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
    for picture, beginning in PICTURES.items():
        if content.startswith(beginning):
            _check_picture(content, picture)
            return picture
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


def _check_picture(content: bytes, kind: str) -> None:
    """Refuse what only begins like a picture. It is read as far as its size and its checksums; nothing is unpacked."""
    try:
        with (
            warnings.catch_warnings(action="error", category=Image.DecompressionBombWarning),
            Image.open(io.BytesIO(content), formats=[MEDIA_TYPES[kind].rpartition("/")[2]]) as picture,
        ):
            picture.verify()
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as problem:
        raise ValidationError(TOO_MANY_POINTS) from problem
    except (OSError, SyntaxError, ValueError, struct.error) as problem:  # what Pillow raises for a broken picture
        raise ValidationError(DAMAGED_PICTURE) from problem


def _office_kind(content: bytes) -> str:
    """Which Office document a zip archive is. Nobody decides on what it would fetch, as the clerk does on a paper's."""
    kind, found = look_at_office(content)
    if any(finding.fetches for finding in found):
        raise ValidationError(FETCHES)
    return kind


class InertFile(FileResponse):
    """A kept file on its way out, in pieces of a size that a disk reads at once."""

    block_size = 256 * 1024


def download(request: HttpRequest, stored: StoredFile, *, name: str, inline: bool = False) -> HttpResponse:
    """Hand out a kept file so that no browser runs anything in it; a page that says so, where it cannot be had."""
    try:
        kept = opened(stored)
    except FileNotFoundError:
        is_erased = hasattr(stored, "erased")
        if not is_erased:
            LOG.exception("The kept file %s is missing.", name_of(stored))
        return render(request, "file_missing.html", {"is_erased": is_erased}, status=404)
    except OSError:
        LOG.exception("The kept file %s cannot be read.", name_of(stored))
        return render(request, "file_away.html", status=503)
    answer = InertFile(kept, as_attachment=not inline, filename=name, content_type=stored.media_type)
    if not kept.seekable():
        answer["Content-Length"] = kept.size
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer
