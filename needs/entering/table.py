"""A table of figures, checked row by row against what is known: what would be new, what would change, what is wrong.

    found = check(text, by_default=...)
    found.problems    # a sentence for each row that cannot go in; then nothing goes in
    found.lines       # what each other row would do

The columns may stand in any order. The file that an indicator's page gives to download has the same columns, so that it can
be filled in and brought back.
"""

import csv
import datetime as dt
import hashlib
import io
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from jcb import dates
from jcb.history import refuse
from jcb.models import Area, BoardSettings
from jcb.spreadsheets import RISKY
from needs.entering.reading import (
    Figure,
    check_period,
    plain,
    read_day,
    read_figure,
    read_group,
    read_period,
    read_unit,
    say_unit,
)
from needs.entering.sheets import MOST_ROWS, TOO_LONG
from needs.figures import say_period
from needs.models import Definition, Indicator, Observation, Source
from needs.suppression import NOT_SHOWN, WHY_BESIDE, WHY_SMALL, withheld

COLUMNS = {
    "indicator": ("Indicator", "Its name, as it stands in the list of indicators"),
    "area": ("Area", "The borough, part, provider, region or country, by name"),
    "group": ("Group", "A part of the people counted, such as under 5. Empty: everybody"),
    "period": ("Period", "2019, September 2019, or April 2018 to March 2019; or two columns, From and To"),
    "figure": ("As published", "617, 12.7%, £1,200, about 300, over 52, 38 to 41, or words"),
    "unit": ("Unit", "Only to be sure: it is checked against the indicator’s"),
    "definition": ("Definition", "Its number, where the indicator has several and it is not the latest"),
    "projected": ("Projected", "Yes for a figure about the future"),
    "source": ("Source", "The title of the publication"),
    "address": ("Address", "Its web address, where the source is new"),
    "looked at": ("Looked at", "When somebody saw the figure there"),
    "note": ("Note", "What readers have to know of the figure"),
}
NAMES = {
    **{title.casefold(): key for key, (title, _) in COLUMNS.items()},
    "figure": "figure",
    "value": "value",
    "low": "low",  # of our own files; what is published says it
    "high": "high",
    "from": "from",
    "to": "to",
    "accessed": "looked at",
}
WITHHELD = re.compile(rf"^(?:{NOT_SHOWN}|fewer than \d+)$")  # what our own files say instead of a small number
YES, NO = {"yes", "y", "true", "1", "projected"}, {"", "no", "n", "false", "0"}
MOST_TOLD = 200  # problems on a page
NEW, CHANGED, SAME = "new", "changed", "same"


@dataclass(frozen=True, slots=True)
class Line:
    """A row that can go in. `before` is the figure that stands there now, empty for a new one."""

    row: int
    state: str
    definition: Definition
    area: Area
    breakdown: str
    start: dt.date
    end: dt.date
    projected: bool
    figure: Figure
    source: Source
    note: str
    present: Observation | None
    is_withheld: bool = False

    @property
    def identity(self) -> tuple:
        return _identity(self.definition.pk, self.area.pk, self.start, self.end, self.breakdown, self.projected)

    @property
    def period(self) -> str:
        return say_period(self.start, self.end)

    @property
    def state_words(self) -> str:
        if self.is_withheld and self.state == CHANGED:
            return "Replaces what is withheld"
        return {NEW: "New", CHANGED: "Changes", SAME: "As it is"}[self.state]


@dataclass(slots=True)
class Checked:
    """What a table would do, or did once it `went_in`. Before that, `digest` is the same as long as neither the table nor
    what it changes is another."""

    lines: list[Line] = field(default_factory=list)
    problems: list[tuple[int, str]] = field(default_factory=list)
    rows: int = 0
    went_in: bool = False

    def count(self, state: str) -> int:
        return sum(line.state == state for line in self.lines)

    @property
    def new(self) -> int:
        return self.count(NEW)

    @property
    def changed(self) -> int:
        return self.count(CHANGED)

    @property
    def same(self) -> int:
        return self.count(SAME)

    @property
    def new_sources(self) -> list[Source]:
        return list({id(line.source): line.source for line in self.lines if line.source.pk is None}.values())

    @property
    def digest(self) -> str:
        what = [
            (
                *line.identity,
                line.state,
                line.figure,
                line.source.title,
                line.note,
                line.present and line.present.version,
            )
            for line in self.lines
        ]
        return hashlib.sha256(repr(what).encode()).hexdigest()

    def problem(self, row: int, refusal: ValidationError) -> None:
        self.problems.append((row, " ".join(refusal.messages)))


