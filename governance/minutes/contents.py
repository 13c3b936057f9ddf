"""What the minutes of a meeting say, as plain data: grown from its agenda, and frozen when they are agreed.

One dictionary serves the page, the PDF, the Word document and the pack:
`{meeting, title, hours, venue, chair, quorum, attendance, interests, items, others, next, invented}`, where each item is
`{pk, label, title, restricted, as_read, withdrawn, paragraphs, nothing, decisions, actions, odd}`. Whatever belongs to an
item carries its primary key, so that `for_reader` leaves out whole items and nothing else is needed.
"""

import re
from collections.abc import Collection, Iterable

from governance.agendas import build as agendas
from governance.decisions.pages import lines as decision_lines
from governance.models import Action, AgendaItem, Attendance, Decision, Interest, Meeting, Minute, Movement
from governance.room.presence import attendances, presence, side_of
from jcb import dates
from jcb.models import Partner, Person

BESIDE, SPEAKS = Attendance.As.IN_ATTENDANCE, Attendance.As.DEPUTY_SPEAKS


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a minute: a line left empty begins the next one."""
    return [part.strip() for part in re.split(r"\n\s*\n", text.replace("\r\n", "\n")) if part.strip()]


def contents(meeting: Meeting) -> dict:
    """What the minutes of a meeting say now, with every item. Reads only."""
    items = list(AgendaItem.objects.filter(meeting=meeting).in_order())
    labels = _labels(meeting, items)
    written = {row.item_id: row for row in Minute.objects.filter(item__meeting=meeting)}
    decided = _by_item(decision_lines(_decisions(meeting)), lambda line: line.decision.item_id)
    acted = _by_item(
        Action.objects.filter(meeting=meeting).select_related("owner", "decision__recommendation__front_sheet__item"),
        lambda row: row.item_id,
    )
    rows = attendances(meeting)
    there = presence(meeting, None, rows, items)
    out = [_item(each, labels, written, decided, acted) for each in items]
    if any(row.movements.all() for row in rows) or meeting.interests.exists():
        for each, item in zip(out, items, strict=True):
            at = presence(meeting, item, rows, items)
            each["odd"] = at.words if rows and not at.is_quorate and not each["as_read"] else ""
    following = Meeting.objects.filter(starts_at__gt=meeting.starts_at).exclude(state=Meeting.State.CANCELLED)
    following = following.order_by("starts_at").first()
    return {
        "meeting": meeting.key,
        "title": _long_day(meeting.starts_at),
        "hours": f"{_hour(meeting.starts_at)} to {_hour(meeting.ended_at or meeting.ends_at)}",
        "venue": meeting.venue,
        "chair": _name(meeting.chair) if meeting.chair else "",
        "quorum": _quorum(meeting, there) if rows else "Attendance was not recorded.",
        "attendance": _attendance(rows, labels),
        "interests": _interests(meeting, labels),
        "items": out,
        "others": {
            "decisions": [_decision(line) for line in decided.get(None, [])],
            "actions": [_action(row) for row in acted.get(None, [])],
        },
        "next": f"{_long_day(following.starts_at)}, {_hour(following.starts_at)}, {following.venue}"
        if following
        else "",
        "invented": meeting.invented or any(row.invented for row in items),
    }


def for_reader(data: dict, visible: Collection[int], *, sees_restricted: bool) -> dict:
    """The same for somebody who may see these items: of the others not even a trace. A decision can be restricted though its
    item is not; it and its actions are for those who see what is restricted."""
    seen = set(visible)

    def open_ones(item: dict) -> dict:
        if sees_restricted:
            return item
        return item | {name: [row for row in item[name] if not row["restricted"]] for name in ("decisions", "actions")}

    def kept(rows: Iterable[dict]) -> list[dict]:
        return [row for row in rows if row["item"] is None or row["item"] in seen]

    return {
        **data,
        "items": [open_ones(item) for item in data["items"] if item["pk"] in seen],
        "others": open_ones(data["others"]),
        "interests": kept(data["interests"]),
        "attendance": [
            {**group, "people": [{**person, "moves": kept(person["moves"])} for person in group["people"]]}
            for group in data["attendance"]
        ],
    }


def restricted_out(data: dict) -> dict:
    """The same without any restricted item: what everyone may read."""
    unrestricted = [item["pk"] for item in data["items"] if not item["restricted"]]
    return for_reader(data, unrestricted, sees_restricted=False)


def _labels(meeting: Meeting, items: list[AgendaItem]) -> dict[int, str]:
    built = agendas.build(meeting, [item.pk for item in items], everything=True)
    return {row.pk: row.label for row in (*built.business, *built.as_read) if row.pk}


def _decisions(meeting: Meeting) -> Iterable[Decision]:
    rows = Decision.objects.filter(meeting=meeting)
    rows = rows.select_related("meeting", "item", "ratified_at", "by", "recommendation__front_sheet__item")
    return rows.prefetch_related("stances__partner", "stances__spoken_by").order_by("series", "number")


def _by_item(rows: Iterable, key) -> dict:
    found: dict = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return found


def _item(item: AgendaItem, labels, written, decided, acted) -> dict:
    minute = written.get(item.pk)
    return {
        "pk": item.pk,
        "label": labels.get(item.pk, item.label),
        "title": item.title,
        "restricted": item.restricted,
        "as_read": item.taken_as_read,
        "withdrawn": item.withdrawn_because,
        "paragraphs": paragraphs(minute.text) if minute else [],
        "nothing": bool(minute and minute.nothing_to_minute),
        "decisions": [_decision(line) for line in decided.get(item.pk, [])],
        "actions": [_action(row) for row in acted.get(item.pk, [])],
        "odd": "",
    }


def _decision(line) -> dict:
    return {
        "series": line.decision.series,
        "number": line.decision.number,
        "ref": line.ref,
        "text": line.decision.text,
        "parties": line.parties,
        "standing": line.standing,
        "restricted": _is_restricted(line.decision),
    }


def _is_restricted(row: Decision) -> bool:
    """Whether a decision is for the Board's members and its secretariat only, wherever it stands."""
    asked = row.recommendation.front_sheet.item if row.recommendation else None
    return row.restricted or bool(asked and asked.restricted)


