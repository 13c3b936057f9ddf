"""Packs are sent round: a notice to each person first, their e-mail after it, and a row for each that went out.

The e-mail itself says time, place and the decisions wanted, of unrestricted items only: it passes through mailboxes that
others may read. Who opened it is not kept.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django_tasks import task

from governance.meetings.operations import people_concerned
from governance.models import Action, AgendaItem, Circulation, Meeting, Pack
from governance.packs.contents import MINUTES
from jcb import access, background, dates, files, notices
from jcb.models import BoardSettings, Notice, Person

RULE = notices.PACK
MAY_NOT = "Only the secretariat sends packs."
AGREE_MINUTES = "Agree the minutes of the last meeting."


@dataclass(frozen=True, slots=True)
class Wanted:
    """A decision that is wanted at a meeting: the item, and its recommendations."""

    label: str
    title: str
    recommendations: Sequence[str]


@dataclass(frozen=True, slots=True)
class Letter:
    """What an e-mail says of a pack to one person."""

    subject: str
    board: str
    lead: str
    when: str
    hours: str
    venue: str
    words: str
    changes: tuple[str, ...]
    wanted: tuple[Wanted, ...]
    own: tuple[str, ...]
    actions: tuple[str, ...]
    unnamed: bool
    read: str
    download: str


def letter(pack: Pack, person: Person, site: str) -> Letter:
    """What is said of a pack to a person, from what was published. The clerk's words are left out where all that came is
    restricted: they are about that."""
    data = pack.data
    items = [item for item in data["items"] if not item["row"]["restricted"] and not item["row"]["withdrawn"]]
    presented = set(
        AgendaItem.objects.filter(pk__in=[item["pk"] for item in items], presenter=person).values_list("pk", flat=True)
    )
    day = dates.say_day(pack.meeting.starts_at)
    name = f"Supplement {pack.number} to the pack" if pack.kind == Pack.Kind.SUPPLEMENT else "Pack"
    if pack.kind == Pack.Kind.PACK and pack.number > 1:
        name = f"Pack, version {pack.number},"
    read = reverse("governance:pack_read", args=[pack.meeting.key])
    download = reverse("governance:pack_pdf", args=[pack.meeting.key, pack.pk])
    return Letter(
        subject=f"{name} for {day}",
        board=BoardSettings.current().board_name,
        lead=f"The {name[:1].lower()}{name[1:].rstrip(',')} for the meeting of {day} is published.",
        when=data["when"],
        hours=data["hours"],
        venue=data["venue"],
        words=data["words"] if items else "",
        changes=tuple(change["words"] for change in data["changes"] if not change["restricted"]),
        wanted=tuple(
            Wanted(item["row"]["label"], item["row"]["title"], _asked_for(item))
            for item in items
            if item["row"]["purpose"] == AgendaItem.Purpose.DECIDE
        ),
        actions=tuple(
            f"{action.ref} {action.text} Due {dates.say_day(action.due_on)}" for action in _actions_of(person)
        ),
        own=tuple(f"{item['row']['label']} {item['row']['title']}" for item in items if item["pk"] in presented),
        unnamed=any(item["row"]["restricted"] for item in data["items"]),
        read=f"{site}{read}",
        download=f"{site}{download}",
    )


def _asked_for(item: dict) -> Sequence[str]:
    """What the Board is asked for in an item of a published pack."""
    if item["sheet"] and item["sheet"]["recommendations"]:
        return item["sheet"]["recommendations"]
    return (AGREE_MINUTES,) if item["brings"] == MINUTES else ()


def _actions_of(person: Person) -> list[Action]:
    """What a person still has to do, but for what comes from a restricted item: that is named in no e-mail."""
    open_ones = Action.objects.carried().filter(owner=person).exclude(item__restricted=True)
    return list(open_ones.order_by("due_on", "series", "number"))


def tell_of(pack: Pack, people: Iterable[Person], *, site: str, already_sent: bool = False) -> list[Notice]:
    """Write down that a pack goes to people, in the present transaction; `already_sent` by other means, no e-mail goes.

    Effects: a notice for each who may sign in and has none; after the transaction, their e-mails in the background.
    """
    made = []
    for person in people:
        if not person.is_active:
            continue
        said = letter(pack, person, site)
        notice, is_new = Notice.objects.get_or_create(
            rule=RULE,
            object_key=_key(pack),
            person=person,
            on=dates.london_day(pack.published_at),
            defaults={"subject": said.subject[:200], "text": render_to_string("email/pack.txt", {"letter": said})},
        )
        if is_new or _went_astray(notice, pack):
            made.append(notice)
    if already_sent:
        _record_as_sent(made)
    elif made:
        background.after_commit(send_packs, site=site)
    return made


def _record_as_sent(told: Iterable[Notice]) -> None:
    for notice in told:
        notice.sent_at = dates.now()
        notice.save(update_fields=["sent_at"])
        _sent(notice)


def _went_astray(notice: Notice, pack: Pack) -> bool:
    """Let a notice go again that was marked as sent, while no sending was recorded: the process ended in between."""
    if notice.sent_at is None or Circulation.objects.filter(pack=pack, person=notice.person_id).exists():
        return notice.sent_at is None
    notice.sent_at = None
    notice.save(update_fields=["sent_at"])
    return True


@transaction.atomic
def send_to_the_rest(*, pack: Pack, by: Person, site: str) -> list[Notice]:
    """Send a pack to everyone it is for who did not get it yet: people invited since, and those whose e-mail was refused.
    Effects: as `tell_of`. Raises PermissionDenied."""
    access.require(access.may_prepare_meetings(by), MAY_NOT)
    return tell_of(pack, not_sent(pack), site=site)


def recipients(pack: Pack) -> list[Person]:
    """Whom a published pack is for now: those concerned with the meeting who see its items and no larger pack of the same
    edition."""
    rows = Pack.objects.filter(meeting=pack.meeting_id, kind=pack.kind, number=pack.number)
    return [
        person
        for person in people_concerned(pack.meeting, pack.meeting.on).order_by("name", "pk")
        if largest(rows.visible_to(person)) == pack
    ]


def not_sent(pack: Pack) -> list[Person]:
    """Those a pack is for to whom it was not sent yet."""
    sent = set(Circulation.objects.filter(pack=pack).values_list("person", flat=True))
    return [person for person in recipients(pack) if person.pk not in sent]


def largest(packs: Iterable[Pack]) -> Pack | None:
    """Of packs, the latest version, and of its audiences the one that holds most."""
    return max(packs, key=lambda pack: (pack.number, len(pack.data.get("items", ())), -pack.pk), default=None)


def for_person(meeting: Meeting, person: Person) -> tuple[Pack | None, list[Pack]]:
    """The pack of a meeting that a person reads, and its supplements since, oldest first."""
    rows = Pack.objects.visible_to(person).filter(meeting=meeting).select_related("meeting", "document__file")
    pack = largest(rows.filter(kind=Pack.Kind.PACK))
    later = rows.filter(kind=Pack.Kind.SUPPLEMENT)
    if pack is not None:
        later = later.filter(pk__gt=pack.pk)
    by_number: dict[int, list[Pack]] = {}
    for each in later:
        by_number.setdefault(each.number, []).append(each)
    return pack, [largest(each) for _, each in sorted(by_number.items())]


@task()
def send_packs(site: str, tried: int = 0) -> int:
    """Send every e-mail about a pack that was not sent yet; returns how many went out.

    Effects: each notice is marked as sent before it goes, and each e-mail that went is recorded. One that the mail server
    refuses is tried again later; the others go out all the same.
    """
    waiting = Notice.objects.unsent().filter(rule=RULE)
    with background.tried_again(send_packs, tried, site=site):
        return notices.send(waiting, lambda notice: _message(notice, site), _sent)


def _message(notice: Notice, site: str) -> EmailMultiAlternatives:
    pack = _pack(notice)
    said = letter(pack, notice.person, site)
    message = EmailMultiAlternatives(notice.subject, notice.text, to=[notice.person.email])
    message.attach_alternative(render_to_string("email/pack.html", {"letter": said}), "text/html")
    if BoardSettings.current().attach_pack and not any(item["row"]["restricted"] for item in pack.data["items"]):
        message.attach(file_name(pack), files.content_of(pack.document.file), "application/pdf")
    return message


def _sent(notice: Notice) -> None:
    pack = _pack(notice)
    if not Circulation.objects.filter(pack=pack, person=notice.person).exists():
        Circulation(pack=pack, person=notice.person, address=notice.person.email, sent_at=notice.sent_at).save()


def file_name(pack: Pack) -> str:
    return f"{pack.kind}-{pack.meeting.key}-{pack.number}.pdf"


def _key(pack: Pack) -> str:
    return f"pack-{pack.pk}"


def _pack(notice: Notice) -> Pack:
    rows = Pack.objects.select_related("meeting", "document__file")
    return rows.get(pk=int(notice.object_key.rpartition("-")[2]))
