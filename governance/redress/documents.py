"""The letter to a family that explains why a recommendation is not followed, made from the record and filled in by hand."""

from dataclasses import dataclass

from django.template.loader import render_to_string

from governance.models import RedressCase, RedressRule
from governance.redress.operations import REPLY
from jcb import dates, pdf


@dataclass(frozen=True, slots=True)
class Letter:
    """What the letter says; the family's name and the reasons are written in outside this record."""

    commissioner: str
    reference: str
    decided: str
    accepted: str
    due: str
    copied_to: str
    further: str
    invented: bool


def letter(row: RedressCase) -> Letter:
    reply = RedressRule.objects.filter(key=REPLY).first()
    further = RedressRule.objects.filter(key="further-redress").first()
    return Letter(
        commissioner=row.partner.name if row.partner else "The commissioner",
        reference=row.reference,
        decided=dates.say_day(row.decided_on),
        accepted=RedressCase.Accepted(row.accepted).label.lower(),
        due=dates.say_day(row.reply_due_on) if row.reply_due_on else "",
        copied_to=reply.copied_to if reply else "",
        further=further.text if further else "",
        invented=row.invented,
    )


def letter_pdf(row: RedressCase) -> bytes:
    """The letter as PDF/UA, made when it is asked for and not kept. Raises pdf.PdfError."""
    return pdf.render_pdf(render_to_string("print/redress_letter.html", {"letter": letter(row)})).content
