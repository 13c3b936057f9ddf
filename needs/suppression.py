"""What is not told of a handful of people, wherever a figure leaves the server: page, chart, file or document.

A number of people below the smallest that is told is withheld. So is what it could be worked out from: where the parts
of a whole are told and one is withheld, the next smallest place is withheld beside it, and every group of the same
people, until none can be had by subtraction; and a share of the same people in the same indicator.

Its limits: a year is not held against its quarters, nor a share against a base that is an indicator of its own.
"""

import datetime as dt
from collections.abc import Collection, Hashable, Iterable
from decimal import Decimal

from django.db.models import Q

from needs.models import Definition, Observation

PEOPLE, PERCENT = Definition.Unit.PEOPLE, Definition.Unit.PERCENT
NOT_SHOWN = "not shown"
SPREAD = 2  # how far from certain the sum of withheld numbers has to be
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
    ).select_related("definition", "area__within__within__within")
    return _withheld(list(about), smallest)


def _withheld(rows: list[Observation], smallest: int) -> dict[int, str]:
    people = {o.pk: o for o in rows if o.definition.unit == PEOPLE and _number(o) is not None}
    few = {pk for pk, o in people.items() if 0 < _number(o) < smallest}
    hidden, groups, places = set(few), list(_groups(people.values())), list(_places(people.values()))
    while True:
        before = len(hidden)
        for whole, parts in groups:
            # People are divided in more than one way, by age and by sex: what one way hides another would tell.
            if any(o.pk in hidden for o in parts):
                hidden |= {o.pk for o in parts}
                if whole is not None and _number(whole) < 2 * smallest:
                    hidden.add(whole.pk)
        for whole, parts in places:
            hidden |= beside(
                (whole.pk, _number(whole)),
                {o.pk: _number(o) for o in parts},
                hidden=hidden,
                few={o.pk for o in parts if o.pk in few},
                smallest=smallest,
            )
        if len(hidden) == before:
            break
    told_of = {_about(people[pk]) for pk in hidden}
    shares = {o.pk for o in rows if o.definition.unit == PERCENT and _about(o) in told_of}
    return {pk: f"fewer than {smallest}" if pk in few else NOT_SHOWN for pk in hidden | shares}


def beside(
    whole: tuple[Hashable, Decimal],
    parts: dict[Hashable, Decimal],
    *,
    hidden: Collection[Hashable],
    few: Collection[Hashable],
    smallest: int,
) -> set[Hashable]:
    """What else of a whole and its parts has to be withheld: parts, the smallest first, and where they do not suffice the
    whole.

    A reader can subtract what is told from the whole, and knows that what is withheld as few lies between one and the
    smallest less one, and anything else withheld at the smallest or above. Where more is left than the withheld parts
    have, there are others that nobody published, and nothing can be worked out.
    """
    name, total = whole
    covered = {key for key in parts if key in hidden}
    left = total - sum(value for key, value in parts.items() if key not in covered)
    if not covered or name in hidden or left > sum(parts[key] for key in covered):
        return set()
    spare = sorted((value, str(key), key) for key, value in parts.items() if key not in covered and value > 0)
    while not _is_safe(left, sum(key in few for key in covered), len(covered), smallest):
        if not spare:
            return {name} | (covered - set(hidden))
        value, _, key = spare.pop(0)
        covered.add(key)
        left += value
    return covered - set(hidden)


def _is_safe(left: Decimal, few: int, withheld: int, smallest: int) -> bool:
    """Whether each of so many numbers could be several others, to somebody who knows what they come to."""
    others, most = withheld - few, few * (smallest - 1)
    if not others:
        return few > 1 and few + SPREAD <= left <= most - SPREAD
    return withheld > 1 and left - most >= others * smallest


def _groups(rows: Iterable[Observation]) -> Iterable[tuple[Observation | None, list[Observation]]]:
    """The groups of people of one place and time, with everybody where that is known."""
    found: dict[tuple, list[Observation]] = {}
    for o in rows:
        found.setdefault((o.area_id, *_of_one_time(o)), []).append(o)
    for each in found.values():
        parts = [o for o in each if o.breakdown]
        if parts:
            yield next((o for o in each if not o.breakdown), None), parts


def _places(rows: Iterable[Observation]) -> Iterable[tuple[Observation, list[Observation]]]:
    """Every place with those within it that have a figure of the same group and time, and nothing between the two has."""
    by_place = {(o.area_id, *_of_one_time(o), o.breakdown): o for o in rows}
    within: dict[tuple, list[Observation]] = {}
    for (_, *same), o in by_place.items():
        place = o.area.within
        while place is not None:
            if (place.pk, *same) in by_place:
                # Boroughs and providers are two ways to divide one whole: each is a family of its own.
                within.setdefault((o.area.kind, place.pk, *same), []).append(o)
                break
            place = place.within
    for (_, *key), parts in within.items():
        yield by_place[tuple(key)], parts


def _of_one_time(o: Observation) -> tuple:
    return (o.definition_id, o.period_start, o.period_end, o.is_projection)


def _about(o: Observation) -> tuple:
    return (o.definition.indicator_id, o.area_id, o.breakdown, o.period_start, o.period_end)


def _number(o: Observation) -> Decimal | None:
    return o.value if o.value is not None else o.high
