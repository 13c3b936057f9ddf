"""A person's own calendar address: made, shown once, revoked; and the calendar behind it, after RFC 5545.

The address holds a secret of 256 bits, and only its hash is kept. What stands behind it is what its person may see; the
titles of restricted items never leave the application this way, since a calendar may be copied to other servers.
"""

import datetime as dt
import hashlib
import secrets
from collections.abc import Iterable, Iterator

from django.db import transaction

from governance.models import AgendaItem, CalendarFeed, Meeting
from jcb import dates
from jcb.models import BoardSettings, Person

PRODUCT = "-//Joint Commissioning Board//Board calendar//EN"
DOMAIN = "joint-commissioning-board"
KEPT = dt.timedelta(days=366)
LINE_OCTETS = 75


def _sha256(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


@transaction.atomic
def make_address(*, by: Person) -> str:
    """Make a person a new calendar address and return its secret, which is not kept. Effects: the former one is revoked."""
    Person.objects.select_for_update().get(pk=by.pk)
    revoke_address(by=by)
    secret = secrets.token_urlsafe(32)
    CalendarFeed.objects.create(person=by, secret_sha256=_sha256(secret))
    return secret


@transaction.atomic
def revoke_address(*, by: Person) -> bool:
    """Let a person's calendar address lead nowhere; False where there was none in use."""
    feed = CalendarFeed.objects.select_for_update().filter(person=by, revoked_at=None).first()
    if feed is None:
        return False
    feed.revoked_at = dates.now()
    feed.version += 1
    feed.save()
    return True


def person_behind(secret: str) -> Person | None:
    """Whose calendar a secret opens: one query, whether it is unknown, revoked, or its person may not sign in."""
    rows = CalendarFeed.objects.filter(secret_sha256=_sha256(secret), revoked_at=None, person__is_active=True)
    feed = rows.select_related("person").first()
    return feed.person if feed else None


def calendar_text(person: Person, *, site: str, now: dt.datetime) -> str:
    """The calendar that a person may see, as text; `site` is the address of the application without a slash."""
    rows = Meeting.objects.visible_to(person).filter(starts_at__gte=now - KEPT).select_related("terms", "moved_to")
    meetings = list(rows.order_by("starts_at"))
    agendas = _agendas(person, meetings)
    name = BoardSettings.current().board_name
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODUCT}", "CALSCALE:GREGORIAN", "METHOD:PUBLISH"]
    lines += [f"X-WR-CALNAME:{escaped(name)}", "REFRESH-INTERVAL;VALUE=DURATION:PT6H", "X-PUBLISHED-TTL:PT6H"]
    for meeting in meetings:
        lines += _events(meeting, agendas.get(meeting.pk, []), name=name, site=site, now=now)
    lines.append("END:VCALENDAR")
    return "".join(f"{folded(line)}\r\n" for line in lines)


def _agendas(person: Person, meetings: list[Meeting]) -> dict[int, list[str]]:
    """The titles on published agendas that the person may see and that may be read anywhere."""
    published = [
        m.pk for m in meetings if m.state in {Meeting.State.PUBLISHED, Meeting.State.HELD, Meeting.State.AGREED}
    ]
    items = AgendaItem.objects.visible_to(person).filter(meeting__in=published, restricted=False, withdrawn_because="")
    found: dict[int, list[str]] = {}
    for item in items.in_order():
        label = f"{item.number}{item.suffix}. " if item.number else ""
        found.setdefault(item.meeting_id, []).append(f"{label}{item.title}")
    return found


def _events(meeting: Meeting, agenda: list[str], *, name: str, site: str, now: dt.datetime) -> Iterator[str]:
    """The event of a meeting, and a second one for the day on which an adjourned meeting goes on."""
    yield from _event(meeting, agenda, meeting.starts_at, "", name=name, site=site, now=now)
    if meeting.resumes_at:
        yield from _event(meeting, agenda, meeting.resumes_at, "-resumed", name=name, site=site, now=now)


def _event(meeting, agenda, starts_at, part, *, name, site, now) -> Iterable[str]:
    cancelled = meeting.state == Meeting.State.CANCELLED
    summary = f"{name}, extraordinary meeting" if meeting.kind == Meeting.Kind.EXTRAORDINARY else name
    summary = f"Cancelled: {summary}" if cancelled else f"{summary}, continued" if part else summary
    return [
        "BEGIN:VEVENT",
        f"UID:{meeting.key}{part}@{DOMAIN}",
        f"DTSTAMP:{utc(now)}",
        f"DTSTART:{utc(starts_at)}",
        f"DTEND:{utc(starts_at + dt.timedelta(minutes=meeting.length_minutes))}",
        f"SEQUENCE:{meeting.sequence}",
        f"STATUS:{'CANCELLED' if cancelled else 'CONFIRMED'}",
        f"SUMMARY:{escaped(summary)}",
        f"LOCATION:{escaped(meeting.venue)}",
        f"DESCRIPTION:{escaped(_description(meeting, agenda))}",
        f"URL:{site}/meetings/{meeting.key}/",
        "END:VEVENT",
    ]


def _description(meeting: Meeting, agenda: list[str]) -> str:
    if meeting.state == Meeting.State.CANCELLED:
        to = meeting.moved_to
        return f"Passed on to the meeting of {dates.say_instant(to.starts_at)}." if to else "Cancelled."
    lines = [] if meeting.is_over else [f"Papers out {dates.say_instant(meeting.papers_due_at)}."]
    return "\n".join([*lines, *agenda])


def utc(instant: dt.datetime) -> str:
    """An instant as RFC 5545 writes it in UTC: 20200330T090000Z."""
    return f"{instant.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"


def escaped(text: str) -> str:
    """Text as RFC 5545 writes it: backslash, semicolon, comma and line ends escaped, other control characters left out."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    plain = "".join(c for c in plain if c in "\n\t" or (c >= " " and c != "\x7f"))
    return plain.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def folded(line: str) -> str:
    """A line in pieces of at most 75 octets; no character is broken, and each piece after the first begins with a space."""
    pieces, piece, size = [], "", 0
    for character in line:
        octets = len(character.encode())
        if size + octets > LINE_OCTETS:
            pieces.append(piece)
            piece, size = " ", 1
        piece += character
        size += octets
    return "\r\n".join([*pieces, piece])
