"""What somebody typed, read: a figure as it was published, a day, a period. What cannot be is refused in a sentence."""

import calendar
import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from django.core.exceptions import ValidationError

from jcb import dates
from jcb.history import refuse
from needs.models import Definition, Observation

Unit, Qualifier = Definition.Unit, Observation.Qualifier
EARLIEST = dt.date(1990, 1, 1)
FURTHEST_YEARS = 30  # a projection reaches no further
HOW_FIGURES = "Give it like 617, 12.7%, £1,200, about 300, over 52 or 38 to 41."
PLACES = 4  # decimals that are kept
LONGEST_PERIOD = 11  # years

# The least and the most that can be, and how that is said.
BOUNDS = {
    Unit.PEOPLE: (0, 100_000_000, "a number of people lies between 0 and 100 million"),
    Unit.COUNT: (0, 1_000_000_000, "a number lies between 0 and a thousand million"),
    Unit.PERCENT: (0, 100, "a share lies between 0% and 100%"),
    Unit.POINTS: (-100, 100, "a difference of shares lies between −100 and 100 points"),
    Unit.WEEKS: (0, 1_040, "a wait lies between 0 and 1,040 weeks"),
    Unit.POUNDS: (0, 10_000_000_000, "an amount lies between £0 and £10 thousand million"),
}
UNIT_WORDS = {
    "%": Unit.PERCENT,
    "per cent": Unit.PERCENT,
    "percent": Unit.PERCENT,
    "point": Unit.POINTS,
    "points": Unit.POINTS,
    "percentage point": Unit.POINTS,
    "percentage points": Unit.POINTS,
    "week": Unit.WEEKS,
    "weeks": Unit.WEEKS,
    "£": Unit.POUNDS,
    "pounds": Unit.POUNDS,
    "people": Unit.PEOPLE,
    "children": Unit.PEOPLE,
    "young people": Unit.PEOPLE,
    "pupils": Unit.PEOPLE,
    "families": Unit.PEOPLE,
    "parents": Unit.PEOPLE,
    "number": Unit.COUNT,
}
NOTHING = {"n/a", "na", "nil", "none", "null", "nan", "inf", "infinity", "tbc", "not shown"}
NUMBER_WORDS = {
    word: number
    for number, word in enumerate(
        "no one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
        "eighteen nineteen twenty".split()
    )
}
EVERYBODY = {"all", "everybody", "everyone", "total", "all children", "all pupils", "all people", "all ages", "both"}
_NUMBER = r"-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_QUANTITY = rf"(?:(£)\s*)?({_NUMBER})\s*(%|[a-z][a-z ]*)?"
_ONE = re.compile(rf"^{_QUANTITY}$")
_RANGE = re.compile(rf"^(?:between\s+|from\s+)?{_QUANTITY}\s*(?:to|and|–|-)\s*{_QUANTITY}$")
_ABOUT = re.compile(r"^(?:about|around|approximately|approx\.?|circa|c\.|some|roughly|~)\s*")
_OVER = re.compile(r"^(?:over|more than|above|at least)\s+")
_UNDER = re.compile(rf"^(under|fewer than|less than|below|up to|at most|<)\s*({_NUMBER})\b")
_PLUS = re.compile(rf"^({_NUMBER})\s*\+$")
_WORD_FIRST = re.compile(rf"^({'|'.join(NUMBER_WORDS)})\b(?! year)")


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure as it was typed, with what it says in numbers."""

    as_printed: str
    value: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    qualifier: str = Qualifier.EXACT


def read_figure(text: str, unit: str, field: str = "figure") -> Figure:
    """A figure in the unit of its definition: "617", "12.7%", "£1,200", "about 300", "over 52 weeks", "38 to 41", or words
    without a number. Raises ValidationError on the field."""
    printed = plain(text)
    said = unicodedata.normalize("NFKC", printed).replace("−", "-").casefold()
    if printed.startswith("="):
        refuse("This is a formula. Give the figure that it works out.", field)
    if len(printed) > 200:
        refuse("Keep the figure under 200 characters, and put the rest into the note.", field)
    if said in NOTHING or (
        not re.search(r"\d", said) and not re.search(r"[a-z]{3}", said) and said not in NUMBER_WORDS
    ):
        refuse("There is no figure here. Give one, or leave it out altogether.", field)
    said = _WORD_FIRST.sub(lambda found: str(NUMBER_WORDS[found[1]]), said)
    if found := _UNDER.match(said):
        # How many there can be at most, so that nobody is told what a source itself withheld.
        bound = _quantity(("", found[2], ""), unit, printed, field)
        below = found[1] not in ("up to", "at most") and unit in (Unit.PEOPLE, Unit.COUNT)
        return Figure(printed, high=max(bound - below, Decimal(0)), qualifier=Qualifier.WORDS)
    if not re.search(r"\d", said):
        return Figure(printed, qualifier=Qualifier.WORDS)
    said = _PLUS.sub(r"over \1", said)
    qualifier = Qualifier.EXACT
    for pattern, kind in ((_ABOUT, Qualifier.ABOUT), (_OVER, Qualifier.OVER)):
        if found := pattern.match(said):
            said, qualifier = said[found.end() :], kind
            break
    if found := _ONE.match(said):
        number = _quantity(found.groups(), unit, printed, field)
        if qualifier == Qualifier.OVER:
            return Figure(printed, low=number, qualifier=qualifier)
        return Figure(printed, value=number, qualifier=qualifier)
    if (found := _RANGE.match(said)) and qualifier != Qualifier.OVER:
        low = _quantity((found[1], found[2], found[3] or found[6]), unit, printed, field)
        high = _quantity((found[4] or found[1], found[5], found[6]), unit, printed, field)
        if low > high:
            refuse(f"“{printed}” runs backwards. Give the smaller number first.", field)
        return Figure(printed, low=low, high=high, qualifier=qualifier)
    raise _refusal(f"“{printed}” is not a figure that can be read. {HOW_FIGURES}", field)


def plain(text: str) -> str:
    """Text in one line, without the characters that nobody sees."""
    return " ".join("".join(c for c in text if unicodedata.category(c) not in ("Cf", "Cc") or c.isspace()).split())


def read_group(text: str) -> str:
    """A group of people; empty for everybody, whatever they are called."""
    group = plain(text)
    return "" if group.casefold() in EVERYBODY else group


def _quantity(parts: tuple, unit: str, printed: str, field: str) -> Decimal:
    pound, digits, words = parts
    for said in filter(None, (pound, (words or "").strip())):
        named = UNIT_WORDS.get(said)
        if named is None:
            refuse(f"“{said}” is not a unit that is known here. This is counted in {say_unit(unit)}.", field)
        if named != unit and {named, unit} != {Unit.PEOPLE, Unit.COUNT}:
            refuse(
                f"“{printed}” is in {say_unit(named)}, and this is counted in {say_unit(unit)}. Give it in that unit.",
                field,
            )
    if len(digits) > 30:
        refuse(f"“{printed[:40]}” cannot be: {BOUNDS[unit][2]}. Check the figure.", field)
    number = Decimal(digits.replace(",", ""))
    least, most, says = BOUNDS[unit]
    if not least <= number <= most:
        refuse(f"“{printed}” cannot be: {says}. Check the figure.", field)
    if unit == Unit.PEOPLE and number != int(number):
        refuse(f"“{printed}” is no whole number of people. Check the figure.", field)
    if -number.as_tuple().exponent > PLACES:
        refuse(f"“{printed}” has more than {PLACES} decimals. Round it.", field)
    return number


def say_unit(unit: str) -> str:
    return {Unit.POUNDS: "pounds (£)", Unit.COUNT: "numbers"}.get(Unit(unit), Unit(unit).label)


def _refusal(message: str, field: str | None) -> ValidationError:
    return ValidationError({field: message} if field else message)


def read_unit(text: str, field: str = "unit") -> str:
    """A unit by its name or sign; empty for none."""
    said = text.strip().casefold()
    if not said:
        return ""
    if said not in UNIT_WORDS:
        refuse(f"“{text.strip()[:40]}” is not a unit that is known here. Use {', '.join(map(say_unit, Unit))}.", field)
    return UNIT_WORDS[said]


# Days and periods -----------------------------------------------------------------------------------------------------

MONTHS = {
    name.casefold(): number for names in (calendar.month_name, calendar.month_abbr) for number, name in enumerate(names) if name
} | {"sept": 9}  # fmt: skip
_ISO = re.compile(r"^(\d{4})-(\d{1,2})-(\d{1,2})(?:[ t]00:00(?::00)?)?$")
_SLASHES = re.compile(r"^(\d{1,2})[/.](\d{1,2})[/.](\d{4})$")
_WORDS = re.compile(r"^(?:(\d{1,2})(?:st|nd|rd|th)? )?([a-z]+)\.? (\d{4})$")
_YEAR = re.compile(r"^\d{4}$")
_SPLIT_YEAR = re.compile(r"^(\d{4}) ?[/–-] ?(\d{2}|\d{4})$")
_TO = re.compile(r" (?:to|until|-) | ?– ?")
_MONTH_YY = re.compile(r"^([a-z]{3,4})[- ](\d{2})$")  # as a spreadsheet writes a month
HOW_DAYS = "Give it like 12 March 2019, 12/03/2019 or 2019-03-12."


def read_day(text: str, *, last: bool = False, field: str = "day") -> dt.date:
    """A day, from a full date, or the first (or `last`) day of a month or a year. Raises ValidationError on the field."""
    said = plain(text).casefold()
    if (found := _MONTH_YY.match(said)) and found[1] in MONTHS:
        said = f"{found[1]} 20{found[2]}"
    try:
        if found := _ISO.match(said):
            return dt.date(*map(int, found.groups()))
        if found := _SLASHES.match(said):
            day, month, year = map(int, found.groups())
            return dt.date(year, month, day)
        if (found := _WORDS.match(said)) and found[2] in MONTHS:
            first = dt.date(int(found[3]), MONTHS[found[2]], int(found[1] or 1))
            return dates.last_of_month(first) if last and not found[1] else first
        if _YEAR.match(said):
            return dt.date(int(said), 12, 31) if last else dt.date(int(said), 1, 1)
    except ValueError:
        refuse(f"“{text.strip()[:40]}” is no day of the calendar. {HOW_DAYS}", field)
    raise _refusal(f"“{text.strip()[:40]}” is not a date that can be read. {HOW_DAYS}", field)


def read_period(text: str, field: str = "period") -> tuple[dt.date, dt.date]:
    """The first and the last day of "2019", "September 2019", "April 2018 to March 2019" or of a single day."""
    said = plain(text)
    if not said:
        refuse("Say which period the figure is about, such as 2019 or April 2018 to March 2019.", field)
    if _SPLIT_YEAR.match(said):
        refuse(f"“{said}” could be a school year or a financial year. Say it like April 2018 to March 2019.", field)
    ends = _TO.split(said)
    if len(ends) > 2:
        refuse(f"“{said[:60]}” has more than two ends. Say it like April 2018 to March 2019.", field)
    return read_day(ends[0], field=field), read_day(ends[-1], last=True, field=field)


def check_period(start: dt.date, end: dt.date, *, projected: bool, field: str = "period") -> None:
    """Refuse a period that runs backwards, lies out of range, or has not ended though its figure is not projected."""
    today = dates.today()
    if end < start:
        refuse(
            f"The period ends on {dates.say_day(end)}, before it starts on {dates.say_day(start)}. Check both.", field
        )
    if start < EARLIEST:
        refuse(f"{dates.say_day(start)} is too long ago: figures start in {EARLIEST.year}. Check the year.", field)
    if end.year - start.year > LONGEST_PERIOD:
        refuse(f"This period is {end.year - start.year} years long. Check both ends.", field)
    if end.year > today.year + FURTHEST_YEARS:
        refuse(f"{dates.say_day(end)} is more than {FURTHEST_YEARS} years ahead. Check the year.", field)
    if end > today and not projected:
        refuse(
            f"This period ends on {dates.say_day(end)}, which has not come. Mark the figure as projected, or correct the period.",
            field,
        )
