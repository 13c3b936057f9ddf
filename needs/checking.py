"""The consistency checker: what the papers said of a figure, against what the loaded values give.

A published claim is data: which figure, against which other, and what was said. Each kind of claim has its rule here, and
no rule knows of a case. A claim that cannot be worked out, because a figure is missing or in words only, is left alone.
"""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from jcb import dates
from jcb.models import Area, BoardSettings
from needs.figures import MINUS, say_number, say_period, signed, with_unit
from needs.models import Definition, Observation, PublishedClaim, Source
from needs.suppression import NOT_SHOWN, WHY_SMALL, withheld

ALIKE = Decimal("0.1")  # of the figure compared to: "around", "in line", "the same" are right within it
NOTABLE = Decimal("0.05")  # of the figure compared to: what is called significant differs by more
ROUGH = Decimal("0.05")  # of a figure that is itself only about right
THOUSANDS = re.compile(r"(?<=\d),(?=\d{3})")
YEAR = 365  # days after which a source should be looked at again
AREA_CODE = re.compile(r"\b[EWSN]\d{8}\b")
UNITS = {
    "%": "percent",
    "percent": "percent",
    "per cent": "percent",
    "points": "points",
    "weeks": "weeks",
    "£": "pounds",
}
PEOPLE = {Definition.Unit.PEOPLE, Definition.Unit.COUNT}
HIGHER = re.compile(r"\b(higher|above|more|over|greater|up|rose|rise|rising|increase\w*)\b")
LOWER = re.compile(r"\b(lower|below|less|fewer|under|down|fell|fall|falling|decrease\w*)\b")
LIKE = re.compile(r"\b(around|about|in line|same|similar|level)\b")
SIGNIFICANT = re.compile(r"\b(significant\w*|much|far)\b")
Kind = PublishedClaim.Kind
SOURCE_AGE = "source_age"


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something the papers said that the figures do not give. Keys of records, so that a program can find them; `period`
    is an ISO interval, empty for a source, as `indicator` and `area` are. `about` is all three in words."""

    kind: str
    indicator: str
    area: str
    period: str
    stated: str
    computed: str
    note: str
    said_in: str = ""
    about: str = ""

    def as_json(self) -> dict[str, str]:
        """As a program reads it: numbers without thousands, a minus that is a hyphen."""
        names = ("kind", "indicator", "area", "period", "stated", "computed", "note")
        found = {name: getattr(self, name) for name in names}
        return found | {"computed": THOUSANDS.sub("", self.computed).replace(MINUS, "-")}


def doubts(on: dt.date) -> list[Doubt]:
    """Every claim that its figures do not bear out, then every source not looked at for a year before a day. What
    would tell of a handful of people is not worked out for the reader. As many queries however many claims there are."""
    claims = PublishedClaim.objects.select_related(
        "observation__definition__indicator",
        "observation__area__within__within",
        "observation__source",
        "against__definition__indicator",
        "against__area",
    ).order_by("kind", "key")
    coded = {area.code: area for area in Area.objects.exclude(code="")}
    claims = list(claims)
    smallest = BoardSettings.current().smallest_figure
    measured = {o.definition.indicator_id for claim in claims for o in (claim.observation, claim.against) if o}
    hidden = withheld(measured, smallest=smallest)
    found = []
    for claim in claims:
        answer = RULES[Kind(claim.kind)](claim, Beside(coded, smallest))
        if answer is None:
            continue
        if claim.kind != Kind.AREA and {claim.observation_id, claim.against_id} & hidden.keys():
            answer = (NOT_SHOWN, WHY_SMALL)
        found.append(_doubt(claim, *answer))
    return found + _old_sources(on)


@dataclass(frozen=True, slots=True)
class Beside:
    """What the rules know beside a claim: areas by their codes, and the smallest number of people that is told."""

    coded: dict[str, Area]
    smallest: int


Answer = tuple[str, str] | None  # what the figures give, and what to know of it


def _doubt(claim: PublishedClaim, computed: str, note: str) -> Doubt:
    o = claim.observation
    return Doubt(
        kind=claim.kind,
        indicator=o.definition.indicator.key,
        area=o.area.key,
        period=f"{o.period_start.isoformat()}/{o.period_end.isoformat()}",
        stated=claim.stated,
        computed=computed,
        note=note,
        said_in=claim.said_in,
        about=f"{o.definition.indicator.name}, {o.area.name}, {say_period(o.period_start, o.period_end)}",
    )


# The rules ------------------------------------------------------------------------------------------------------------


def _change(claim: PublishedClaim, _: "Beside") -> Answer:
    """The later figure less the earlier one, or what that is of the earlier one in per cent."""
    new, old = _values(claim)
    if new is None or old is None:
        return None
    change = new - old
    if claim.stated_value is None:
        said = claim.stated.lower()
        wrong = (HIGHER.search(said) and change <= 0) or (LOWER.search(said) and change >= 0)
        if LIKE.search(said):
            wrong = not _alike(new, old)
        return (signed(change), _from_to(claim)) if wrong else None
    percent = "%" in claim.stated and claim.observation.definition.unit != Definition.Unit.PERCENT
    if percent and not old:
        return None
    given = 100 * change / old if percent else change
    about = _room(claim.observation) + (_room(claim.against) if claim.against else 0)
    about = 100 * about / abs(old) if percent else about
    if _as_stated(given, claim.stated_value) or abs(given - claim.stated_value) <= about:
        return None
    words = f"{signed(round(given, 2))}%" if percent else signed(given)
    return words, _from_to(claim)


def _share(claim: PublishedClaim, known: "Beside") -> Answer:
    """The one figure as a part of the other. A share that was printed as such has a whole number of people behind it."""
    part, whole = _values(claim)
    if part is None or not whole or claim.stated_value is None:
        return None
    ours, theirs = claim.observation.definition.unit, claim.against.definition.unit
    stated = claim.stated_value
    if ours == Definition.Unit.PERCENT and theirs in PEOPLE:
        if _room(claim.observation) or _whole_number_behind(stated, whole):
            return None
        near = int((stated * whole / 100).quantize(Decimal(1), ROUND_HALF_UP))
        if near < known.smallest:
            return (
                f"no whole number of {say_number(whole)}",
                f"So {say_number(stated)}% was counted from another number.",
            )
        return (
            f"{near} of {say_number(whole)} is {_percent(Decimal(near) / whole)}",
            f"No whole number of {say_number(whole)} gives {say_number(stated)}%, so it was counted from another number.",
        )
    if ours != theirs and not {ours, theirs} <= PEOPLE:
        return None
    given = 100 * part / whole
    if _as_stated(given, stated):
        return None
    against = f"{with_unit(part, ours)} of {with_unit(whole, theirs)}"
    return _percent(given / 100), f"{against}: both as parts of the same whole." if ours == theirs else f"{against}."


def _comparison(claim: PublishedClaim, _: "Beside") -> Answer:
    """How one figure stands to another: above, below, or about the same. Figures printed as about right have some room."""
    one, other = _values(claim)
    if one is None or other is None or claim.observation.definition.unit != claim.against.definition.unit:
        return None
    said, difference = claim.stated.lower(), one - other
    room = _room(claim.observation) + _room(claim.against)
    if LIKE.search(said):
        wrong = not _alike(one, other)
    elif HIGHER.search(said):
        wrong = difference <= -room if room else difference <= 0
    elif LOWER.search(said):
        wrong = difference >= room if room else difference >= 0
    else:
        return None
    unit = claim.observation.definition.unit
    computed = f"{with_unit(one, unit)} against {with_unit(other, unit)}: {signed(difference)}"
    if wrong:
        return computed, "The figures stand the other way." if not LIKE.search(said) else "The figures are far apart."
    if SIGNIFICANT.search(said) and abs(difference) < NOTABLE * abs(other):
        return computed, "The difference is small for what is called significant."
    return None


def _definition(claim: PublishedClaim, _: "Beside") -> Answer:
    """Whether two figures under the same words count the same thing."""
    if claim.against is None or claim.observation.definition_id == claim.against.definition_id:
        return None
    one, other = claim.observation.definition, claim.against.definition
    if one.indicator_id != other.indicator_id:
        return f"{one.indicator} and {other.indicator}", "These are two indicators, so their figures are not compared."
    return f"definitions {one.number} and {other.number}", f"{other.number}: {other.text} {one.number}: {one.text}"


def _area(claim: PublishedClaim, known: "Beside") -> Answer:
    """Whether the source cited is for the place that the figure is given for."""
    o = claim.observation
    named = AREA_CODE.findall(o.source.address) if o.source else []
    own, place = set(), o.area
    while place is not None:
        own.add(place.code)
        place = place.within
    if not named or own & set(named):
        return None
    code = named[0]
    name = known.coded[code].name if code in known.coded else "another place"
    return (
        f"{name} ({code})",
        f"The address of the source carries this code; {o.area.name}’s is {o.area.code or 'not known'}.",
    )


def _unit(claim: PublishedClaim, _: "Beside") -> Answer:
    """Whether the unit that was printed is that of what is measured."""
    printed, unit = UNITS.get(claim.stated.strip().lower()), claim.observation.definition.unit
    if printed is None or printed == unit:
        return None
    note = "A difference between two shares is in percentage points." if unit == Definition.Unit.POINTS else ""
    return Definition.Unit(unit).label, note


def _old_sources(on: dt.date) -> list[Doubt]:
    """Sources last looked at more than a year before a day; where no day is known, those with an address to look at."""
    found = []
    for source in Source.objects.order_by("title"):
        last = source.accessed_on
        if (on - last).days <= YEAR if last else not source.address:
            continue
        days = f"{(on - last).days} days ago" if last else "never, as far as is known"
        stated = f"looked at on {last.isoformat()}" if last else "no day on which it was looked at"
        found.append(
            Doubt(SOURCE_AGE, "", "", "", stated, days, f"{source.title}: look at it again.", about=source.title)
        )
    return found


RULES: dict[str, Callable[[PublishedClaim, "Beside"], Answer]] = {
    Kind.CHANGE: _change,
    Kind.SHARE: _share,
    Kind.COMPARISON: _comparison,
    Kind.AREA: _area,
    Kind.DEFINITION: _definition,
    Kind.UNIT: _unit,
}


# Shared ---------------------------------------------------------------------------------------------------------------


def _values(claim: PublishedClaim) -> tuple[Decimal | None, Decimal | None]:
    return claim.observation.value, claim.against.value if claim.against else None


def _room(o: Observation) -> Decimal:
    """How far a figure that was printed as about right may be off, in its unit."""
    exact = o.qualifier == Observation.Qualifier.EXACT
    return Decimal(0) if exact or o.value is None else abs(o.value) * ROUGH


def _alike(one: Decimal, other: Decimal) -> bool:
    return abs(one - other) <= ALIKE * abs(other)


def _places(stated: Decimal) -> Decimal:
    """The last place that was printed: 1.4 has tenths. Stored values have four places, of which noughts say nothing."""
    return Decimal(1).scaleb(min(0, stated.normalize().as_tuple().exponent))


def _as_stated(given: Decimal, stated: Decimal) -> bool:
    """Whether a figure, rounded to the places that were printed, is the one that was printed."""
    return given.quantize(_places(stated), ROUND_HALF_UP) == stated


def _whole_number_behind(percent: Decimal, whole: Decimal) -> bool:
    near = int(percent * whole / 100)
    return any(_as_stated(100 * Decimal(count) / whole, percent) for count in range(max(0, near - 1), near + 3))


def _percent(share: Decimal) -> str:
    return f"{round(100 * share, 1)}%".replace("-", MINUS)


def _from_to(claim: PublishedClaim) -> str:
    one, other = claim.against, claim.observation
    unit = other.definition.unit
    return (
        f"From {with_unit(one.value, unit)} ({dates.say_month(one.period_end)}) "
        f"to {with_unit(other.value, unit)} ({dates.say_month(other.period_end)})."
    )
