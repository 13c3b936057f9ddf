"""Packs are built as drafts as often as wanted, and published once: old or new, never half.

A pack is drawn and its file kept first, which takes seconds and changes nothing that anybody sees. Then everything else
is written in one transaction: the numbers, a row for each audience with what is in it, and the meeting's state. Within it
the data is read once more: were it not what was drawn, nothing would be written, and the packs would be drawn again.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django_tasks import task

from governance.agendas.operations import freeze_numbers
from governance.models import Meeting, Pack, PackContent, PaperVersion
from governance.packs import circulation
from governance.packs.audiences import Audience, audiences
from governance.packs.build import BuiltPack, draw
from governance.packs.contents import Edition, PackData, as_if_published, build, changed_items, next_edition
from governance.packs.frozen import frozen
from governance.packs.merge import MergeFailed
from jcb import access, dates, files, outages
from jcb.history import attributed_to, refuse
from jcb.models import Document, Person, StoredFile
from jcb.pdf import PdfError

MAY_NOT = "Only the secretariat publishes packs."
OVER = "This meeting is {state}, so no pack is published for it."
EMPTY = "There is nothing on the agenda yet. Put items on it first."
NOTHING_NEW = "Nothing is new since the last pack, so there is nothing to put into a supplement."
FIRST = "Publish the pack first. A supplement adds to it."
SAY = "Say what changed since the last version."
PUBLISHED = "Somebody else published meanwhile. Look at what was published before you publish again."
MOVING = "The agenda or its papers were changed again and again while the pack was made. Try again in a moment."
TRIES = 3


class Moved(Exception):
    """The record is not what the pages were drawn from."""


@dataclass(frozen=True, slots=True)
class Made:
    """A pack for one audience: the data, and what it became."""

    audience: Audience
    data: PackData
    built: BuiltPack
    stored: StoredFile


def planned(meeting: Meeting, *, kind: str, at: dt.datetime, words: str = "") -> list[tuple[Audience, PackData]]:
    """What would be published now, for whom. Call it within `as_if_published`, or once numbers are frozen."""
    edition = next_edition(meeting, kind=kind, at=at, words=words)
    only = changed_items(meeting, at) if edition.is_supplement else None
    return [(audience, build(meeting, audience, edition)) for audience in audiences(meeting, only)]


def publish(
    *,
    meeting: Meeting,
    by: Person,
    kind: str = Pack.Kind.PACK,
    number: int,
    words: str = "",
    site: str = "",
    already_sent: bool = False,
) -> list[Pack]:
    """Publish the pack of a meeting, its next version, or a supplement, and return a row for each audience.

    `number` is the version or supplement that the person means to publish: the second who wants the same finds it done.
    `words` say what changed, for everyone who gets it; `site` is the address of this service, for links in e-mail. One that was `already_sent` by other
    means is recorded so, and no e-mail goes.

    Effects: kept files, and then in one transaction: frozen numbers, one Document and Pack with its contents for each
    audience, the meeting's state, a notice to each person who gets it; e-mail after it. Takes seconds. Raises
    PermissionDenied, ValidationError, PdfError or MergeFailed with a sentence; nothing is published then.
    """
    access.require(access.may_prepare_meetings(by), MAY_NOT)
    words = words.strip()
    for _ in range(TRIES):
        at = dates.now()
        with as_if_published(meeting):
            meeting.refresh_from_db()
            _check(meeting, kind, number, words, at)
            plan = planned(meeting, kind=kind, at=at, words=words)
        if not plan:
            refuse(NOTHING_NEW if kind == Pack.Kind.SUPPLEMENT else EMPTY)
        made = [_make(audience, data, by) for audience, data in plan]
        edition = Edition(kind, number, at, words)
        try:
            return _record(meeting, by, edition, made, site, already_sent=already_sent)
        except Moved:
            continue
        except IntegrityError:
            refuse(PUBLISHED)
    raise ValidationError(MOVING)


def _check(meeting: Meeting, kind: str, number: int, words: str, at: dt.datetime) -> None:
    if _is_over(meeting, at):
        refuse(OVER.format(state=meeting.get_state_display().lower()))
    coming = next_edition(meeting, kind=kind, at=at)
    if coming.number != number:
        refuse(PUBLISHED)
    if coming.is_supplement and not meeting.packs.exists():
        refuse(FIRST)
    if not coming.is_supplement and number > 1 and not words:
        refuse(SAY, "words")


def _is_over(meeting: Meeting, at: dt.datetime) -> bool:
    """Whether the meeting was over at an instant: one that is held later was not, where the clock is held in the past."""
    return meeting.state == Meeting.State.CANCELLED or (meeting.is_over and meeting.starts_at <= at)


def _make(audience: Audience, data: PackData, by: Person) -> Made:
    built = draw(data)
    return Made(audience, data, built, files.keep(built.content, extension="pdf", by=by))


@transaction.atomic
def _record(
    meeting: Meeting, by: Person, edition: Edition, made: Sequence[Made], site: str, *, already_sent: bool = False
) -> list[Pack]:
    """Write everything that makes a pack published, or raise and write nothing."""
    meeting = Meeting.objects.select_for_update().get(pk=meeting.pk)
    _check(meeting, edition.kind, edition.number, edition.words, edition.at)
    freeze_numbers(meeting)
    now = planned(meeting, kind=edition.kind, at=edition.at, words=edition.words)
    if [(audience.key, frozen(data)) for audience, data in now] != [
        (each.audience.key, frozen(each.data)) for each in made
    ]:
        raise Moved
    packs = [_record_pack(meeting, by, edition, each) for each in made]
    if meeting.state == Meeting.State.PLANNED:
        meeting.state = Meeting.State.PUBLISHED
        meeting.version += 1
        meeting.full_clean()
        meeting.save()
    for pack, each in zip(packs, made, strict=True):
        circulation.tell_of(pack, each.audience.people, site=site, already_sent=already_sent)
    return packs


def _record_pack(meeting: Meeting, by: Person, edition: Edition, made: Made) -> Pack:
    audience, built = made.audience, made.built
    subject = f"{meeting.key} {edition.kind} {edition.number}"
    earlier = Pack.objects.filter(meeting=meeting, kind=edition.kind, audience=audience.key).order_by("-pk").first()
    document = Document(
        kind="pack",
        subject=subject,
        audience=audience.key,
        as_at=dates.london_day(edition.at),
        data_sha256=built.fingerprint,
        file=made.stored,
        pages=built.pages,
        what_changed=_what_changed(edition, made.data),
        replaces=earlier.document if earlier else None,
        made_at=edition.at,
    )
    document.save(force_insert=True)
    pack = Pack(
        meeting=meeting,
        kind=edition.kind,
        number=edition.number,
        audience=audience.key,
        audience_in_words=audience.words,
        document=document,
        what_changed=_what_changed(edition, made.data),
        data=built.data,
        published_at=edition.at,
        by=by,
    )
    pack.full_clean(exclude=["document", "data"], validate_constraints=False)
    pack.save(force_insert=True)
    for item in made.data.items:
        place = built.places[item.row.anchor]
        printed = [paper for paper in item.papers if paper.printed and paper.key not in built.problems]
        for paper in printed or [None]:
            at = built.places[f"{paper.key}-pages"] if paper else place
            version = PaperVersion.objects.get(pk=paper.version_pk) if paper else None
            PackContent(
                pack=pack, item_id=item.pk, label=item.row.label, paper_version=version, first_page=at.page
            ).save(force_insert=True)
    return pack


def _what_changed(edition: Edition, data: PackData) -> str:
    """The clerk's words and the sentences of this audience; empty for the first version."""
    if not edition.is_supplement and edition.number == 1:
        return ""
    said = [edition.words, *(change.words for change in data.changes)]
    return "\n".join(filter(None, said)) or "Of the items in this pack, none is changed."


