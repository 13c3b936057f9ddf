"""The latest figures of many indicators as short series: what a sparkline and a line of the dashboard show.

    found = latest_series(indicators, boroughs=boroughs, day=today, smallest=5)
    found[indicator.pk][0].change, .verdict          "−10 (−26.3%)", "better"

A series is of one place and one group of people. Everything is worked out from the figures as they may be told, so that
nothing can be reckoned back to one that is not; a change is never worked out across two definitions. Plain text and
numbers only, so that the data can be fingerprinted.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q, Subquery

from jcb import dates
from jcb.models import Area
from jcb.people import IMPORTER
from needs.figures import is_local, say_change, say_period, with_unit
from needs.models import Definition, Indicator, Observation
from needs.suppression import as_may_be_told

MOST_POINTS = 12  # of a series
MOST_VALUES = 120  # of a definition, in all its places together
MOST_PLACES = 8  # of an indicator, beside the boroughs themselves
BETTER, WORSE, SAME, DESCRIBES = "better", "worse", "no change", "describes"
BROKEN = "definition changed: not comparable"
INEXACT = "not comparable: one of them is not an exact number"
FREQUENCIES = (("month", 1), ("quarter", 3), ("term", 4), ("year", 12), ("annual", 12))
HALVES = ("half", "six")
READ = (
    "definition", "area", "period_start", "period_end", "as_printed", "value", "low", "high", "qualifier", "breakdown",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Point:
    """One figure; `value` is None where it is in words, or not told. `at` is where its period lies, in years."""

    pk: int
    period: str
    at: float
    figure: str
    value: float | None
    definition: int


@dataclass(frozen=True, slots=True)
class Series:
    """The latest figures of an indicator in one place, oldest first. `verdict` is what the change means, in words;
    `overdue` says that a newer figure is missing; `words` are the sparkline's. Without a point: a borough without a figure."""

    place: str
    part: str
    points: tuple[Point, ...]
    change: str = ""
    verdict: str = ""
    target: float | None = None
    against: str = ""
    misses: bool = False
    overdue: str = ""
    words: str = ""

    @property
    def name(self) -> str:
        """ "Cheyne Child Development Service, under 5"."""
        return ", ".join(filter(None, (self.place, self.part)))

    @property
    def last(self) -> Point | None:
        return self.points[-1] if self.points else None

    @property
    def before(self) -> Point | None:
        return self.points[-2] if len(self.points) > 1 else None


def kept(data: Mapping) -> Series:
    """A series again, from the plain data that it was kept as."""
    points = tuple(Point(*(point[field.name] for field in fields(Point))) for point in data["points"])
    return Series(**{field.name: data[field.name] for field in fields(Series)} | {"points": points})


def latest_series(
    indicators: Iterable[Indicator],
    *,
    boroughs: Collection[Area],
    day: dt.date,
    smallest: int,
    recorded_by: dt.datetime | None = None,
) -> dict[int, list[Series]]:
    """The series of each indicator, by its primary key: those of each borough itself; where it has none, those of its
    parts and providers that are counted as they are now; where it has none of these either, one without a point.

    A projection does not count, nor a figure whose period begins after the day. `recorded_by` leaves out what somebody
    entered later. Three queries however many indicators there are, and those of `needs.suppression`; one more where
    `boroughs` is a query. Of a definition about `MOST_VALUES` are read, and of each borough itself as many as are shown.
    """
    indicators, boroughs, places = list(indicators), list(boroughs), _places()
    local = [pk for pk, place in places.items() if any(is_local(place, borough) for borough in boroughs)]
    counted = Observation.objects.filter(area__in=local, is_projection=False, period_start__lte=day)
    if recorded_by is not None:
        counted = counted.exclude(pk__in=_entered_after(recorded_by))
    definitions = _definitions(indicators, counted, boroughs)
    by_indicator: dict[int, dict[tuple, list[Observation]]] = {}
    for row in as_may_be_told(_rows(counted, definitions, boroughs, places), smallest):
        groups = by_indicator.setdefault(row.definition.indicator_id, {})
        groups.setdefault((row.area_id, row.breakdown), []).append(row)
    units: dict[int, str] = {}
    for definition in definitions.values():
        units[definition.indicator_id] = definition.unit
    return {
        indicator.pk: [
            _series(indicator, place, rows, units.get(indicator.pk, ""), day)
            for place, rows in _shown(by_indicator.get(indicator.pk, {}), places, boroughs)
        ]
        for indicator in indicators
    }


