"""What the pages of needs show, made from the records before a template sees it."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import OuterRef, Prefetch, Subquery

from jcb import dates
from jcb.models import Area, BoardSettings
from needs.figures import DIRECTION, Figure, figures, say_period, with_unit
from needs.models import Definition, Indicator, Observation, Source
from needs.suppression import as_may_be_told, mute, withheld

MOST_VALUES = 120  # on a page; the rest is in the file to download
CSV_HEADER = (
    "Area",
    "Group",
    "From",
    "To",
    "As published",
    "Value",
    "Low",
    "High",
    "Unit",
    "Definition",
    "Projected",
    "Source",
    "Looked at",
    "Note",
)


@dataclass(frozen=True, slots=True)
class Latest:
    """The latest counted figure of a borough, or none."""

    area: str
    figure: str = ""
    period: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """An indicator in the list."""

    key: str
    name: str
    direction: str
    target: str
    latest: tuple[Latest, ...]


@dataclass(frozen=True, slots=True)
class Cited:
    """A source as the page lists it under its number."""

    number: int
    title: str
    address: str
    looked_at: str


def list_page(indicators: Iterable[Indicator]) -> dict:
    """Every indicator with each borough's latest figure. The queries are as many however much there is."""
    boroughs = list(Area.objects.filter(kind=Area.Kind.BOROUGH).order_by("name"))
    definitions = Definition.objects.order_by("number")
    for borough in boroughs:
        # By definition, in the order of the index that starts with it: the latest is found without reading the others.
        latest = Observation.objects.filter(
            definition=OuterRef("pk"), area=borough, breakdown="", is_projection=False
        ).order_by("-period_end", "-pk")
        definitions = definitions.annotate(**{f"latest_{borough.pk}": Subquery(latest.values("pk")[:1])})
    rows = list(indicators.prefetch_related(Prefetch("definitions", definitions)))
    wanted = {
        getattr(definition, f"latest_{borough.pk}")
        for row in rows
        for definition in row.definitions.all()
        for borough in boroughs
    }
    found = Observation.objects.select_related("definition").in_bulk(wanted - {None})
    smallest = BoardSettings.current().smallest_figure
    told = {o.pk: o for o in as_may_be_told(found.values(), smallest)}
    return {"boroughs": boroughs, "lines": [_line(row, boroughs, told) for row in rows]}


def _line(row: Indicator, boroughs: list[Area], told: dict[int, Observation]) -> Line:
    latest = []
    for borough in boroughs:
        of_each = [told.get(getattr(d, f"latest_{borough.pk}")) for d in row.definitions.all()]
        o = max(filter(None, of_each), key=lambda o: (o.period_end, o.definition.number), default=None)
        known = (o.as_printed, say_period(o.period_start, o.period_end)) if o else ()
        latest.append(Latest(borough.name, *known))
    units = [definition.unit for definition in row.definitions.all()]
    target = with_unit(row.target, units[-1]) if row.target is not None and units else ""
    return Line(row.key, row.name, DIRECTION[row.good_direction], target, tuple(latest))


def indicator_page(indicator: Indicator, measures) -> dict:
    """An indicator's figures for every borough, with their charts, sources, and what it measures in the plans."""
    cited: list[Source] = []

    def cite(source: Source) -> int:
        if source not in cited:
            cited.append(source)
        return cited.index(source) + 1

    today = dates.today()
    found = figures(
        indicator,
        area=None,
        edition=today,
        as_at=today,
        smallest=BoardSettings.current().smallest_figure,
        cite=cite,
        most=MOST_VALUES,
    )
    return {
        "indicator": indicator,
        "figures": found,
        "headline": headline(indicator, found),
        "is_cut": sum(len(figure.values) for figure in found) >= MOST_VALUES,
        "sources": [
            Cited(number, source.title, source.address, dates.say_day(source.accessed_on))
            for number, source in enumerate(cited, start=1)
        ],
        "measures": [measure.deliverable or measure.workstream for measure in measures],
        "definitions": list(indicator.definitions.order_by("number")),
    }


def headline(indicator: Indicator, found: list[Figure]) -> str:
    """In a sentence: how many of the latest local figures are past the target, or what the latest figure is."""
    if not found:
        return "No figure has been recorded yet."
    figure = found[0]
    latest = {(v.area, v.part): v for v in figure.values if v.local and not v.projected and v.value is not None}
    if not latest:
        return "There is no counted figure for a borough yet."
    if figure.target is None or indicator.good_direction == Indicator.Direction.NEITHER:
        return " ".join(f"{_name(v)}: {v.figure} ({v.period})." for v in list(latest.values())[:2])
    down = indicator.good_direction == Indicator.Direction.DOWN
    missed = [v for v in latest.values() if (v.value > figure.target if down else v.value < figure.target)]
    name = figure.target_short
    if not missed:
        return f"Every latest figure meets the target ({name})."
    worst = max(missed, key=lambda v: v.value if down else -v.value)
    which = "Every latest figure misses" if len(missed) == len(latest) else f"{len(missed)} of {len(latest)} miss"
    return f"{which} the target ({name}). Furthest from it: {worst.figure}, {_name(worst)}, {worst.period}."


def _name(value) -> str:
    return ", ".join(filter(None, (value.area, value.part)))


def csv_rows(indicator: Indicator) -> Iterable[list]:
    """Every value as a row for a spreadsheet; a handful of people is not said here either."""
    hidden = withheld([indicator.pk], smallest=BoardSettings.current().smallest_figure)
    rows = Observation.objects.filter(definition__indicator=indicator).select_related("definition", "area", "source")
    for o in rows.order_by("definition__number", "area__name", "breakdown", "period_end").iterator(chunk_size=2000):
        told = mute(o, hidden[o.pk]) if o.pk in hidden else o
        yield [
            o.area.name,
            o.breakdown,
            o.period_start.isoformat(),
            o.period_end.isoformat(),
            told.as_printed,
            told.value,
            told.low,
            told.high,
            o.definition.get_unit_display(),
            o.definition.number,
            "yes" if o.is_projection else "",
            o.source.title if o.source else "",
            o.source.accessed_on.isoformat() if o.source and o.source.accessed_on else "",
            "" if o.pk in hidden else o.note,
        ]
