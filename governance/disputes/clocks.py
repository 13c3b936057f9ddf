"""The clocks of a dispute: which day a period ends, and from which day the next rung is open.

    rule = rule_of(Ladder.objects.get(key="plan-2018"))
    clocks = reckon(rule, [Event("raised", day), Event("referral:executive", day), …])

Pure functions of dates and a rule; nothing here reads the clock or the database but `rule_of`. Days are calendar days on
London dates. The day of an event is day 0; a period of 28 days lasts until the end of day 28, and the next rung opens on
day 29. Where a ladder states no period, there is no date: none is invented.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from governance.models import Ladder
from jcb import dates

BOARD, MEDIATION, COURT = "board", "mediation", "court"
RAISED, REFERRAL, EXTENSION = "raised", "referral", "extension"
STARTS, STATEMENT_PERIOD = "mediation_starts", "statement_period"
CONCLUDED, FAILED = "mediation_concluded", "mediation_failed"
OF_MEDIATION = (STARTS, STATEMENT_PERIOD, CONCLUDED, FAILED)
FIRST_DAY, LAST_DAY = dt.date(1990, 1, 1), dt.date(2200, 12, 31)
LONGEST_STATEMENT_PERIOD = 365


class Impossible(ValueError):
    """These events cannot have happened in this way; the text is a plain sentence that says what to do."""


@dataclass(frozen=True, slots=True)
class RungRule:
    """One rung as the clause has it; a period is in calendar days, None where the clause states none."""

    key: str
    name: str
    days: int | None = None
    may_extend: bool = False
    statement_days: int | None = None
    report_days: int | None = None


@dataclass(frozen=True, slots=True)
class LadderRule:
    """The rungs of one ladder, from the lowest up."""

    key: str
    title: str
    rungs: tuple[RungRule, ...]

    def rung(self, key: str) -> RungRule | None:
        return next((rung for rung in self.rungs if rung.key == key), None)

    def below(self, rung: RungRule) -> RungRule | None:
        place = self.rungs.index(rung)
        return self.rungs[place - 1] if place else None


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened on a day, or the days that a mediator agreed for the statements (`days`)."""

    kind: str
    on: dt.date | None = None
    days: int | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """How long a rung has: its first day 0, the last day of its period, and the first day on which the next rung is open."""

    referred_on: dt.date | None = None
    last_day: dt.date | None = None
    next_rung_opens: dt.date | None = None
    extended: bool = False


@dataclass(frozen=True, slots=True)
class Clocks:
    """What can be reckoned of a dispute so far; None where it is not known yet or no period is stated."""

    periods: Mapping[str, Period]
    statements_due: dt.date | None = None
    report_due: dt.date | None = None
    court_opens: dt.date | None = None


def rule_of(ladder: Ladder) -> LadderRule:
    """The rule that a ladder's rows state. One query."""
    rungs = tuple(
        RungRule(rung.key, rung.name, rung.days, rung.may_extend, rung.statement_days, rung.report_days)
        for rung in ladder.rungs.order_by("order")
    )
    return LadderRule(ladder.key, ladder.title, rungs)


def last_day(first: dt.date, days: int) -> dt.date:
    """The last day of a period that runs from an event: 28 days from 1 March end with 29 March."""
    return first + dt.timedelta(days=days)


def opens_after(last: dt.date) -> dt.date:
    """The first day after a period."""
    return last + dt.timedelta(days=1)


def last_day_before(event: dt.date, days: int) -> dt.date:
    """The last day that is not less than so many days before an event: 14 days before 29 March is 15 March."""
    return event - dt.timedelta(days=days)


def reckon(rule: LadderRule, events: Iterable[Event]) -> Clocks:
    """Every date that follows from the events under a ladder's rule.

    Raises Impossible where the events are out of order, name a rung or a period that the ladder does not have, or go up a
    rung before the period below has run out.
    """
    given = _by_kind(rule, events)
    raised = _first(given, RAISED)
    periods: dict[str, Period] = {}
    for rung in rule.rungs:
        if rung.key in (BOARD, COURT):
            continue
        periods[rung.key] = _period(rule, rung, given, periods, raised)
    _check_mediation(given, periods)
    return Clocks(periods, *_mediation(rule, given), _court_opens(rule, given))


def _by_kind(rule: LadderRule, events: Iterable[Event]) -> dict[str, list[Event]]:
    given: dict[str, list[Event]] = {}
    for event in events:
        _check_known(rule, event)
        if event.kind in given and not event.kind.startswith(EXTENSION):
            raise Impossible(
                f"“{event.kind}” is given twice. Give each event once; only an extension can follow another."
            )
        given.setdefault(event.kind, []).append(event)
    return given


