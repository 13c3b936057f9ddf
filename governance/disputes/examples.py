"""Worked examples of the ladder's clocks, and the page of them that `docs/ladder.md` is.

The dates on the page are reckoned when it is made: `manage.py ladder_document > docs/ladder.md`.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from governance.disputes import moves
from governance.disputes.clocks import Clocks, Event, Impossible, LadderRule, reckon
from governance.sharing import shares
from jcb import dates

PLAN_2018, TERMS_2020 = "plan-2018", "terms-2020"


@dataclass(frozen=True, slots=True)
class Example:
    """Events under a ladder, and what they show."""

    title: str
    ladder: str
    events: tuple[tuple[str, str], ...]
    shows: str


EXAMPLES = (
    Example(
        "Twenty-eight days",
        PLAN_2018,
        (("raised", "2019-03-01"), ("referral:executive", "2019-03-04")),
        "The day of the referral is day 0. The period lasts until the end of day 28.",
    ),
    Example(
        "A leap day in the period",
        PLAN_2018,
        (("referral:executive", "2020-02-01"),),
        "29 February is a day like any other.",
    ),
    Example(
        "Over the turn of the year",
        PLAN_2018,
        (("referral:executive", "2018-12-10"),),
        "Bank holidays and weekends do not stretch a period.",
    ),
    Example(
        "Over a change of the clocks",
        PLAN_2018,
        (("referral:executive", "2019-03-18"),),
        "Days are days on the London calendar; the hour that is lost on 31 March counts for nothing.",
    ),
    Example(
        "The second period runs from its own referral",
        PLAN_2018,
        (("referral:executive", "2019-03-04"), ("referral:political", "2019-04-15")),
        "A referral that comes late does not shorten the period that follows it.",
    ),
    Example(
        "An extension that all agreed to",
        PLAN_2018,
        (("referral:executive", "2019-03-04"), ("extension:executive", "2019-05-31")),
        "The agreed day takes the place of day 28, and the next rung opens the day after it.",
    ),
    Example(
        "Going up too early",
        PLAN_2018,
        (("referral:executive", "2019-03-04"), ("referral:political", "2019-04-01")),
        "Day 28 is still the executive’s. Refused, with the day from which it is open.",
    ),
    Example(
        "Statements before a mediation",
        PLAN_2018,
        (
            ("referral:executive", "2019-03-04"),
            ("referral:political", "2019-04-02"),
            ("referral:mediation", "2019-05-01"),
            ("mediation_starts", "2019-06-17"),
        ),
        "Not less than 14 days before: 14 days before is the last day in time. A lawyer may read it as clear days; a day earlier is safe.",
    ),
    Example(
        "Another period for the statements",
        PLAN_2018,
        (
            ("referral:executive", "2019-03-04"),
            ("referral:political", "2019-04-02"),
            ("referral:mediation", "2019-05-01"),
            ("mediation_starts", "2019-06-17"),
            ("statement_period", "7"),
        ),
        "The mediator agreed seven days.",
    ),
    Example(
        "The mediator’s report",
        PLAN_2018,
        (
            ("referral:executive", "2019-03-04"),
            ("referral:political", "2019-04-02"),
            ("referral:mediation", "2019-05-01"),
            ("mediation_concluded", "2019-06-18"),
        ),
        "Within 14 days of the conclusion: 14 days after it is the last day.",
    ),
    Example(
        "To court",
        PLAN_2018,
        (
            ("referral:executive", "2019-03-04"),
            ("referral:political", "2019-04-02"),
            ("referral:mediation", "2019-05-01"),
            ("mediation_failed", "2019-06-18"),
        ),
        "Not until 14 days after it failed: day 15 is the first open day.",
    ),
    Example(
        "The terms of 2020",
        TERMS_2020,
        (("raised", "2020-02-03"), ("referral:executive", "2020-02-10")),
        "They state no periods, so no date follows.",
    ),
)

COUNTING = (
    "Days are calendar days on London dates.",
    "The day of an event is day 0. A period of 28 days lasts until the end of day 28, and the next rung opens on day 29.",
    "Bank holidays and weekends do not stretch a period; a date that falls on one is shown with a warning.",
    "“Not less than 14 days before” an event: 14 days before it is the last day in time.",
    "“Within 14 days of” an event: 14 days after it is the last day.",
    "An extension counts once every party has confirmed the same day. It is longer than the period, or it is refused.",
    "A clock never blocks the record of something that happened. It marks it early or late. Only moving up a rung before the period has run out is refused.",
)


def events_of(example: Example) -> list[Event]:
    return [
        Event(kind, days=int(value)) if kind == "statement_period" else Event(kind, on=dt.date.fromisoformat(value))
        for kind, value in example.events
    ]


def document(rules: Iterable[LadderRule]) -> str:
    """The page as Markdown: the ladders, the counting rules, the examples with their dates, and how a fee is shared."""
    by_key = {rule.key: rule for rule in rules}
    parts = [
        "# The dispute ladder and its clocks",
        "This page is made by `manage.py ladder_document` from the code that runs the ladder.",
    ]
    for rule in by_key.values():
        parts += [f"## {rule.title}", _table(("Rung", "Period", "May be extended"), map(_rung, rule.rungs))]
    parts += ["## How days are counted", "\n".join(f"- {line}" for line in COUNTING)]
    parts += ["## What may happen, and from where", "\n".join(moves.as_markdown()), "## Worked examples"]
    for number, example in enumerate(EXAMPLES, start=1):
        parts += [f"### {number}. {example.title}", example.shows, *_worked(example, by_key[example.ladder])]
    thirds = ", ".join(f"£{share / 100:,.2f}" for share in shares(100_000, 3))
    parts += ["## The mediator’s fee", f"£1,000.00 among three parties, in the order they are named: {thirds}."]
    return "\n\n".join(parts) + "\n"


def _rung(rung) -> tuple[str, str, str]:
    told = [f"{rung.days} days"] if rung.days else []
    if rung.statement_days:
        told.append(f"statements {rung.statement_days} days before it starts")
    if rung.report_days:
        told.append(f"report within {rung.report_days} days of its end")
    return rung.name, "; ".join(told) or "none stated", "yes" if rung.may_extend else "no"


def _worked(example: Example, rule: LadderRule) -> list[str]:
    given = _table(("Event", "Given"), ((kind, _say(value)) for kind, value in example.events))
    try:
        found = reckon(rule, events_of(example))
    except Impossible as refusal:
        return [given, f"Refused: {refusal}"]
    follows = _follows(found)
    return [given, _table(("What follows", "Date"), follows) if follows else "No date follows."]


def _follows(found: Clocks) -> list[tuple[str, str]]:
    rows = []
    for key, period in found.periods.items():
        if period.last_day:
            rows.append((f"{key}: last day", _with_weekday(period.last_day)))
            rows.append((f"{key}: next rung opens", _with_weekday(period.next_rung_opens)))
    others = (
        ("written statements: last day", found.statements_due),
        ("mediator’s report: last day", found.report_due),
        ("court opens", found.court_opens),
    )
    return rows + [(what, _with_weekday(day)) for what, day in others if day]


def _say(value: str) -> str:
    return f"{value} days" if value.isdecimal() else _with_weekday(dt.date.fromisoformat(value))


def _with_weekday(day: dt.date) -> str:
    return f"{day:%A} {dates.say_day(day)}"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
