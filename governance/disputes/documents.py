"""What is printed of a dispute: the letter of each referral, kept for good, and the file of the whole dispute, made anew for
whoever asks, from what that reader may see.
"""

import dataclasses
import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError
from django.template.loader import render_to_string
from django_tasks import task

from governance.disputes import pages
from governance.disputes.clocks import opens_after
from governance.models import Dispute, DisputeEvent
from jcb import dates, files, pdf
from jcb.history import attributed_to
from jcb.models import Document, Person

LETTER = "dispute letter"


@dataclass(frozen=True, slots=True)
class Letter:
    """A written referral, addressed to the office-holders of its rung and signed by name."""

    reference: str
    to: str
    on: str
    rung: str
    subject: str
    clause: str
    facts: Sequence[tuple[str, str]]
    words: str
    periods: Sequence[tuple[str, str]]
    following: str
    signed: str
    invented: bool


@dataclass(frozen=True, slots=True)
class DisputeFile:
    """Everything that one audience may read of a dispute, in order."""

    reference: str
    subject: str
    audience: str
    as_at: str
    headline: str
    facts: Sequence[tuple[str, str]]
    chronology: Sequence[tuple[str, str, str]]
    extensions: Sequence[tuple[str, str]]
    statements: Sequence[tuple[str, str]]
    outcome: str
    invented: bool


def letter_data(event: DisputeEvent) -> Letter:
    """What a referral's letter says, from its row."""
    dispute = event.dispute
    periods = [("Day 0: date of this referral", _day(event.on))]
    if event.due_on:
        days = (event.due_on - event.on).days
        periods.append((f"Day {days}: last day", _day(event.due_on)))
        periods.append((f"Day {days + 1}: the next rung opens, if it is not settled", _day(opens_after(event.due_on))))
    following = dispute.ladder.rungs.filter(order__gt=event.rung.order).order_by("order").first()
    standing = dispute.representations.filter(person=event.by).select_related("party__partner").first()
    whom = f" for {standing.party.partner}" if standing else ", secretariat"
    return Letter(
        reference=dispute.key,
        to=event.rung.who,
        on=dates.say_day(event.on),
        rung=f"{event.rung.order}, {event.rung.name}",
        subject=dispute.subject,
        clause=dispute.ladder.stands_in,
        facts=(("Parties", _parties(dispute)), ("About", dispute.about)),
        words=event.text,
        periods=tuple(periods),
        following=f"{following.name}: {following.who}" if following else "",
        signed=f"{event.by.name}{whom}, {dates.say_day(event.on)}",
        invented=dispute.invented,
    )


def find_letter(event: DisputeEvent) -> Document | None:
    """The letter of a referral as it was made; None before that."""
    return Document.objects.filter(kind=LETTER, subject=_subject(event)).select_related("file").order_by("pk").first()


def letters_made(dispute: Dispute) -> set[int]:
    """The numbers of the events whose letters were made."""
    made = Document.objects.filter(kind=LETTER, subject__startswith=f"{dispute.key} event ")
    return {int(subject.rpartition(" ")[2]) for subject in made.values_list("subject", flat=True)}


def make_letter(event: DisputeEvent, by: Person) -> Document:
    """The letter of a referral, made now if it was not before; it never changes afterwards.

    Effects: a kept file and one Document. Raises jcb.pdf.PdfError with a sentence; not to be called in a transaction.
    """
    if found := find_letter(event):
        return found
    data = letter_data(event)
    digest = _digest(data)
    made = pdf.render_pdf(render_to_string("print/referral_letter.html", {"letter": data, "fingerprint": digest}))
    kept = files.keep(made.content, extension="pdf", by=by)
    try:
        return Document.objects.create(
            kind=LETTER,
            subject=_subject(event),
            audience="parties",
            as_at=event.on,
            data_sha256=digest,
            file=kept,
            pages=made.pages,
        )
    except IntegrityError:  # somebody else made it meanwhile
        return find_letter(event)


@task()
def write_letter(event: int, by: int) -> int:
    """Make the letter of a referral in the background; returns the key of its document."""
    row = DisputeEvent.objects.select_related("dispute__ladder", "rung", "by").get(pk=event)
    person = Person.objects.get(pk=by)
    with attributed_to(person):
        return make_letter(row, person).pk


def file_data(dispute: Dispute, person: Person) -> DisputeFile:
    """What the file of a dispute holds for one reader."""
    page = pages.detail_page(dispute, person)
    own = pages.own_party(dispute, person)
    return DisputeFile(
        reference=dispute.key,
        subject=dispute.subject,
        audience=str(own.partner) if own else "Secretariat: steps, dates and released papers",
        as_at=dates.say_day(dates.today()),
        headline=page["headline"],
        facts=(
            ("Parties", _parties(dispute)),
            ("About", dispute.about),
            (
                "Ladder",
                f"{dispute.ladder}{f'. Chosen because: {dispute.ladder_because}' if dispute.ladder_because else ''}",
            ),
            *((f"For {party}", who) for party, who in page["people"]),
        ),
        chronology=tuple(
            (line.when.partition(";")[0], f"{line.title}{f' ({line.mark.lower()})' if line.mark else ''}", line.text)
            for line in reversed(page["log"])
        ),
        extensions=tuple(
            (
                f"Rung {row.rung.order}, until {dates.say_day(row.last_day)}",
                "; ".join(
                    f"{each.party.partner}, by {each.by}, {dates.say_day(each.at)}" for each in row.confirmations.all()
                ),
            )
            for row in dispute.extensions.select_related("rung").prefetch_related(
                "confirmations__party__partner", "confirmations__by"
            )
        ),
        statements=tuple((each.party, each.words) for each in page["statements"]),
        outcome=dispute.terms_of_resolution,
        invented=dispute.invented,
    )


def draw_file(dispute: Dispute, person: Person) -> bytes:
    """The file of a dispute as a PDF for one reader; not kept. Raises jcb.pdf.PdfError with a sentence."""
    data = file_data(dispute, person)
    html = render_to_string("print/dispute_file.html", {"file": data, "fingerprint": _digest(data)})
    return pdf.render_pdf(html).content


def _parties(dispute: Dispute) -> str:
    return "; ".join(party.partner.name for party in dispute.parties.select_related("partner"))


def _subject(event: DisputeEvent) -> str:
    return f"{event.dispute.key} event {event.number}"


def _digest(data) -> str:
    return hashlib.sha256(json.dumps(dataclasses.asdict(data), sort_keys=True).encode()).hexdigest()


def _day(day: dt.date) -> str:
    return f"{day:%A} {dates.say_day(day)}"
