"""What the pages about a pack show, made before a template sees it."""

import datetime as dt

from django.db.models import Count

from governance.meetings import calendar
from governance.models import Circulation, Meeting, Pack
from governance.packs import checklist, circulation
from governance.packs.audiences import audiences
from governance.packs.contents import as_if_published, changed_items, next_edition
from governance.packs.publish import planned
from jcb import dates
from jcb.models import Person


def pack_page(meeting: Meeting, now: dt.datetime) -> dict:
    """The checklist, who gets what, and what was published before."""
    with as_if_published(meeting):
        found = audiences(meeting)
    published = _published(meeting)
    pages = {row["pack"].audience: row["pack"].document.pages for row in reversed(published)}
    return {
        "meeting": meeting,
        "list": checklist.build(meeting, now),
        "audiences": [{"audience": each, "pages": pages.get(each.key)} for each in found],
        "people": len({person.pk for each in found for person in each.people}),
        "published": published,
        "follows": checklist.follows(meeting),
        "last_time": _last_time(meeting),
    }


def _published(meeting: Meeting) -> list[dict]:
    """Every published pack, latest first, with how many it was sent to."""
    rows = Pack.objects.filter(meeting=meeting).select_related("document", "by").defer("data")
    return [
        {
            "pack": pack,
            "at": dates.say_instant(pack.published_at),
            "lateness": calendar.say_lateness(meeting.papers_due_at, pack.published_at),
            "sent": pack.sent,
        }
        for pack in rows.annotate(sent=Count("circulations")).order_by("-pk")
    ]


def sent_page(pack: Pack) -> dict:
    """Who was sent a pack, where and when, and who is still to get it."""
    rows = Circulation.objects.filter(pack=pack).select_related("person").order_by("person__name")
    return {
        "pack": pack,
        "meeting": pack.meeting,
        "rows": [(row, dates.say_instant(row.sent_at)) for row in rows],
        "rest": circulation.not_sent(pack),
    }


def _last_time(meeting: Meeting) -> list[tuple[str, bool, str]]:
    """How the last two packs were circulated: (which meeting, whether in time, in words)."""
    rows = Pack.objects.filter(kind=Pack.Kind.PACK, number=1, meeting__starts_at__lt=meeting.starts_at).select_related(
        "meeting"
    )
    found = {}
    for pack in rows.order_by("-meeting__starts_at", "pk"):
        found.setdefault(pack.meeting_id, pack)
    return [
        (
            dates.say_weekday(pack.meeting.starts_at),
            calendar.is_in_time(pack.meeting.papers_due_at, pack.published_at),
            calendar.say_lateness(pack.meeting.papers_due_at, pack.published_at),
        )
        for pack in list(found.values())[:2]
    ]


def publish_page(meeting: Meeting, kind: str, now: dt.datetime) -> dict:
    """Who will receive what, and what follows from what is missing."""
    with as_if_published(meeting):
        edition = next_edition(meeting, kind=kind, at=now)
        plan = planned(meeting, kind=kind, at=now)
        new = changed_items(meeting, now) if meeting.packs.exists() else set()
    state = checklist.build(meeting, now)
    return {
        "meeting": meeting,
        "edition": edition,
        "plan": [
            {
                "audience": audience,
                "items": [f"{item.row.label} {item.row.title}" for item in data.items],
                "changes": data.changes,
                "papers": sum(paper.printed for item in data.items for paper in item.papers),
            }
            for audience, data in plan
        ],
        "people": len({person.pk for audience, _ in plan for person in audience.people}),
        "missing": state.missing,
        "blocking": state.blocking,
        "follows": checklist.follows(meeting) if kind == Pack.Kind.PACK else f"supplement {edition.number + 1}",
        "lateness": calendar.say_lateness(meeting.papers_due_at, now),
        "in_time": calendar.is_in_time(meeting.papers_due_at, now),
        "due": dates.say_instant(meeting.papers_due_at),
        "anything_new": bool(new),
    }


def reading_page(meeting: Meeting, person: Person) -> dict | None:
    """A pack to read on a screen, as it was published for this reader, with its supplements; None where there is none."""
    pack, supplements = circulation.for_person(meeting, person)
    if pack is None and not supplements:
        return None
    parts = [_part(each) for each in [pack, *supplements] if each is not None]
    return {
        "meeting": meeting,
        "parts": parts,
        "main": parts[0],
        "more": parts[1:],
        "starts": dates.say_instant(meeting.starts_at),
    }


def _part(pack: Pack) -> dict:
    """A published pack for the reading view. Its items know where they stand: "7.1 to 7.3"."""
    data = pack.data
    places = data["places"]
    prefix = f"supplement-{pack.number}-" if pack.kind == Pack.Kind.SUPPLEMENT else ""
    items = []
    for item in data["items"]:
        papers = [paper | {"span": places.get(f"{paper['key']}-pages", {}).get("span", "")} for paper in item["papers"]]
        items.append(
            item
            | {
                "id": f"{prefix}{item['row']['anchor']}",
                "span": places[item["row"]["anchor"]]["span"],
                "page": places[item["row"]["anchor"]]["page"],
                "papers": papers,
            }
        )
    return {
        "pack": pack,
        "data": data,
        "prefix": prefix,
        "items": items,
        "decide": [item for item in items if item["row"]["purpose"] == "decide" and not item["row"]["withdrawn"]],
        "at": dates.say_instant(pack.published_at),
        "circulated": f"Circulated {data['circulated'][:1].lower()}{data['circulated'][1:]}.",
    }
