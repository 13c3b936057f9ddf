"""An indicator as it is printed: its values for one borough with what they are compared to, worked out before any
template or picture sees them. Plain text and numbers only, so that the data can be fingerprinted.
"""

import datetime as dt
import string
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

from jcb import dates
from jcb.models import Area
from needs.models import Definition, Indicator, Observation, PublishedClaim, Source
from needs.suppression import as_may_be_told

MINUS = "\u2212"
LINE_FROM = 3  # periods; fewer are bars beside one another
BARS_FROM = 3  # values; fewer say more as lines of a table
SHARED_FROM = 3  # values with the same note; it is then written once
COMPARED_WITHIN = 184  # days between a value and what it is compared to; further apart, they are not of one time
UNIT = {"people": "", "percent": "%", "points": " points", "weeks": " weeks", "count": ""}
WIDER = {Area.Kind.REGION, Area.Kind.COUNTRY}
DIRECTION = {"up": "Higher is better.", "down": "Lower is better.", "neither": ""}


@dataclass(frozen=True, slots=True)
class Value:
    """One published value. `figure` is what the source printed; `at` is where its period lies, in years; `notes` are what
    has to be known of it, and `marks` the letters of notes that it shares with others."""

    area: str
    part: str
    local: bool
    period: str
    at: float
    figure: str
    value: float | None
    low: float | None
    high: float | None
    qualifier: str
    projected: bool
    definition: int
    change: str
    over_target: str
    source: int
    notes: tuple[str, ...]
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an indicator counts, from a period on; `from_at` is None where it says no date."""

    number: int
    words: str
    from_at: float | None


@dataclass(frozen=True, slots=True)
class Figure:
    """An indicator with its values, in the order to print them. `shape` is "lines", "bars" or "words"."""

    key: str
    name: str
    unit: str
    unit_words: str
    about: str
    direction: str
    shape: str
    target: float | None
    target_short: str
    target_words: str
    meanings: tuple[Meaning, ...]
    values: tuple[Value, ...]
    shared: tuple[tuple[str, str], ...]

    @property
    def has_parts(self) -> bool:
        return any(value.part for value in self.values)

    @property
    def has_change(self) -> bool:
        return any(value.change for value in self.values)

    @property
    def target_name(self) -> str:
        """ "NICE guideline", of "NICE guideline: 13 weeks"."""
        return self.target_short.split(":")[0]

    @property
    def has_target(self) -> bool:
        return any(value.over_target for value in self.values)


def figures(
    indicator: Indicator,
    *,
    area: Area | None,
    edition: dt.date,
    as_at: dt.date,
    smallest: int,
    cite: Callable[[Source], int],
    most: int | None = None,
) -> list[Figure]:
    """The values of an indicator for a borough, its parts and its providers, with the region's and the country's of the
    same time. Where there are none of the borough, the wider values nearest to the edition's month.

    One figure for each unit it was ever counted in, since two units share no axis. A value counts when its period had
    begun by the day, and a projection always. What `needs.suppression` withholds is not said. `cite` numbers a source.
    Without an area every borough is told, beside one another; `most` keeps to that many of the latest values.
    """
    rows = Observation.objects.select_related("area__within", "source", "definition")
    rows = rows.prefetch_related("claims__against__definition")
    if most is None:
        seen = sorted(rows.filter(definition__indicator=indicator), key=_in_order)
    else:
        # By definition, in the order of the index that starts with it: the others are not read.
        found = [
            o
            for d in indicator.definitions.all()
            for o in rows.filter(definition=d).order_by("-period_end", "pk")[:most]
        ]
        seen = sorted(sorted(found, key=lambda o: o.period_end)[-most:], key=_in_order)
    seen = as_may_be_told(seen, smallest)
    as_may_be_told((claim.against for o in seen for claim in o.claims.all() if claim.against), smallest)
    known = [o for o in seen if o.is_projection or o.period_start <= as_at]
    wider = [o for o in known if o.area.kind in WIDER]
    near = [o for o in known if is_local(o.area, area)]
    if near:
        wider = [o for o in wider if any(_comparable(o, other) for other in near)]
    else:
        near, wider = _nearest(wider, edition), []
    found = []
    for unit in dict.fromkeys(o.definition.unit for o in near):
        chosen = [o for o in [*near, *wider] if o.definition.unit == unit]
        found.append(_figure(indicator, unit, chosen, area, cite))
    return found


def _in_order(o: Observation) -> tuple:
    return (o.definition.number, o.period_end, o.area.name, o.breakdown)


def _comparable(o: Observation, other: Observation) -> bool:
    """Of one definition and about one time."""
    return o.definition_id == other.definition_id and abs((o.period_end - other.period_end).days) <= COMPARED_WITHIN


def _nearest(values: list[Observation], day: dt.date) -> list[Observation]:
    """Of each place and part, the value nearest to a day."""
    found: dict[tuple, Observation] = {}
    for o in values:
        key = (o.definition_id, o.area_id, o.breakdown)
        if key not in found or abs((o.period_end - day).days) < abs((found[key].period_end - day).days):
            found[key] = o
    return list(found.values())


def is_local(place: Area, borough: Area | None) -> bool:
    """The borough itself, a part of it, or a provider for it; a provider in no one borough serves them all. Without a
    borough, whatever is not wider than one."""
    if borough is None:
        return place.kind not in WIDER
    if place.kind == Area.Kind.PROVIDER and (place.within is None or place.within.kind in WIDER):
        return True
    while place is not None:
        if place.pk == borough.pk:
            return True
        place = place.within
    return False


def _figure(
    indicator: Indicator, unit: str, chosen: list[Observation], borough: Area | None, cite: Callable[[Source], int]
) -> Figure:
    chosen = sorted(chosen, key=lambda o: _order(o, borough))
    first: dict[tuple, Observation] = {}
    for o in chosen:
        if o.value is not None:
            first.setdefault((o.definition_id, o.area_id, o.breakdown), o)
    periods: dict[tuple, set[dt.date]] = {}
    for o in chosen:
        if o.value is not None:
            periods.setdefault((o.area_id, o.breakdown), set()).add(o.period_end)
    drawable = [o for o in chosen if o.value is not None or o.low is not None or o.high is not None]
    shape = "bars" if len(drawable) >= BARS_FROM else "words"
    if any(len(ends) >= LINE_FROM for ends in periods.values()):
        shape = "lines"
    target = indicator.target if unit in {d.unit for d in indicator.definitions.all()} else None
    values = []
    for o in chosen:
        start = first.get((o.definition_id, o.area_id, o.breakdown))
        comparable = shape == "lines" and start is not None and _of_like_length(start, o)
        values.append(_value(o, start if comparable else None, target, borough, cite))
    values, shared = share_notes(values)
    definitions = {o.definition_id: o.definition for o in chosen}
    return Figure(
        key=f"{indicator.key}-{unit}",
        name=indicator.name,
        unit=unit,
        unit_words=Definition.Unit(unit).label,
        about=_about(indicator),
        direction=DIRECTION[indicator.good_direction],
        shape=shape,
        target=float(target) if target is not None else None,
        target_short=_target_short(indicator, unit) if target is not None else "",
        target_words=_target_words(indicator, unit) if target is not None else "",
        meanings=tuple(
            Meaning(d.number, d.text, _years(d.from_period) if d.from_period else None)
            for d in sorted(definitions.values(), key=lambda d: d.number)
        ),
        values=tuple(values),
        shared=shared,
    )


def _of_like_length(o: Observation, other: Observation) -> bool:
    """A year is not compared with half of one, nor a day with a month."""
    lengths = sorted((each.period_end - each.period_start).days + 1 for each in (o, other))
    return lengths[1] <= lengths[0] * 1.2


def _order(o: Observation, borough: Area | None) -> tuple:
    """The borough before its parts and providers, these before the region, the region before the country."""
    rank = {Area.Kind.BOROUGH: 0, Area.Kind.PART: 1, Area.Kind.PROVIDER: 1, Area.Kind.REGION: 2, Area.Kind.COUNTRY: 3}
    return (rank[Area.Kind(o.area.kind)], o.breakdown, o.area.name, o.definition.number, o.period_end)


def _value(
    o: Observation,
    start: Observation | None,
    target: Decimal | None,
    borough: Area | None,
    cite: Callable[[Source], int],
) -> Value:
    change = ""
    if start is not None and start.pk != o.pk and o.value is not None:
        change = say_change(o.value - start.value, start.value, o.definition.unit)
    over = ""
    if target is not None and o.value is not None and is_local(o.area, borough):
        over = signed(o.value - target)
    return Value(
        area=o.area.name,
        part=o.breakdown,
        local=is_local(o.area, borough),
        period=say_period(o.period_start, o.period_end),
        at=(_years(o.period_start) + _years(o.period_end)) / 2,
        figure=o.as_printed,
        value=_number(o.value),
        low=_number(o.low),
        high=_number(o.high),
        qualifier=o.qualifier,
        projected=o.is_projection,
        definition=o.definition.number,
        change=change,
        over_target=over,
        source=cite(o.source) if o.source else 0,
        notes=_notes(o),
        marks=(),
    )


def _about(indicator: Indicator) -> str:
    parts = []
    if indicator.denominator:
        parts.append(f"Out of: {indicator.denominator.rstrip('.')}.")
    if indicator.collected_by:
        parts.append(f"Collected by {indicator.collected_by.rstrip('.')}.")
    return " ".join(parts)


def _target_words(indicator: Indicator, unit: str) -> str:
    words = indicator.target_note.strip() or "Target"
    when = f" by {dates.say_month(indicator.target_on)}" if indicator.target_on else ""
    return f"{words.rstrip('.')} ({with_unit(indicator.target, unit)}{when})."


def _target_short(indicator: Indicator, unit: str) -> str:
    """The target as it fits into a chart: "NICE guideline: 13 weeks"."""
    name = indicator.target_note.split(":")[0].strip()
    return f"{name if 0 < len(name) < 40 else 'Target'}: {with_unit(indicator.target, unit)}"


def share_notes(values: list[Value]) -> tuple[list[Value], tuple[tuple[str, str], ...]]:
    """The values with the notes that several of them have written as letters, and these notes by letter."""
    told = Counter(note for value in values for note in value.notes)
    common = [note for note, times in told.items() if times >= SHARED_FROM]
    letters = dict(zip(common, string.ascii_lowercase, strict=False))
    found = [
        replace(
            value,
            notes=tuple(note for note in value.notes if note not in letters),
            marks=tuple(letters[note] for note in value.notes if note in letters),
        )
        for value in values
    ]
    return found, tuple((letter, note) for note, letter in letters.items())


def _notes(o: Observation) -> tuple[str, ...]:
    """A value's own notes, or where it has none, a change that was published of it and that the values do not give."""
    if getattr(o, "is_withheld", False):
        return (o.note,)
    notes = [o.note.strip(), *(claim.note.strip() for claim in o.claims.all())]
    if not any(notes):
        notes = [_say_claim(claim, o) for claim in o.claims.all()]
    return tuple(dict.fromkeys(filter(None, notes)))


