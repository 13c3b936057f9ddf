"""How a paper is taken in: what it is, the pages it becomes, and what was found in it. Nothing is written here.

    taken = take_in(content)       # or ValidationError with a sentence that says what to do
    taken.pages, taken.findings, taken.stops

A PDF, a Word document (.docx) or a spreadsheet (.xlsx), judged by content and not by name. Word and Excel become pages
by LibreOffice. Takes some seconds for these: not to be called within a database transaction. `check` is quick, and says
whether it will.
"""

import dataclasses

from django.core.exceptions import ValidationError

from governance.papers import office
from jcb import files
from jcb.findings import Finding, count
from jcb.office_look import look_at_office
from jcb.pdf_look import Look, Unfit, look_at

KINDS_IN_WORDS = "a PDF, a Word document (.docx) or a spreadsheet (.xlsx)"
PDF = "pdf"
MOST_PAGES = 300
LONGEST_SIDE = 2_400  # points; A1 is 2,384

OLD_OFFICE = (
    "This is an Office file of the old kind (.doc, .xls), or one that is locked with a password. "
    "Save it as .docx or .xlsx without a password, or as a PDF."
)
UNFIT = {
    "active": "The PDF carries a script, a form or another file inside. Print it to a new PDF and choose that.",
    "locked": "The PDF is locked with a password. Save a copy without one and choose that.",
    "broken": "The PDF is damaged and cannot be read. Save it again and choose the new copy.",
    "too large": "The PDF unpacks into something too large. Save a smaller copy, or give a link instead.",
}
NO_TAGS_FROM_EXCEL = (
    "Its pages have no tags, so a screen reader cannot read them in order. "
    "Ask the author to put the figures that matter into a table in Word."
)
WHAT_TO_ASK_FOR = (
    "Ask the author for the Word file, or for a PDF saved from it with “Document structure tags for accessibility” "
    "ticked (in Word: File, Save as, PDF, Options)."
)


@dataclasses.dataclass(frozen=True)
class TakenPaper:
    """A paper that was taken in: the original as it came, the PDF of its pages, and what was found in it.

    `pages` is the original itself where that is a PDF that can be used as it is.
    """

    original: bytes
    extension: str
    pages: bytes
    page_count: int
    is_tagged: bool
    findings: tuple[Finding, ...]

    @property
    def stops(self) -> bool:
        """Whether the paper stops until the clerk decides."""
        return any(finding.stops for finding in self.findings)

    @property
    def sentences(self) -> list[str]:
        """What was found, what stops the paper first."""
        return [finding.sentence for finding in sorted(self.findings, key=lambda finding: not finding.stops)]


def check(upload) -> tuple[bytes, str]:
    """What an upload is: its bytes, and "pdf", "docx" or "xlsx". Raises ValidationError with a sentence that says what to
    do about one that can be no paper, or that this machine cannot turn into pages. Nothing is converted yet."""
    content = files.read(upload)
    kind = _kind(content)
    if kind != PDF and not office.is_available():
        raise ValidationError(office.UNAVAILABLE)
    return content, kind


def _kind(content: bytes) -> str:
    if content.startswith(b"%PDF-"):
        return PDF
    if content.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        raise ValidationError(OLD_OFFICE)
    if not content.startswith(b"PK\x03\x04"):
        raise ValidationError(f"This kind of file cannot be a paper. Save it as {KINDS_IN_WORDS}.")
    return look_at_office(content)[0]


def take_in(content: bytes) -> TakenPaper:
    """Take in the bytes of a paper. Raises ValidationError with a sentence that says what to do."""
    if _kind(content) == PDF:
        look = _fit(content)
        return TakenPaper(content, PDF, look.mended or content, look.pages, look.is_tagged, tuple(_of_pdf(look)))
    extension, found = look_at_office(content)
    try:
        pages = office.pages_of(content, extension)
    except office.NotConverted as error:
        raise ValidationError(str(error)) from error
    look = _fit(pages)
    if not look.is_tagged:  # LibreOffice tags the pages of a spreadsheet from version 7.6 on
        found.append(Finding(NO_TAGS_FROM_EXCEL))
    if look.fonts_left_out:
        found.append(_fonts(look))
    return TakenPaper(content, extension, look.mended or pages, look.pages, look.is_tagged, tuple(found))


def _fit(content: bytes) -> Look:
    """Look at a PDF and refuse what cannot be part of a pack."""
    try:
        look = look_at(content)
    except Unfit as unfit:
        raise ValidationError(UNFIT[unfit.reason]) from unfit
    if look.is_secured:
        raise ValidationError(
            "The PDF has security settings that forbid changes. Save a copy without them and choose that."
        )
    if look.is_damaged:
        raise ValidationError(UNFIT["broken"])
    if look.fields:
        raise ValidationError("The PDF has fields to fill in. Print it to a new PDF and choose that.")
    if not look.pages:
        raise ValidationError("The PDF has no pages. Save it again and choose the new copy.")
    if look.pages > MOST_PAGES:
        raise ValidationError(
            f"The paper has {look.pages:,} pages, and a paper may have {MOST_PAGES}. "
            "Hand in the part that the Board needs, or a summary with a link. In Excel, set the area to print."
        )
    if look.longest_side > LONGEST_SIDE:
        raise ValidationError("The paper has a page larger than A1. Scale it to A3 or smaller and choose that.")
    return look


def _of_pdf(look: Look) -> list[Finding]:
    findings = []
    if look.comments:
        findings.append(
            Finding(
                f"It has {count(look.comments, 'comment or mark', 'comments or marks')} on its pages, which are left out "
                "of the pack. Ask the author for a copy without them.",
                stops=True,
            )
        )
    if look.hidden_layers:
        findings.append(
            Finding(
                f"It has {count(look.hidden_layers, 'hidden layer')}. Ask the author for a copy without "
                f"{'it' if look.hidden_layers == 1 else 'them'}.",
                stops=True,
            )
        )
    if len(look.pictures) == look.pages:
        findings.append(
            Finding(
                "It is a scan: its pages are pictures, which nobody can search and no screen reader can read. "
                "Ask the author for the file that it was printed from."
            )
        )
    elif not look.is_tagged:
        findings.append(Finding(f"It has no tags, so a screen reader cannot read it in order. {WHAT_TO_ASK_FOR}"))
    elif look.pictures:
        shown = ", ".join(str(page) for page in look.pictures[:8]) + (" and others" if len(look.pictures) > 8 else "")
        which = f"Pages {shown} have" if len(look.pictures) > 1 else f"Page {shown} has"
        findings.append(
            Finding(f"{which} no text that a screen reader could read. Ask the author for words instead of pictures.")
        )
    if look.fonts_left_out:
        findings.append(_fonts(look))
    return findings


def _fonts(look: Look) -> Finding:
    names = ", ".join(look.fonts_left_out[:4])
    return Finding(
        f"It does not bring along all its fonts ({names}), so it may look different elsewhere. "
        "Ask the author to embed them when saving the PDF."
    )
