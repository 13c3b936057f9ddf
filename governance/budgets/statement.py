"""The statement on personal and pooled budgets that the Board gets with its standing item: on the agenda and in the pack."""

import datetime as dt
from dataclasses import dataclass

from governance.budgets import pages
from governance.models import Agreement
from jcb import dates
from needs.models import Indicator
from needs.pages import list_page

PERSONAL = "personal-budgets"  # the indicator of how many take up a personal budget


@dataclass(frozen=True, slots=True)
class Told:
    """An agreement in the statement: "B1", "Equipment", "Pooled budget, in force", "£84,000.00", "£85,200.00 forecast", …"""

    ref: str
    number: int
    title: str
    kind: str
    agreed: str
    comes_to: str
    variance: str
    review: str
    review_is_late: bool


@dataclass(frozen=True, slots=True)
class Statement:
    """What the Board is told at a meeting. `headline` and each line of `uptake` are sentences without their last stop."""

    headline: str
    year: str
    agreements: tuple[Told, ...]
    uptake: tuple[str, ...]


def statement(on: dt.date) -> Statement:
    """The agreements that run on a day with that financial year's figures, the reviews due by then, and the uptake of
    personal budgets. The figures are those that the register has now; for a past day the headline says so."""
    year = dates.financial_year(on)
    rows = list(pages.with_their_years(running_on(on)))
    found = pages.lines(rows, on)
    return Statement(
        headline=_headline(rows, year, on, sum(_is_due(row, on) for row in rows)),
        year=dates.say_financial_year(year),
        agreements=tuple(_told(line) for line in found),
        uptake=tuple(uptake()),
    )


def running_on(on: dt.date):
    """The agreements that are agreed or in force on a day: not those merely proposed, or ended by then."""
    rows = Agreement.objects.filter(starts_on__lte=on).exclude(status=Agreement.Status.PROPOSED)
    return rows.exclude(status=Agreement.Status.ENDED, ends_on__lt=on).order_by("number")


def reviews_due(on: dt.date) -> int:
    """How many agreements are to be reviewed by a day."""
    return sum(_is_due(row, on) for row in running_on(on))


def uptake() -> list[str]:
    """How many take up a personal budget, borough by borough, and the target: as the indicator has them."""
    row = Indicator.objects.filter(key=PERSONAL).first()
    if row is None:
        return ["Personal budgets: no indicator is kept"]
    line = list_page(Indicator.objects.filter(pk=row.pk))["lines"][0]
    said = [f"Personal budgets in {each.area}: {_figure(each)}" for each in line.latest]
    by = f" by {dates.say_day(row.target_on)}" if row.target_on else ""
    target = f"Target for personal budgets: {line.target or 'none set'}{by}"
    note = row.target_note.strip().rstrip(".")
    return [*said, f"{target}. {note}" if note else target]


def _headline(rows: list[Agreement], year: int, on: dt.date, due: int) -> str:
    many = f"{len(rows)} agreement{'' if len(rows) == 1 else 's'} to align or pool budgets"
    said = many if rows else "No agreement to align or pool budgets is in force"
    if on < dates.today():
        said = f"As the register stands on {dates.say_day(dates.today())}: {_lower(said)}"
    its = [each for row in rows for each in row.years.all() if each.year == year]
    if its:
        total = pages.total(year, its)
        said += f". In {total.said}: {total.agreed} agreed, "
        said += f"{total.comes_to} expected, {_lower(total.variance)}" if total.comes_to else "no forecast yet"
        said += f" ({total.without} without a forecast)" if total.comes_to and total.without else ""
    return f"{said}. {due} review{' is' if due == 1 else 's are'} due" if due else said


def _told(line: pages.Line) -> Told:
    row, year = line.agreement, line.this_year
    comes_to = "No forecast yet"
    if year and (year.actual or year.forecast):
        comes_to = f"{year.actual} actual" if year.actual else f"{year.forecast} forecast"
    return Told(
        ref=line.ref,
        number=row.number,
        title=row.title,
        kind=f"{line.kind}, {_lower(line.status)}{', invented' if row.invented else ''}",
        agreed=year.agreed if year else "No figures for this year",
        comes_to=comes_to,
        variance=year.variance if year else "",
        review=line.review,
        review_is_late=line.review_is_late,
    )


def _is_due(row: Agreement, on: dt.date) -> bool:
    return row.is_running and row.review_on is not None and row.review_on <= on


def _figure(latest) -> str:
    return f"{latest.figure} ({latest.period})" if latest.figure else "no figure yet"


def _lower(words: str) -> str:
    return f"{words[:1].lower()}{words[1:]}"