def _say_claim(claim: PublishedClaim, o: Observation) -> str:
    """A change that was published and that the values do not give; empty for any other claim."""
    against = claim.against
    if claim.kind != PublishedClaim.Kind.CHANGE or against is None or against.definition_id != o.definition_id:
        return ""
    if None in (o.value, against.value, claim.stated_value) or "%" in claim.stated:
        return ""
    found = o.value - against.value
    if found == claim.stated_value:
        return ""
    return f"{claim.said_in} says “{claim.stated}”; the figures give {signed(found)}."


def say_period(start: dt.date, end: dt.date) -> str:
    """A period in words: "2019", "September 2019", "April to June 2017", "April 2017 to March 2018", or its days."""
    whole = start.day == 1 and end == dates.last_of_month(end)
    if start == end:
        return dates.say_day(start)
    if not whole:
        return f"{dates.say_day(start)} to {dates.say_day(end)}"
    if (start.month, end.month, start.year) == (1, 12, end.year):
        return str(start.year)
    if (start.year, start.month) == (end.year, end.month):
        return dates.say_month(start)
    if start.year == end.year:
        return f"{dates.say_month(start).split()[0]} to {dates.say_month(end)}"
    return f"{dates.say_month(start)} to {dates.say_month(end)}"


def say_change(change: Decimal, start: Decimal, unit: str) -> str:
    """A change against the first value: "+2,792 (+3.9%)"; of percentages in points."""
    if unit == Definition.Unit.PERCENT:
        return f"{signed(change)} points"
    share = f" ({signed(round(100 * change / start, 1))}%)" if start else ""
    return f"{signed(change)}{share}"


def say_number(value: Decimal | float) -> str:
    """A number with thousands, without trailing noughts, with a true minus."""
    text = f"{value:,.4f}".rstrip("0").rstrip(".")
    return text.replace("-", MINUS)


def with_unit(value: Decimal | float, unit: str) -> str:
    """ "13 weeks", "12.7%", "£40"; a count is its number alone."""
    number = say_number(value)
    if unit == Definition.Unit.POUNDS:
        return f"£{number}" if value >= 0 else f"{MINUS}£{number.removeprefix(MINUS)}"
    return number + UNIT[unit]


def signed(value: Decimal | float) -> str:
    return ("+" if value > 0 else "") + say_number(value)


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _years(day: dt.date) -> float:
    """A day as a number of years, for the place on an axis."""
    return day.year + (day.timetuple().tm_yday - 1) / 365