def _action(row: Action) -> dict:
    return {
        "series": row.series,
        "number": row.number,
        "ref": row.ref,
        "text": row.text,
        "owner": _name(row.owner),
        "restricted": row.decision is not None and _is_restricted(row.decision),
        "due": dates.say_day(row.due_on),
    }


def _attendance(rows: list[Attendance], labels) -> list[dict]:
    """Those present by side, those in attendance, and those who were not there: [{name, people: [{words, moves}]}]."""
    groups: dict[str, list[dict]] = {}
    names = {Partner.Side.COUNCIL: "Present, councils", Partner.Side.NHS: "Present, NHS"}
    for row in rows:
        if row.mode == Attendance.Mode.EXPECTED:
            continue
        if not row.is_present:
            name = "Apologies" if row.mode == Attendance.Mode.APOLOGIES else "Absent without apologies"
        elif row.capacity == BESIDE:
            name = "In attendance"
        else:
            name = names.get(side_of(row), "Present")
        groups.setdefault(name, []).append(_person(row, labels))
    order = [*names.values(), "Present", "In attendance", "Apologies", "Absent without apologies"]
    return [{"name": name, "people": groups[name]} for name in order if name in groups]


def _person(row: Attendance, labels) -> dict:
    words = row.person.name
    if row.seat is not None and row.seat.position != words:
        words += f" ({row.seat.position})"
    if row.capacity == Attendance.As.DEPUTY_DECIDES:
        words += ", deputy"
    elif row.capacity == SPEAKS:
        words += ", deputy without a decision"
    if row.mode == Attendance.Mode.ONLINE:
        words += ", online"
    moves = [
        {
            "item": move.item_id,
            "words": f"{'came for' if move.kind == Movement.Kind.ARRIVED else 'left before'} item {labels.get(move.item_id, '')}".strip(),
        }
        for move in row.movements.all()
    ]
    return {"words": words, "moves": moves}


def _interests(meeting: Meeting, labels) -> list[dict]:
    rows = Interest.objects.filter(meeting=meeting).select_related("person", "item")
    return [
        {
            "item": row.item_id,
            "label": labels.get(row.item_id, "") if row.item_id else "",
            "who": row.person.name,
            "kind": row.get_kind_display(),
            "text": row.text,
            "managed": row.get_managed_display() if row.managed else "",
        }
        for row in rows
    ]


def _quorum(meeting: Meeting, there) -> str:
    if meeting.quorate is None:
        return there.words
    return "There was a quorum." if meeting.quorate else "There was no quorum: the Board only recommended."


def _name(person: Person) -> str:
    return person.name


def _hour(instant) -> str:
    return f"{dates.hour_of(instant):%H:%M}"


def _long_day(instant) -> str:
    """ "Monday 28 September 2020"."""
    return f"{dates.say_weekday(instant)} {dates.london_day(instant).year}"
