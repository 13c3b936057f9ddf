"""The performance dashboard as data, the same on the screen, in print and in packs: the chosen indicators, what is better or
worse than before, how far each is from its target, and what moved since the Board last met.

    build(at)                       as it stands at an instant
    at_meeting(meeting)             for a meeting: as it stands now, or as it stood when that meeting began
"""

import datetime as dt
from dataclasses import dataclass

from governance.models import Meeting
from jcb import dates
from jcb.models import Area, BoardSettings
from needs.figures import DIRECTION
from needs.models import Indicator
from needs.series import BETTER, DESCRIBES, SAME, WORSE, Series, latest_series, recorded_since

NOTHING = "No indicator is chosen for the dashboard yet."
NO_FIGURE = "No indicator on the dashboard has a figure yet."
MOVED = {BETTER: "better than before", WORSE: "worse than before", SAME: "no change", DESCRIBES: ""}


@dataclass(frozen=True, slots=True)
class Row:
    """An indicator in one place. `is_first` of its indicator; `moved` is "new", "corrected" or empty."""

    key: str
    name: str
    direction: str
    is_first: bool
    meaning: str
    series: Series
    moved: str


@dataclass(frozen=True, slots=True)
class Dashboard:
    """The dashboard as at an instant. `since` says what "new" counts from; `moved` are the figures that are, in words;
    `overdue` says how many are older than they should be."""

    as_at: str
    headline: str
    since: str
    moved: tuple[str, ...]
    rows: tuple[Row, ...]
    overdue: str


def at_meeting(meeting: Meeting, indicators=None) -> Dashboard:
    """The dashboard for a meeting: as it stood when the meeting began, or as it stands where that is to come."""
    return build(min(meeting.starts_at, dates.now()), indicators, before=meeting.starts_at)


def build(at: dt.datetime, indicators=None, *, before: dt.datetime | None = None) -> Dashboard:
    """The dashboard as it stands at an instant, of the chosen among `indicators` (a query; all unless given). What moved
    counts from the last meeting held before `before`, or before that instant. Reads the database only: ten queries at
    most, however many indicators there are.
    """
    chosen = Indicator.objects.all() if indicators is None else indicators
    chosen = list(chosen.filter(on_dashboard=True).order_by("order", "name"))
    found = latest_series(
        chosen,
        boroughs=Area.objects.filter(kind=Area.Kind.BOROUGH).order_by("name"),
        day=dates.london_day(at),
        smallest=BoardSettings.current().smallest_figure,
        recorded_by=at if at < dates.now() else None,
    )
    last = Meeting.objects.held(before or at).first()
    figures = [series.last.pk for group in found.values() for series in group if series.last]
    new = recorded_since(figures, last.starts_at) if last and figures else {}
    rows = tuple(row for indicator in chosen for row in _rows(indicator, found[indicator.pk], new))
    moved = tuple(_say_moved(row) for row in rows if row.moved)
    return Dashboard(
        as_at=dates.say_day(at),
        headline=_headline(rows),
        since=_since(last, len(moved)),
        moved=moved,
        rows=rows,
        overdue=_overdue(rows),
    )


def _rows(indicator: Indicator, group: list[Series], new: dict[int, str]):
    several = len({series.last.definition for series in group if series.last}) > 1
    for place, series in enumerate(group):
        yield Row(
            key=indicator.key,
            name=indicator.name,
            direction=DIRECTION[indicator.good_direction],
            is_first=place == 0,
            meaning=f"By definition {series.last.definition}" if several and series.last else "",
            series=series,
            moved=new.get(series.last.pk, "") if series.last else "",
        )


def _headline(rows: tuple[Row, ...]) -> str:
    """In a sentence or two: what is better and worse, and what misses its target."""
    if not rows:
        return NOTHING
    if not any(row.series.last for row in rows):
        return NO_FIGURE
    better, worse = (sum(row.series.verdict == verdict for row in rows) for verdict in (BETTER, WORSE))
    said = "No figure can be called better or worse than the one before it."
    if better or worse:
        said = f"{_count(better)} better than before, {_count(worse, short=True)} worse."
    aimed = [row for row in rows if row.series.target is not None and row.series.last.value is not None]
    missed = sum(row.series.misses for row in aimed)
    if not aimed:
        return said
    if not missed:
        return f"{said} Every figure with a target meets it."
    return f"{said} {_count(missed, verb='misses', verbs='miss')} {'its' if missed == 1 else 'their'} target."


def _count(number: int, *, verb: str = "is", verbs: str = "are", short: bool = False) -> str:
    """ "1 figure is", "3 figures are", "No figure is"; short: "1 is", "3 are", "none is"."""
    if short:
        return f"{number or 'none'} {verb if number < 2 else verbs}"
    return f"{number or 'No'} figure{'' if number < 2 else 's'} {verb if number < 2 else verbs}"


def _since(last: Meeting | None, moved: int) -> str:
    if last is None:
        return "No meeting has been held yet, so nothing is told apart as new."
    day = dates.say_day(last.starts_at)
    if not moved:
        return f"Nothing new was recorded since the meeting of {day}."
    return f"{moved} figure{' is' if moved == 1 else 's are'} new or corrected since the meeting of {day}."


def _overdue(rows: tuple[Row, ...]) -> str:
    figures = [row.series for row in rows if row.series.last]
    late = sum(bool(series.overdue) for series in figures)
    if not late:
        return ""
    return f"{late} of {len(figures)} figures {'is' if late == 1 else 'are'} older than the indicator’s frequency suggests."


def _say_moved(row: Row) -> str:
    """ "Weeks of waiting, Cheyne, under 5: 28 weeks (September 2019), new; better than before, 38 weeks (December 2018)."""
    series = row.series
    said = f"{row.name}, {series.name}: {series.last.figure} ({series.last.period}), {row.moved}"
    if not series.before:
        return f"{said}. It is the first."
    words = MOVED.get(series.verdict, series.verdict)
    return f"{said}; {f'{words}: ' if words else ''}it was {series.before.figure} ({series.before.period})."
