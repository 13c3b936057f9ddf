"""Pages from Word and Excel papers, by LibreOffice: the only place that starts it.

    pages = pages_of(content, "docx")      # the bytes of a tagged PDF

LibreOffice works behind the wall of `jcb.walled`: without a network, with limits of time and memory, in a folder and
with a profile of its own that are removed afterwards. Macros and links to other files are switched off in that profile.
"""

import json
import logging
import shutil
import tempfile
from pathlib import Path

from django.conf import settings

from jcb import walled
from jcb.pdf import insist_on_no_transaction

LOG = logging.getLogger(__name__)

UNAVAILABLE = (
    "Word and Excel papers cannot be turned into pages on this machine. Save the paper as a PDF "
    "(in Word or Excel: File, Save as, PDF) and choose that."
)
TOO_LONG = "The paper was not turned into pages within {seconds} seconds, and that was stopped. Save it as a PDF (in Word or Excel: File, Save as, PDF) and choose that."
FAILED = (
    "The paper could not be turned into pages. Save it as a PDF (in Word or Excel: File, Save as, PDF) and choose that."
)

FILTERS = {"docx": "writer_pdf_Export", "xlsx": "calc_pdf_Export"}
OPTIONS = {
    "UseTaggedPDF": True,
    "PDFUACompliance": True,
    "ExportBookmarks": True,
    "ExportNotes": False,  # comments are found and told; on the pages they have no place
    "ExportNotesInMargin": False,
    "ExportFormFields": False,
    "EmbedStandardFonts": True,
    "UseLosslessCompression": False,
    "Quality": 90,
    "ReduceImageResolution": True,
    "MaxImageResolution": 300,
}
# Nothing in a paper runs, and nothing is fetched: not macros, not links to other documents, not pictures elsewhere.
PROFILE = {
    "/org.openoffice.Office.Common/Security/Scripting": {
        "DisableMacrosExecution": ("boolean", "true"),
        "MacroSecurityLevel": ("int", "3"),
        "DisableActiveContent": ("boolean", "true"),
        "BlockUntrustedRefererLinks": ("boolean", "true"),
    },
    "/org.openoffice.Office.Writer/Content/Update": {"Link": ("int", "0")},
    "/org.openoffice.Office.Calc/Content/Update": {"Link": ("int", "2")},
    "/org.openoffice.Office.Common/Misc": {"FirstRun": ("boolean", "false")},
    "/org.openoffice.Setup/Office": {"ooSetupInstCompleted": ("boolean", "true")},
}
ITEM = '<item oor:path="{path}"><prop oor:name="{name}" oor:op="fuse" oor:type="xs:{kind}"><value>{value}</value></prop></item>'
REGISTRY = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<oor:items xmlns:oor="http://openoffice.org/2001/registry" '
    'xmlns:xs="http://www.w3.org/2001/XMLSchema">\n{items}\n</oor:items>\n'
)


class NotConverted(Exception):
    """There are no pages, and the text of the error is a plain sentence that says what to do."""


def is_available() -> bool:
    """Whether this machine can turn Word and Excel papers into pages; where not, show `UNAVAILABLE`."""
    return shutil.which("soffice") is not None and walled.can_shut_network()


def pages_of(content: bytes, kind: str) -> bytes:
    """Turn a .docx or .xlsx into a tagged PDF, as it would be printed. Takes at most `settings.OFFICE_SECONDS`.

    Raises NotConverted with a sentence, and RuntimeError inside a database transaction.
    """
    insist_on_no_transaction()
    if not is_available():
        raise NotConverted(UNAVAILABLE)
    with tempfile.TemporaryDirectory(prefix="jcb-office-") as name:
        folder = Path(name)
        paper = folder / f"paper.{kind}"
        paper.write_bytes(content)
        _write_profile(folder / "profile")
        try:
            status = walled.run(
                walled.command(
                    _soffice(folder, paper, kind), memory_mb=settings.OFFICE_MEMORY_MB, seconds=settings.OFFICE_SECONDS
                ),
                folder=folder,
                seconds=settings.OFFICE_SECONDS,
                environment={"XDG_CACHE_HOME": str(settings.BASE_DIR / "var" / "cache"), "SAL_USE_VCLPLUGIN": "svp"},
            )
        except walled.TookTooLong as error:
            raise NotConverted(TOO_LONG.format(seconds=settings.OFFICE_SECONDS)) from error
        made = folder / "out" / "paper.pdf"
        if status or not made.is_file():
            LOG.warning("LibreOffice ended with %s: %s", status, walled.said(folder))
            raise NotConverted(FAILED)
        return made.read_bytes()


def _soffice(folder: Path, paper: Path, kind: str) -> list[str]:
    options = {
        name: {"type": "boolean" if isinstance(value, bool) else "long", "value": str(value).lower()}
        for name, value in OPTIONS.items()
    }
    return [
        "soffice",
        f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        "--headless",
        "--norestore",
        "--nologo",
        "--nolockcheck",
        "--nodefault",
        "--convert-to",
        f"pdf:{FILTERS[kind]}:{json.dumps(options)}",
        "--outdir",
        str(folder / "out"),
        str(paper),
    ]


def _write_profile(folder: Path) -> None:
    items = [
        ITEM.format(path=path, name=name, kind=kind, value=value)
        for path, properties in PROFILE.items()
        for name, (kind, value) in properties.items()
    ]
    (folder / "user").mkdir(parents=True)
    (folder / "user" / "registrymodifications.xcu").write_text(REGISTRY.format(items="\n".join(items)))