def _check_known(rule: LadderRule, event: Event) -> None:
    if event.kind == STATEMENT_PERIOD:
        if event.days is None or not 0 <= event.days <= LONGEST_STATEMENT_PERIOD:
            raise Impossible(f"Give statement_period in days, from 0 to {LONGEST_STATEMENT_PERIOD}.")
    elif event.on is None or not FIRST_DAY <= event.on <= LAST_DAY:
        raise Impossible(f"Give “{event.kind}” a date from {FIRST_DAY.year} to {LAST_DAY.year}.")
    what, _, key = event.kind.partition(":")
    if event.kind == RAISED:
        return
    if event.kind in OF_MEDIATION:
        what, key = REFERRAL, MEDIATION
    rung = rule.rung(key)
    if what not in (REFERRAL, EXTENSION) or key in ("", BOARD, COURT):
        raise Impossible(f"There is no event “{event.kind}”. Choose one of: {', '.join(kinds(rule))}.")
    if rung is None:
        raise Impossible(f"The ladder “{rule.title}” has no rung “{key}”. Choose one of: {', '.join(kinds(rule))}.")
    if what == EXTENSION and not (rung.may_extend and rung.days):
        raise Impossible(f"The ladder “{rule.title}” states no period for “{key}”, so there is nothing to extend.")


def kinds(rule: LadderRule) -> list[str]:
    """The kinds of event that a ladder knows, in the order in which they can happen."""
    found = [RAISED]
    for rung in rule.rungs:
        if rung.key in (BOARD, COURT):
            continue
        found.append(f"{REFERRAL}:{rung.key}")
        if rung.may_extend and rung.days:
            found.append(f"{EXTENSION}:{rung.key}")
        if rung.key == MEDIATION:
            found += OF_MEDIATION
    return found


def _period(rule, rung: RungRule, given, periods, raised) -> Period:
    referred, extensions = _first(given, f"{REFERRAL}:{rung.key}"), given.get(f"{EXTENSION}:{rung.key}", [])
    if referred is None:
        if extensions:
            raise Impossible(f"An extension for “{rung.key}” needs its referral. Give referral:{rung.key} as well.")
        return Period()
    if raised and referred < raised:
        raise Impossible(f"{_say(rung, referred)} is before the dispute was raised, on {dates.say_day(raised)}.")
    below = rule.below(rung)
    if below and below.key != BOARD:
        _check_open(rung, referred, below, periods[below.key])
    if rung.days is None or rung.key == MEDIATION:
        return Period(referred)
    last = last_day(referred, rung.days)
    for extension in extensions:
        if extension.on <= last:
            raise Impossible(
                f"An extension until {dates.say_day(extension.on)} is no longer than the period of “{rung.key}”, which ends "
                f"on {dates.say_day(last)} already. Give a later day."
            )
        last = extension.on
    return Period(referred, last, opens_after(last), bool(extensions))


def _check_open(rung: RungRule, referred: dt.date, below: RungRule, period: Period) -> None:
    if period.referred_on is None:
        raise Impossible(f"“{rung.key}” comes after “{below.key}”. Give referral:{below.key} as well.")
    if period.next_rung_opens and referred < period.next_rung_opens:
        raise Impossible(
            f"{_say(rung, referred)} is too early: the period of “{below.key}” lasts until {dates.say_day(period.last_day)}. "
            f"It is open from {dates.say_day(period.next_rung_opens)}."
        )
    if referred < period.referred_on:
        raise Impossible(
            f"{_say(rung, referred)} is before the referral to “{below.key}”, on {dates.say_day(period.referred_on)}."
        )


def _say(rung: RungRule, referred: dt.date) -> str:
    return f"The referral to “{rung.key}” on {dates.say_day(referred)}"


def _check_mediation(given, periods) -> None:
    """Referred, then started, then concluded, then failed; each may be missing but the first."""
    happened = [(kind, _first(given, kind)) for kind in (STARTS, CONCLUDED, FAILED) if _first(given, kind)]
    if not happened:
        return
    referred = periods[MEDIATION].referred_on
    if referred is None:
        raise Impossible(f"“{happened[0][0]}” needs the joint referral. Give referral:mediation as well.")
    before, before_on = "referral:mediation", referred
    for kind, on in happened:
        if on < before_on:
            raise Impossible(
                f"“{kind}” on {dates.say_day(on)} is before “{before}” on {dates.say_day(before_on)}. Check both dates."
            )
        before, before_on = kind, on


def _mediation(rule: LadderRule, given) -> tuple[dt.date | None, dt.date | None]:
    rung, starts, concluded = rule.rung(MEDIATION), _first(given, STARTS), _first(given, CONCLUDED)
    agreed = given.get(STATEMENT_PERIOD)
    before = agreed[0].days if agreed else rung and rung.statement_days
    statements = last_day_before(starts, before) if starts and before is not None else None
    report = last_day(concluded, rung.report_days) if concluded and rung.report_days is not None else None
    return statements, report


def _court_opens(rule: LadderRule, given) -> dt.date | None:
    rung, failed = rule.rung(COURT), _first(given, FAILED)
    return opens_after(last_day(failed, rung.days)) if rung and rung.days is not None and failed else None


def _first(given, kind: str) -> dt.date | None:
    return given[kind][0].on if kind in given else None