# The text -------------------------------------------------------------------------------------------------------------


def rows_of(text: str) -> list[tuple[int, list[str]]]:
    """The rows that hold something, each with its number in the table. Columns are parted by tabs, semicolons or commas,
    whichever the first row has most of."""
    if "\0" in text:
        refuse("The table holds a character that is no text. Copy it into a new file, and try again.")
    lines = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    head = next((line for line in lines.split("\n") if line.strip()), "")
    mark = max("\t;,", key=head.count)
    found = []
    reader = csv.reader(io.StringIO(lines), delimiter=mark, strict=True)
    try:
        for number, cells in enumerate(reader, start=1):
            if any(cell.strip() for cell in cells):
                found.append((number, [_plain(cell) for cell in cells]))
            if len(found) > MOST_ROWS + 1:
                refuse(TOO_LONG)
    except csv.Error as problem:
        raise ValidationError(
            f"Row {reader.line_num} cannot be read: a quotation mark that is not closed, or a very long cell. Correct it."
        ) from problem
    if not found:
        refuse("There is no table here. Put the names of the columns in the first row.")
    return found


def _plain(cell: str) -> str:
    """A cell in one line, without the apostrophe that our own files put before what could be a formula."""
    cell = plain(cell)
    return cell[1:] if cell[:1] == "'" and cell[1:2] in RISKY else cell


def header(cells: list[str], *, has_indicator: bool, has_source: bool) -> dict[str, int]:
    """Which column stands where. Raises ValidationError with what is missing, unknown or there twice."""
    places: dict[str, int] = {}
    unknown, twice = [], []
    for place, cell in enumerate(cells):
        if not cell:
            continue
        name = NAMES.get(cell.casefold().rstrip(":* "))
        if name is None:
            unknown.append(cell[:40])
        elif name in places:
            twice.append(cell[:40])
        else:
            places[name] = place
    missing = []
    if not has_indicator and "indicator" not in places:
        missing.append("Indicator")
    if "area" not in places:
        missing.append("Area")
    if "period" not in places and not {"from", "to"} <= places.keys():
        missing.append("Period, or From and To")
    if not {"figure", "value"} & places.keys():
        missing.append("As published")
    if not has_source and "source" not in places:
        missing.append("Source")
    problems = []
    if missing:
        problems.append(f"The first row has to name the columns. Missing: {'; '.join(missing)}.")
    if unknown:
        known = ", ".join(title for title, _ in COLUMNS.values())
        problems.append(f"Not known as columns: {', '.join(unknown)}. Rename or delete them; these are known: {known}.")
    if twice:
        problems.append(f"There twice: {', '.join(twice)}. Keep one of each.")
    if problems:
        raise ValidationError(problems)
    return places


# The rows -------------------------------------------------------------------------------------------------------------


def check(text: str, *, indicator: Indicator | None = None, source: Source | None = None) -> Checked:
    """Check a table; `indicator` and `source` are those of rows that name none. As many queries however long it is.

    Raises ValidationError where it is no table at all, or has the wrong columns.
    """
    (first, names), *rows = rows_of(text)
    places = header(names, has_indicator=indicator is not None, has_source=source is not None)
    found = Checked(rows=len(rows))
    if not rows:
        found.problems.append((first, "There are no rows below the names of the columns. Add the figures."))
        return found
    known = Known(indicator, source)
    read = []
    for number, cells in rows:
        row = {name: cells[place] if place < len(cells) else "" for name, place in places.items()}
        try:
            if len([cell for cell in cells if cell]) and any(cells[len(names) :]):
                refuse("It has more cells than there are columns. Check for a comma or tab within a cell.")
            read.append((number, known.read(row)))
        except ValidationError as refusal:
            found.problem(number, refusal)
    _compare(read, found, BoardSettings.current().smallest_figure)
    return found


def _compare(read: list[tuple[int, dict]], found: Checked, smallest: int) -> None:
    """Hold the rows that could be read against what is recorded, and against each other."""
    present = _present(values for _, values in read)
    hidden = withheld({o.definition.indicator_id for o in present.values()}, smallest=smallest) if present else {}
    taken: dict[tuple, int] = {}
    for number, values in read:
        try:
            line = _line(number, values, present, hidden)
            if line.identity in taken:
                refuse(f"This is the same area, group and period as row {taken[line.identity]}. Keep one of the two.")
            taken[line.identity] = number
            if line.source is None:
                refuse("Say where the figure comes from: give the title of a source.")
            found.lines.append(line)
        except ValidationError as refusal:
            found.problem(number, refusal)
    found.problems.sort()


