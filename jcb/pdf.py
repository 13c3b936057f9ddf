"""Pages from HTML, the only place that asks for a PDF.

    rendered = render_pdf(render_to_string("print/plan.html", data))
    rendered.content, rendered.pages, rendered.anchors

The file is PDF/UA-1: tagged, titled, with bookmarks; the same HTML gives the same bytes. The work is done by
`jcb.pdf_worker` in a child process that has no network, no secrets, and limits on time and memory, so that no document
can hold up or take down the site. WeasyPrint needs Pango, a library of the system; it is loaded there only (`jcb.warm`
has it loaded for the next document), and the site works without it.
"""

import dataclasses
import functools
import json
import logging
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from django.conf import settings
from django.db import connections, transaction

from jcb import walled, warm

LOG = logging.getLogger(__name__)
LONGEST = 5_000_000  # characters of HTML; a plan of 45 pages has some 300,000

UNAVAILABLE = (
    "PDF files cannot be made on this machine yet: a library (Pango) or the typeface for print is missing. "
    "Running “make setup” puts both in place, or says what to install."
)
REFUSALS = {
    "title": "The document has no title.",
    "language": "The document does not say what language it is in.",
    "characters": "The document holds characters that cannot be printed.",
}
FAILURES = {
    "memory": "The document needs more memory than one document may have.",
    "depth": "The document is nested too deeply to be laid out.",
    "broken": "The document could not be laid out.",
    "stopped": "The document needed more memory or time than one document may have, and was stopped.",
}

# The typefaces that may be used are these and no others, so that a document does not change with the machine:
# Source Sans 3, and DejaVu (which Debian installs with Pango) for what Source Sans lacks.
TYPEFACE = ("SourceSans3-Regular.ttf", "SourceSans3-It.ttf", "SourceSans3-Semibold.ttf", "SourceSans3-Bold.ttf")
FONT_FOLDERS = ("/usr/share/fonts/truetype/dejavu", "/usr/share/fonts/dejavu-sans-fonts")
FONTCONFIG = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>{folders}<cachedir prefix="xdg">fontconfig</cachedir></fontconfig>
"""


class PdfError(Exception):
    """There is no PDF, and the text of the error is a plain sentence that says why."""


class RenderRefused(PdfError):
    """It was not tried: the document breaks a rule, or this machine cannot make PDF files."""


class RenderFailed(PdfError):
    """It was tried and did not work out: too long, too large, or broken."""


@dataclasses.dataclass(frozen=True)
class RenderedPdf:
    """A finished PDF.

    `content` is the file, `pages` the number of its pages, `anchors` says on which page (from 1) each HTML `id` stands
    first, for a table of contents that is written before other papers are put in between.
    """

    content: bytes
    pages: int
    anchors: Mapping[str, int]


def render_pdf(html: str, *, tagged: bool = True) -> RenderedPdf:
    """Turn one HTML document into one PDF.

    The HTML needs a `<title>` and a `lang`; it links to its stylesheet as `asset:print.css` and can name each picture
    in `static/print/img/` as `asset:NAME.svg`. Nothing else is ever fetched: other addresses are refused and logged,
    and the page is made without them. `tagged=False` makes a plain PDF, to compare speeds.

    Takes at most `settings.PDF_SECONDS` (60) and `settings.PDF_MEMORY_MB` (1,024) of memory. Writes nothing.

    Raises RenderRefused or RenderFailed with a sentence for the reader, and RuntimeError when called inside a database
    transaction: a render takes seconds, in which nobody else could save.
    """
    insist_on_no_transaction()
    if len(html) > LONGEST:
        raise RenderRefused(f"The document is too long: {len(html):,} characters of HTML, and {LONGEST:,} are allowed.")
    if not typeface_is_there():
        raise RenderRefused(UNAVAILABLE)
    with tempfile.TemporaryDirectory(prefix="jcb-pdf-") as name:
        folder = Path(name)
        (folder / "document.html").write_text(html, encoding="utf-8", errors="replace")
        (folder / "request.json").write_text(
            json.dumps(
                {
                    "memory_mb": settings.PDF_MEMORY_MB,
                    "seconds": settings.PDF_SECONDS,
                    "tagged": tagged,
                    "assets": {asset: str(path) for asset, path in assets().items()},
                }
            )
        )
        _run(folder)
        return _read_answer(folder)


def is_available() -> bool:
    """Whether this machine can make PDF files; where not, show `UNAVAILABLE`. Takes half a second, once."""
    try:
        return typeface_is_there() and _pango_loads()
    except subprocess.TimeoutExpired:
        return False  # a machine too busy to say is asked again the next time


def typeface_is_there() -> bool:
    """Whether set-up has put the typeface for print in its folder."""
    return all((_typeface_folder() / name).is_file() for name in TYPEFACE)


@functools.cache
def assets() -> dict[str, Path]:
    """Everything that a document may name as `asset:NAME`, and where it lies."""
    folder = settings.BASE_DIR / "static" / "print"
    pictures = {path.name: path for path in sorted((folder / "img").glob("*.svg"))}
    typeface = {name: _typeface_folder() / name for name in TYPEFACE}
    return {"print.css": folder / "print.css"} | pictures | typeface


def _typeface_folder() -> Path:
    return settings.BASE_DIR / "var" / "frontend" / "fonts"


@functools.cache
def _pango_loads() -> bool:
    command = [sys.executable, "-c", "import weasyprint"]
    done = subprocess.run(command, capture_output=True, timeout=settings.PDF_SECONDS)  # noqa: S603 -- our own words
    return done.returncode == 0


def insist_on_no_transaction() -> None:
    """Raises RuntimeError inside a database transaction: work of seconds, in which nobody else could save."""
    for connection in connections.all(initialized_only=True):
        if connection.in_atomic_block:
            # Raises RuntimeError, except in the transaction that a test case puts around everything.
            with transaction.atomic(using=connection.alias, durable=True):
                pass


def _run(folder: Path) -> None:
    """Let the child answer the request in the folder."""
    (folder / "fonts.conf").write_text(
        FONTCONFIG.format(folders="".join(f"<dir>{each}</dir>" for each in FONT_FOLDERS))
    )
    environment = {
        "FONTCONFIG_FILE": str(folder / "fonts.conf"),
        "XDG_CACHE_HOME": str(settings.BASE_DIR / "var" / "cache"),
    }
    try:
        status = warm.run("jcb.pdf_worker", folder=folder, seconds=settings.PDF_SECONDS, environment=environment)
    except walled.TookTooLong as error:
        limit = "1 second" if settings.PDF_SECONDS == 1 else f"{settings.PDF_SECONDS} seconds"
        raise RenderFailed(f"The document was not ready after {limit}, and was stopped.") from error
    if status:
        LOG.warning("The PDF worker ended with %s: %s", status, walled.said(folder))


def _read_answer(folder: Path) -> RenderedPdf:
    if not (folder / "answer.json").is_file():
        if not is_available():
            raise RenderRefused(UNAVAILABLE)
        raise RenderFailed(FAILURES["stopped"])
    answer = json.loads((folder / "answer.json").read_text())
    for remark in answer["remarks"]:
        LOG.warning("In the making of a PDF: %s", remark)
    if "refusal" in answer:
        raise RenderRefused(REFUSALS[answer["refusal"]])
    if "failure" in answer:
        raise RenderFailed(FAILURES[answer["failure"]])
    return RenderedPdf((folder / "document.pdf").read_bytes(), answer["pages"], answer["anchors"])
