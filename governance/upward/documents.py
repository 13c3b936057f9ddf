"""The report upward as a page of paper, and what both the screen and the paper show of it."""

from dataclasses import dataclass

from django.template.loader import render_to_string

from governance.models import UpwardReport
from governance.packs.frozen import fingerprint, frozen
from governance.upward.draft import decisions
from jcb import dates, files, pdf
from jcb.models import BoardSettings, Document, Person

KIND = "upward report"


@dataclass(frozen=True, slots=True)
class Said:
    """What a report says, in words."""

    board: str
    body: str
    meeting: str
    for_meeting: str
    quorate: str
    parts: tuple[tuple[str, str], ...]
    decisions: tuple[tuple[str, str, str], ...]
    as_at: str
    invented: bool


def said(row: UpwardReport) -> Said:
    """The data of a report as it stands. Decisions on restricted items are not in it."""
    meeting = row.meeting
    quorate = "Whether there was a quorum is not recorded."
    if meeting.quorate is not None:
        quorate = "There was a quorum." if meeting.quorate else "There was no quorum: the Board only recommended."
    parts = (("Alert", row.alert), ("Advise", row.advise), ("Assure", row.assure))
    return Said(
        board=BoardSettings.current().board_name,
        body=row.body.name,
        meeting=f"{dates.say_weekday(meeting.starts_at)} {meeting.on.year}",
        for_meeting=dates.say_day(row.for_meeting.on) if row.for_meeting else "",
        quorate=quorate,
        parts=tuple((name, words or "Nothing.") for name, words in parts),
        decisions=tuple((each["ref"], each["text"], each["standing"]) for each in decisions(meeting)),
        as_at=dates.say_day(row.sent_at or dates.now()),
        invented=row.invented,
    )


def draw(data: Said) -> pdf.RenderedPdf:
    """The report as PDF/UA. Raises pdf.PdfError; call it outside a transaction."""
    return pdf.render_pdf(render_to_string("print/upward_report.html", {"report": data}))


def keep(row: UpwardReport, by: Person) -> Document:
    """The report as a document that is kept; the same data gives the same document."""
    data = said(row)
    digest, subject = fingerprint(frozen(data)), f"{row.body.key} {row.meeting.key}"
    same = {"kind": KIND, "subject": subject, "audience": "body", "data_sha256": digest}
    found = Document.objects.filter(**same).first()
    if found is not None:
        return found
    made = draw(data)
    return Document.objects.create(
        **same, as_at=dates.today(), file=files.keep(made.content, extension="pdf", by=by), pages=made.pages
    )