def _line(number: int, values: dict, present: dict[tuple, Observation], hidden: Collection[int]) -> Line:
    """What a row does. A figure that stands as it is printed needs not be understood anew."""
    values = dict(values)
    printed, typed, problem = values.pop("printed"), values.pop("typed"), values.pop("problem")
    o = present.get(
        _identity(
            values["definition"].pk,
            values["area"].pk,
            values["start"],
            values["end"],
            values["breakdown"],
            values["projected"],
        )
    )
    if o is None:
        if problem:
            raise problem
        return Line(row=number, state=NEW, present=None, **values)
    values |= {"breakdown": o.breakdown, "source": values["source"] or o.source}
    is_withheld = o.pk in hidden
    if is_withheld:
        state = SAME if WITHHELD.match(printed) else CHANGED  # whatever was typed: nobody finds out by trying
    elif printed == o.as_printed and (not typed or o.value is None or typed == o.value):
        values["figure"] = Figure(o.as_printed, o.value, o.low, o.high, o.qualifier)
        same = values["source"].pk == o.source_id and values["note"] in ("", o.note)
        state = SAME if same else CHANGED
    else:
        state = CHANGED
    if state == SAME:
        values["figure"] = values["figure"] or Figure(printed)
    elif values["figure"] is None:
        raise problem
    return Line(row=number, state=state, present=o, is_withheld=is_withheld, **values)


def _identity(definition: int, area: int, start: dt.date, end: dt.date, breakdown: str, projected: bool) -> tuple:
    return (definition, area, start, end, breakdown.casefold(), projected)


def _present(read: Iterable[dict]) -> dict[tuple, Observation]:
    """What is recorded already of the same definitions and periods, by what identifies it."""
    read = list(read)
    rows = Observation.objects.filter(
        definition__in={values["definition"].pk for values in read}, period_end__in={values["end"] for values in read}
    ).select_related("definition", "area", "source")
    return {
        _identity(o.definition_id, o.area_id, o.period_start, o.period_end, o.breakdown, o.is_projection): o
        for o in rows
    }


class Known:
    """The indicators, areas and sources by the names that people write, read once for a table."""

    def __init__(self, indicator: Indicator | None, source: Source | None):
        self.indicator, self.source = indicator, source
        indicators = list(Indicator.objects.prefetch_related("definitions"))
        areas = list(Area.objects.all())
        self.indicators = _by_name(indicators, "key", "name")
        self.areas = _by_name(areas, "key", "code", "name")
        self.sources = _by_name(Source.objects.all(), "key", "title")
        if indicator is not None:
            self.indicator = self.indicators[indicator.key.casefold()]

    def read(self, row: dict[str, str]) -> dict:
        """What a row says, as the fields of a Line. Raises ValidationError with every problem of the row."""
        for cell in row.values():
            if cell.startswith("="):
                refuse("It holds a formula. Give the value that it works out.")
        said: dict = {}
        problems: list[str] = []

        def attempt(name: str, does) -> None:
            try:
                said[name] = does()
            except ValidationError as refusal:
                problems.extend(refusal.messages)

        attempt("indicator", lambda: self._indicator(row.get("indicator", "")))
        attempt("area", lambda: _named(self.areas, row.get("area", ""), "area"))
        attempt("projected", lambda: _yes(row.get("projected", "")))
        attempt("days", lambda: _days(row))
        if "days" in said and "projected" in said:
            attempt("period", lambda: check_period(*said["days"], projected=said["projected"]))
        attempt("source", lambda: self._source(row))
        if "indicator" in said and "days" in said:
            attempt("definition", lambda: _definition(said["indicator"], row, said["days"][0]))
        attempt("group", lambda: _short(read_group(row.get("group", "")), 60, "group"))
        attempt("note", lambda: _short(row.get("note", ""), 1000, "note"))
        figure, problem = None, None
        if "definition" in said:
            try:
                figure = _figure(row, said["definition"].unit)
            except ValidationError as refusal:
                problem = refusal  # it may stand there as it is
        if problems:
            raise ValidationError([*problems, *(problem.messages if problem else ())])
        start, end = said["days"]
        return {
            "definition": said["definition"],
            "area": said["area"],
            "breakdown": said["group"],
            "start": start,
            "end": end,
            "projected": said["projected"],
            "figure": figure,
            "printed": row.get("figure") or row.get("value", ""),
            "typed": _number(row.get("value", "")),
            "problem": problem,
            "source": said["source"],
            "note": "" if said["note"] in (WHY_SMALL, WHY_BESIDE) else said["note"],
        }

    def _indicator(self, name: str) -> Indicator:
        if self.indicator is not None:
            if name and self.indicators.get(name.casefold()) != self.indicator:
                refuse(f"“{name[:60]}” is another indicator. This page takes figures of {self.indicator.name} alone.")
            return self.indicator
        return _named(self.indicators, name, "indicator")

    def _source(self, row: dict[str, str]) -> Source | None:
        """The source that a row names; a title that is new makes a new one, the same for every row with that title."""
        title, address = row.get("source", ""), row.get("address", "")
        seen = read_day(row["looked at"]) if row.get("looked at") else None
        if seen and seen > dates.today():
            refuse(f"Looked at says {dates.say_day(seen)}, which has not come. Correct it.")
        if not title:
            return self.source
        if found := self.sources.get(title.casefold()):
            if found.pk and seen and seen != found.accessed_on:
                refuse(
                    f"“{title[:60]}” is recorded as looked at {on(found)}. Leave Looked at empty, or have the secretariat "
                    "change the source under Reference records."
                )
            return found
        _short(title, 300, "source")
        if address:
            _check_address(address)
        self.sources[title.casefold()] = Source(title=title, address=address, accessed_on=seen)
        return self.sources[title.casefold()]


