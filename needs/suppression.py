"""What is not told of a handful of people, wherever a figure leaves the server: page, chart, file or document.

A number of people below the smallest that is told is withheld. So is what it could be worked out from: where the parts
of a whole are told and one is withheld, the next smallest part is withheld beside it, across areas and across groups,
until no part can be had by subtraction; and a share of the same people for the same place and time.
"""

import datetime as dt
from collections.abc import Collection, Hashable, Iterable
from decimal import Decimal

from django.db.models import Q

from needs.models import Definition, Observation

PEOPLE, PERCENT = Definition.Unit.PEOPLE, Definition.Unit.PERCENT
NOT_SHOWN = "not shown"
WHY_SMALL = "Not said exactly, so that nobody can be recognised."
WHY_BESIDE = "Not shown, so that a smaller figure beside it cannot be worked out."


def as_may_be_told(rows: Iterable[Observation], smallest: int) -> list[Observation]:
    """The values as they may be told (in memory only). `rows` come with their definitions.

    One query where any counts people or is a share; two more where a handful is among them or beside them.
    """
    rows = list(rows)
    asked = [o for o in rows if o.definition.unit in (PEOPLE, PERCENT)]
    if not asked:
        return rows
    found = withheld({o.definition.indicator_id for o in asked}, smallest=smallest, ends={o.period_end for o in asked})
    return [mute(o, found[o.pk]) if o.pk in found else o for o in rows]


def mute(o: Observation, words: str) -> Observation:
    """The value without its number, nor anything that was written about it."""
    o.value = o.low = o.high = None
    o.qualifier, o.as_printed = Observation.Qualifier.WORDS, words
    o.note = WHY_BESIDE if words == NOT_SHOWN else WHY_SMALL
    o.is_withheld = True
    return o


def withheld(indicators: Collection[int], *, smallest: int, ends: Collection[dt.date] | None = None) -> dict[int, str]:
    """What is withheld of some indicators, with the words told in its place, by primary key; `ends` limits the periods
    by their last days. The answer for a value is the same whatever else is asked about."""
    rows = Observation.objects.filter(definition__indicator__in=indicators)
    if ends is not None:
        rows = rows.filter(period_end__in=ends)
    few = Q(value__gt=0, value__lt=smallest) | Q(value=None, high__gt=0, high__lt=smallest)
    small = list(
        rows.filter(few, definition__unit=PEOPLE).values_list("definition", "period_end", "definition__indicator")
    )
    if not small:
        return {}
    about = rows.filter(
        Q(definition__in={definition for definition, *_ in small})
        | Q(definition__indicator__in={indicator for *_, indicator in small}, definition__unit=PERCENT),
        period_end__in={end for _, end, _ in small},
    ).select_related("definition", "area")
    return _withheld(list(about), smallest)


def _withheld(rows: list[Observation], smallest: int) -> dict[int, str]:
    people = {o.pk: o for o in rows if o.definition.unit == PEOPLE and _number(o) is not None}
    hidden = {pk for pk, o in people.items() if 0 < _number(o) < smallest}
    few, families = set(hidden), list(_families(people.values()))
    while True:
        before = len(hidden)
        for whole, parts in families:
            hidden |= beside(
                (whole.pk, _number(whole)), {o.pk: _number(o) for o in parts}, hidden=hidden, smallest=smallest
            )
        if len(hidden) == before:
            break
    told_of = {_about(people[pk]) for pk in hidden}
    shares = {o.pk for o in rows if o.definition.unit == PERCENT and _about(o) in told_of}
    return {pk: f"fewer than {smallest}" if pk in few else NOT_SHOWN for pk in hidden | shares}


def beside(
    whole: tuple[Hashable, Decimal], parts: dict[Hashable, Decimal], *, hidden: Collection[Hashable], smallest: int
) -> set[Hashable]:
    """What else of a family has to be withheld: parts, the smallest first, and where they do not suffice the whole.

    A reader can subtract what is told from the whole, and knows that what is withheld as few lies between one and the
    smallest less one, and anything else withheld at the smallest or above. Parts that fall short of the whole leave
    room for others, so that nothing can be worked out.
    """
    name, total = whole
    covered = {key for key in parts if key in hidden}
    if not covered or name in hidden or sum(parts.values()) < total:
        return set()
    spare = sorted((value, str(key), key) for key, value in parts.items() if key not in covered and value > 0)
    more: set[Hashable] = set()
    while not _is_safe([parts[key] for key in covered | more], smallest):
        if not spare:
            return more | {name}
        more.add(spare.pop(0)[2])
    return more


def _is_safe(values: list[Decimal], smallest: int) -> bool:
    """Whether each of the values could be another number, to somebody who knows their sum."""
    few = [value for value in values if value < smallest]
    others, most = len(values) - len(few), len(few) * (smallest - 1)
    if not others:
        return len(few) > 1 and len(few) < sum(few) < most
    return len(values) > 1 and sum(values) - most >= others * smallest


def _families(rows: Iterable[Observation]) -> Iterable[tuple[Observation, list[Observation]]]:
    """Every whole with its parts: a place and the places within it, and everybody and the groups among them."""
    by_place = {(o.area_id, *_of_one_time(o), o.breakdown): o for o in rows}
    within: dict[tuple, list[Observation]] = {}
    for o in by_place.values():
        if o.area.within_id:
            within.setdefault((o.area.within_id, *_of_one_time(o), o.breakdown), []).append(o)
        if o.breakdown:
            within.setdefault((o.area_id, *_of_one_time(o), ""), []).append(o)
    for key, parts in within.items():
        if key in by_place:
            # Places and groups are two ways to divide one whole: each is a family of its own.
            for family in ([o for o in parts if o.breakdown == key[-1]], [o for o in parts if o.breakdown != key[-1]]):
                if family:
                    yield by_place[key], family


def _of_one_time(o: Observation) -> tuple:
    return (o.definition_id, o.period_start, o.period_end, o.is_projection)


def _about(o: Observation) -> tuple:
    return (o.definition.indicator_id, o.area_id, o.breakdown, o.period_start, o.period_end)


def _number(o: Observation) -> Decimal | None:
    return o.value if o.value is not None else o.high