# In the background ----------------------------------------------------------------------------------------------------


@task()
@outages.told
def publish_pack(meeting: str, by: int, kind: str, number: int, words: str, site: str, asked: str) -> dict:
    """Publish in the background. Returns {"packs": how many} or {"problem": a sentence}. `asked` tells one press of the
    button from the next."""
    person = Person.objects.get(pk=by)
    row = Meeting.objects.get(key=meeting)
    try:
        with attributed_to(person):
            made = publish(meeting=row, by=person, kind=kind, number=number, words=words, site=site)
    except ValidationError as problem:
        return {"problem": " ".join(problem.messages)}
    except (PdfError, MergeFailed) as problem:
        return {"problem": str(problem)}
    return {"packs": len(made)}


@task()
@outages.told
def build_draft(meeting: str, by: int, kind: str, asked: str) -> dict:
    """Build drafts in the background, one for each audience: nothing is published. Returns {"drafts": [{"words", "file",
    "pages", "problems"}]} or {"problem": a sentence}. Effects: a kept file for each."""
    person = Person.objects.get(pk=by)
    row = Meeting.objects.get(key=meeting)
    with as_if_published(row):
        plan = planned(row, kind=kind, at=dates.now())
    if not plan:
        return {"problem": NOTHING_NEW if kind == Pack.Kind.SUPPLEMENT else EMPTY}
    try:
        made = [_make(audience, data, person) for audience, data in plan]
    except (PdfError, MergeFailed) as problem:
        return {"problem": str(problem)}
    return {
        "drafts": [
            {
                "words": each.audience.words,
                "people": len(each.audience.people),
                "file": each.stored.pk,
                "pages": each.built.pages,
                "problems": list(each.built.problems.values()),
            }
            for each in made
        ]
    }