def on(source: Source) -> str:
    return f"on {dates.say_day(source.accessed_on)}" if source.accessed_on else "on no known day"


def _check_address(address: str) -> None:
    try:
        URLValidator(schemes=["http", "https"])(address)
    except ValidationError:
        refuse("The address of the source does not look right. Copy it from the address bar of your browser.")
    _short(address, 500, "address")


def _by_name(rows, *names: str) -> dict:
    return {getattr(row, name).casefold(): row for name in names for row in rows if getattr(row, name)}


def _named(rows: dict, name: str, what: str):
    if not name:
        refuse(f"The {what} is missing. Write its name.")
    if name.casefold() not in rows:
        refuse(f"No {what} is called “{name[:60]}”. Write it as in the list, or have the secretariat add it.")
    return rows[name.casefold()]


def _yes(text: str) -> bool:
    said = text.casefold()
    if said not in YES | NO:
        refuse(f"“{text[:40]}” under Projected should be yes or nothing.")
    return said in YES


def _short(text: str, most: int, what: str) -> str:
    if len(text) > most:
        refuse(f"The {what} has {len(text):,} characters. Keep it under {most}.")
    return text


def _days(row: dict[str, str]) -> tuple[dt.date, dt.date]:
    if row.get("period"):
        return read_period(row["period"])
    if not (row.get("from") and row.get("to")):
        return read_period(row.get("from") or row.get("to") or "")
    return read_day(row["from"]), read_day(row["to"], last=True)


def _definition(indicator: Indicator, row: dict[str, str], start: dt.date) -> Definition:
    """The definition that a row names, or the latest that was in force when its period began, in the unit it names."""
    definitions = sorted(indicator.definitions.all(), key=lambda d: d.number)
    if not definitions:
        refuse(f"{indicator.name} has no definition yet. The secretariat adds one under Reference records.")
    unit = read_unit(row.get("unit", ""))
    if named := row.get("definition", ""):
        found = [d for d in definitions if str(d.number) == named]
        if not found:
            refuse(
                f"{indicator.name} has no definition {named[:20]}. It has {', '.join(str(d.number) for d in definitions)}."
            )
    else:
        found = [d for d in definitions if d.from_period is None or d.from_period <= start] or definitions[:1]
    if unit and not any(d.unit == unit for d in found):
        refuse(f"The unit is {say_unit(unit)}, and {indicator.name} is counted in {say_unit(found[-1].unit)}.")
    return [d for d in found if not unit or d.unit == unit][-1]


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text.replace(",", ""))
    except InvalidOperation:
        return None


def _figure(row: dict[str, str], unit: str) -> Figure:
    """The figure as published; a number in a column of its own has to agree with it, or says what its words mean."""
    printed, number = row.get("figure", ""), row.get("value", "")
    if not printed:
        return read_figure(number, unit)
    figure = read_figure(printed, unit)
    if not number:
        return figure
    value = read_figure(number, unit).value
    if figure.value is None and figure.low is None and value is not None:
        return Figure(figure.as_printed, value=value)
    if value != figure.value:
        refuse(f"As published says “{printed[:40]}”, and Value says “{number[:40]}”. Correct one of the two.")
    return figure