def _places() -> dict[int, Area]:
    """Every place by primary key, with those around it at hand."""
    found = Area.objects.in_bulk()
    for place in found.values():
        if place.within_id:
            place.within = found[place.within_id]
    return found


def _definitions(indicators: list[Indicator], counted, boroughs: Collection[Area]) -> dict[int, Definition]:
    """The definitions by primary key, in order, each with what decides what is read: `oldest`, the end of the oldest
    period of all its values; for the borough 1 itself `has_1`, whether it has any, and `own_1`, the oldest of these. No
    oldest where there are so few that all are read."""
    rows = counted.filter(definition=OuterRef("pk")).order_by("-period_end").values("period_end")
    found = Definition.objects.filter(indicator__in=indicators).order_by("indicator", "number")
    found = found.annotate(oldest=Subquery(rows[MOST_VALUES - 1 : MOST_VALUES]))
    for borough in boroughs:
        own = rows.filter(area=borough, breakdown="")
        oldest = Subquery(own[MOST_POINTS - 1 : MOST_POINTS])
        found = found.annotate(**{f"own_{borough.pk}": oldest, f"has_{borough.pk}": Exists(own)})
    return {row.pk: row for row in found}


def _rows(
    counted, definitions: Mapping[int, Definition], boroughs: Collection[Area], places: Mapping[int, Area]
) -> list[Observation]:
    """The latest values of all definitions: one query, each definition cut off where it is long. What a borough has of its
    own is read however much newer there is of other places; these are read where a borough has nothing of its own."""
    has = {(d.indicator_id, b.pk) for d in definitions.values() for b in boroughs if getattr(d, f"has_{b.pk}")}
    wanted = Q(pk__in=[])
    for pk, definition in definitions.items():
        for borough in boroughs:
            since = getattr(definition, f"own_{borough.pk}")
            own = Q(definition=pk, area=borough, breakdown="")
            wanted |= own if since is None else own & Q(period_end__gte=since)
        if not all((definition.indicator_id, borough.pk) in has for borough in boroughs):
            others = Q(definition=pk)
            wanted |= others if definition.oldest is None else others & Q(period_end__gte=definition.oldest)
    rows = list(counted.filter(wanted).only(*READ).order_by("period_end", "definition__number", "pk"))
    for row in rows:
        row.definition, row.area = definitions[row.definition_id], places[row.area_id]
    return rows


def _shown(
    groups: Mapping[tuple, list[Observation]], places: Mapping[int, Area], boroughs: Collection[Area]
) -> list[tuple[Area, list[Observation]]]:
    """What is shown of an indicator: (place, its figures), boroughs first."""
    newest = max((rows[-1].definition.number for rows in groups.values()), default=0)
    own, parts, none = [], {}, []
    for borough in boroughs:
        if (borough.pk, "") in groups:
            own.append((borough, groups[(borough.pk, "")]))
            continue
        its = [
            key
            for key, rows in groups.items()
            if is_local(places[key[0]], borough) and rows[-1].definition.number == newest
        ]
        parts |= dict.fromkeys(sorted(its, key=lambda key: (places[key[0]].name, key[1])))
        if not its:
            none.append((borough, []))
    return [*own, *((places[key[0]], groups[key]) for key in list(parts)[:MOST_PLACES]), *none]


def _series(indicator: Indicator, place: Area, rows: list[Observation], unit: str, day: dt.date) -> Series:
    if not rows:
        aim = "" if indicator.target is None or not unit else f"Target: {with_unit(indicator.target, unit)}"
        return Series(place.name, "", (), against=aim)
    rows = rows[-MOST_POINTS:]
    last, before = rows[-1], rows[-2] if len(rows) > 1 else None
    change, verdict = _change(indicator, last, before)
    target = indicator.target if indicator.target is not None and last.definition.unit == unit else None
    against, misses = _against(last, target, indicator.good_direction)
    return Series(
        place=place.name,
        part=last.breakdown,
        points=tuple(_point(row) for row in rows),
        change=change,
        verdict=verdict,
        target=float(target) if target is not None else None,
        against=against,
        misses=misses,
        overdue=_overdue(indicator, last, day),
        words=_in_words(indicator, rows, target),
    )


def _point(row: Observation) -> Point:
    middle = row.period_start + (row.period_end - row.period_start) / 2
    return Point(
        pk=row.pk,
        period=say_period(row.period_start, row.period_end),
        at=middle.year + (middle.timetuple().tm_yday - 1) / 365,
        figure=row.as_printed,
        value=None if row.value is None else float(row.value),
        definition=row.definition.number,
    )


