"""Where kept files lie: `STORAGES["kept"]`, a folder of this machine unless a bucket is named (`jcb/file_bucket.py`).

Either store is one of Django's. A file's name is the SHA-256 of its bytes, so what is there is never written again, and
none has an address that a browser could ask for. What fails is an OSError: FileNotFoundError where a file is not there.
Besides `save`, `open` and `exists` both know

    at_hand(name, folder)   the file as one of this machine's disk, copied into the folder where it is not
    check()                 raises OSError where nothing can be kept now
    is_empty()              whether nothing is kept yet
    place                   what to call it in a sentence
"""

import errno
import os
import tempfile
from pathlib import Path

from django.conf import settings
from django.core.files import File
from django.core.files.storage import FileSystemStorage


class NamedByHash:
    """The names and addresses of either store."""

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """The name itself: what bears it already is the same."""
        return name

    def url(self, name: str, *args, **kwargs) -> str:
        raise ValueError("Kept files have no address. Hand them out by jcb.files.download.")


class InFolder(NamedByHash, FileSystemStorage):
    """Files in the folder `FILES_ROOT`, on the disk before their row is written."""

    @property
    def location(self) -> str:
        return os.path.abspath(settings.FILES_ROOT)

    @property
    def place(self) -> str:
        return f"FILES_ROOT, {settings.FILES_ROOT},"

    def at_hand(self, name: str, folder: Path) -> Path:
        path = Path(self.path(name))
        if not path.is_file():
            raise FileNotFoundError(errno.ENOENT, "is not in the folder of kept files", name)
        return path

    def check(self) -> None:
        settings.FILES_ROOT.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=settings.FILES_ROOT) as trial:
            trial.write(b"Can be written.")

    def is_empty(self) -> bool:
        root = settings.FILES_ROOT
        return not root.exists() or (root.is_dir() and not any(root.iterdir()))

    def _save(self, name: str, content: File) -> str:
        path = Path(self.path(name))
        if not path.exists():
            _write(content, path)
        return name

    def _open(self, name: str, mode: str = "rb"):
        """The file of the disk itself: a web server hands it to the kernel."""
        return open(self.path(name), mode)


def _write(content: File, path: Path) -> None:
    """Have a whole file under its name, or none: a disk may be full half-way through."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, half = tempfile.mkstemp(dir=path.parent)
    try:
        with open(handle, "wb") as out:
            for piece in content.chunks():
                out.write(piece)
            out.flush()
            os.fsync(out.fileno())
        os.replace(half, path)
    except BaseException:
        os.unlink(half)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the name lasts too
    finally:
        os.close(folder)
