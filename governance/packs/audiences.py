"""For whom a pack is made: an audience is a set of items that somebody may see, and a pack is made once for each set.

Which items a person may see is decided by `AgendaItem.objects.visible_to` alone. There is always one for the Board's
members, who see everything, and one for those who see what is not restricted; each other set has come about through
invitations.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from governance.meetings.operations import people_concerned
from governance.models import AgendaItem, Meeting
from jcb.models import Person

BOARD, OPEN = "the Board’s members", "observers and the parent-carer forum"
EVERYONE = "the Board’s members, observers and the parent-carer forum"


@dataclass(frozen=True, slots=True)
class Audience:
    """The items that its people may see, by primary key. `key` is a short name of the set; `words` say who they are."""

    key: str
    words: str
    items: frozenset[int]
    people: tuple[Person, ...]
    is_board: bool
    is_open: bool


def key_of(items: Collection[int]) -> str:
    """A short name that is the same for the same set of items."""
    return hashlib.sha256(",".join(str(pk) for pk in sorted(items)).encode()).hexdigest()[:40]


def on_agenda(meeting: Meeting) -> list[AgendaItem]:
    """What a pack is made of: the items, without those withdrawn before they had a number."""
    rows = AgendaItem.objects.filter(meeting=meeting).in_order().select_related("standing")
    return [item for item in rows if item.number or not item.is_withdrawn]


def audiences(meeting: Meeting, only: Collection[int] | None = None) -> list[Audience]:
    """The audiences of a meeting's pack, the Board's first. With `only`, of a supplement that holds just these items.

    People are those who are told of the meeting; whoever sees none of the items is in no audience. Reads the database:
    one query for each person.
    """
    rows = on_agenda(meeting)
    labels = {item.pk: item.label for item in rows}
    within = set(labels) if only is None else set(labels) & set(only)
    everything = frozenset(within)
    unrestricted = frozenset(item.pk for item in rows if not item.restricted and item.pk in within)
    found: dict[frozenset[int], list[Person]] = {everything: []}
    if unrestricted:
        found.setdefault(unrestricted, [])
    for person in people_concerned(meeting, meeting.on).order_by("name", "pk"):
        visible = AgendaItem.objects.filter(meeting=meeting).visible_to(person).values_list("pk", flat=True)
        if items := frozenset(within & set(visible)):
            found.setdefault(items, []).append(person)
    return [
        Audience(
            key=key_of(items),
            words=_words(items, everything, unrestricted, labels),
            items=items,
            people=tuple(people),
            is_board=items == everything,
            is_open=items == unrestricted,
        )
        for items, people in sorted(
            found.items(), key=lambda row: (-len(row[0]), row[0] != unrestricted, sorted(row[0]))
        )
        if items
    ]


def _words(
    items: frozenset[int], everything: frozenset[int], unrestricted: frozenset[int], labels: Mapping[int, str]
) -> str:
    if items == everything:
        return EVERYONE if items == unrestricted else BOARD
    if items == unrestricted:
        return OPEN
    if unrestricted and items > unrestricted:
        return f"those invited to {_named(items - unrestricted, labels)} who also see what is not restricted"[:200]
    return f"those invited to {_named(items, labels)}"[:200]


def _named(items: Iterable[int], labels: Mapping[int, str]) -> str:
    names = [labels[pk] for pk in labels if pk in items]
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return f"item {listed}" if len(names) == 1 else f"items {listed}"