def _change(indicator: Indicator, last: Observation, before: Observation | None) -> tuple[str, str]:
    """The change since the period before, and what it means, in words; empty where there is no figure before."""
    if before is None:
        return "", ""
    if before.definition_id != last.definition_id:
        return "", BROKEN
    over = Observation.Qualifier.OVER
    if last.value is None or before.value is None or over in (last.qualifier, before.qualifier):
        return "", INEXACT
    found = last.value - before.value
    if not found:
        return "0", SAME
    about = "about " if Observation.Qualifier.ABOUT in (last.qualifier, before.qualifier) else ""
    return about + say_change(found, before.value, last.definition.unit), _verdict(found, indicator.good_direction)


def _verdict(change: Decimal, good: str) -> str:
    if good == Indicator.Direction.NEITHER:
        return DESCRIBES
    return BETTER if (change > 0) == (good == Indicator.Direction.UP) else WORSE


def _against(last: Observation, target: Decimal | None, good: str) -> tuple[str, bool]:
    """How far a figure is from the target in words, and whether it misses it; the target alone where nobody can say."""
    if target is None:
        return "", False
    unit = last.definition.unit
    said = with_unit(target, unit)
    if last.value is None:
        return f"Target: {said}", False
    off = last.value - target
    if good != Indicator.Direction.NEITHER and (off <= 0 if good == Indicator.Direction.DOWN else off >= 0):
        return f"Meets the target of {said}", False
    if not off:
        return f"At the target of {said}", False
    far = with_unit(abs(off), Definition.Unit.POINTS if unit == Definition.Unit.PERCENT else unit)
    return f"{far} {'above' if off > 0 else 'below'} the target of {said}", good != Indicator.Direction.NEITHER


def _overdue(indicator: Indicator, last: Observation, day: dt.date) -> str:
    """That a newer figure is missing, in words: the next period is over, and as long again went by to publish it."""
    months = months_between(indicator.frequency)
    if not months or day <= dates.last_of_month(dates.add_months(last.period_end, 2 * months)):
        return ""
    return f"Overdue: collected {indicator.frequency[0].lower()}{indicator.frequency[1:]}"


def months_between(frequency: str) -> int:
    """How many months lie between the figures of an indicator, by its frequency in words; 0 where that says none."""
    words = frequency.casefold()
    if any(half in words for half in HALVES):
        return 6
    return next((months for name, months in FREQUENCIES if name in words), 0)


def _in_words(indicator: Indicator, rows: list[Observation], target: Decimal | None) -> str:
    """The sparkline for those who hear it: every figure with its period."""
    told = "; ".join(f"{say_period(row.period_start, row.period_end)}, {row.as_printed}" for row in rows)
    broken = " The definition changes, so not all are joined." if len({row.definition_id for row in rows}) > 1 else ""
    aim = f" Target: {with_unit(target, rows[-1].definition.unit)}." if target is not None else ""
    return f"{indicator.name}: {told}.{aim}{broken}"


# When it was recorded -------------------------------------------------------------------------------------------------


def _entered_after(instant: dt.datetime):
    """The figures that somebody entered after an instant. What was loaded with the plans counts as always known."""
    later = Observation.history.filter(history_type="+", history_date__gt=instant - dates.shift())
    return later.exclude(history_user=None).exclude(history_user__email=IMPORTER).values("id")


def recorded_since(figures: Iterable[int], instant: dt.datetime) -> dict[int, str]:
    """Which figures, by primary key, are "new" or "corrected" since an instant. One query.

    A figure that was loaded with the plans is new where its period ended after the instant: nobody can have known it.
    """
    rows: dict[int, list] = {}
    trail = Observation.history.filter(id__in=list(figures)).select_related("history_user")
    for row in trail.order_by("history_date", "history_id"):
        rows.setdefault(row.id, []).append(row)
    found = {pk: _what_happened(trail, instant) for pk, trail in rows.items()}
    return {pk: words for pk, words in found.items() if words}


def _what_happened(trail: list, instant: dt.datetime) -> str:
    at = instant - dates.shift()
    first, last = trail[0], trail[-1]
    if first.history_user is None or first.history_user.email == IMPORTER:
        was_known = last.period_end <= dates.london_day(instant)
    else:
        was_known = first.history_date <= at
    if not was_known:
        return "new"
    then = [row for row in trail if row.history_date <= at] or trail[:1]
    return "" if _says(then[-1]) == _says(last) else "corrected"


def _says(row) -> tuple:
    return row.as_printed, row.value, row.low, row.high, row.period_start, row.period_end
