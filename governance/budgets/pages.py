"""What the pages of agreements, and the statement to the Board, show of them."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import django_filters as filters
from django import forms

from governance.budgets.operations import say_pounds
from governance.models import Agreement, AgreementYear
from jcb import dates
from jcb.models import Partner, Person
from workstreams.models import Workstream

RUNNING = "running"  # everything that has not ended


@dataclass(frozen=True, slots=True)
class YearLine:
    """A year of an agreement in words: "2019/20", "£84,000.00", "£1,200.00 over". `contributions` are pairs."""

    year: int
    said: str
    agreed: str
    forecast: str
    actual: str
    variance: str
    is_over: bool
    contributions: tuple[tuple[str, str], ...]
    note: str


@dataclass(frozen=True, slots=True)
class Line:
    """An agreement in the register. `this_year` is the financial year of the day that was asked about, or None."""

    agreement: Agreement
    ref: str
    kind: str
    basis: str
    where: str
    parties: tuple[str, ...]
    host: str
    status: str
    runs: str
    review: str
    review_is_late: bool
    this_year: YearLine | None
    years: tuple[YearLine, ...]


@dataclass(frozen=True, slots=True)
class Total:
    """What agreements come to in a financial year. `without` is how many say neither a forecast nor what it came to."""

    said: str
    agreements: int
    agreed: str
    comes_to: str
    variance: str
    is_over: bool
    without: int


class AgreementFilter(filters.FilterSet):
    """The register's filters, in the address."""

    status = filters.ChoiceFilter(
        choices=[(RUNNING, "All that have not ended"), *Agreement.Status.choices], method="by_status", label="How it stands", empty_label="All"
    )  # fmt: skip
    workstream = filters.ModelChoiceFilter(queryset=Workstream.objects.none(), label="Workstream", empty_label="All")

    class Meta:
        model = Agreement
        fields: list[str] = []

    def __init__(self, data, *, queryset, request):
        super().__init__(data, queryset=queryset, request=request)
        streams = Workstream.objects.visible_to(request.user).select_related("plan__area")
        self.filters["workstream"].queryset = streams.order_by("plan__area__name", "-plan__edition_month", "number")
        self.form.fields["workstream"].label_from_instance = say_workstream
        for field in self.form.fields.values():
            field.widget.attrs["class"] = "govuk-select" if isinstance(field.widget, forms.Select) else "govuk-input"

    def by_status(self, rows, name, value):
        return rows.exclude(status=Agreement.Status.ENDED) if value == RUNNING else rows.filter(status=value)


def visible(person: Person):
    """The agreements a person may see, with what a list shows of them."""
    return with_their_years(Agreement.objects.visible_to(person))


def with_their_years(rows):
    rows = rows.select_related("workstream__plan__area", "host")
    return rows.prefetch_related("parties__partner", "years__contributions")


def say_workstream(row: Workstream) -> str:
    """ "3. Short breaks, Westminster 2018": the boroughs' workstreams have the same numbers, and so have two editions."""
    return f"{row}, {row.plan.area.name} {row.plan.edition_month.year}"


def lines(rows: Iterable[Agreement], on: dt.date) -> list[Line]:
    """The rows as lines, as they stand on a day. The queries are as many for one as for all."""
    holders = _holders(on)
    return [line(row, on, holders) for row in rows]


def line(row: Agreement, on: dt.date, holders: dict[int, Partner] | None = None) -> Line:
    holders = _holders(on) if holders is None else holders
    names = {party.pk: _name(party.partner, holders) for party in row.parties.all()}
    years = tuple(_year(each, row, names) for each in row.years.all())
    late = row.is_running and row.review_on is not None and row.review_on < on
    review = (
        f"Review {'was' if late else 'is'} due {dates.say_day(row.review_on)}"
        if row.review_on
        else "No review is planned"
    )
    return Line(
        agreement=row,
        ref=row.ref,
        kind=row.get_kind_display(),
        basis=row.get_basis_display(),
        where=say_workstream(row.workstream) if row.workstream else "No one workstream",
        parties=tuple(
            names[party.pk] + (f": {party.percent.normalize():f}%" if party.percent is not None else "")
            for party in row.parties.all()
        ),
        host=_name(row.host, holders) if row.host else "",
        status=_status(row, on),
        runs=_runs(row),
        review=review if row.status != Agreement.Status.ENDED else "",
        review_is_late=late,
        this_year=next((each for each in years if each.year == dates.financial_year(on)), None),
        years=years,
    )


def totals(rows: Iterable[Agreement]) -> list[Total]:
    """What the agreements come to, year by year, the latest first. What is merely proposed is not counted."""
    by_year: dict[int, list[AgreementYear]] = {}
    for row in rows:
        if row.status != Agreement.Status.PROPOSED:
            for each in row.years.all():
                by_year.setdefault(each.year, []).append(each)
    return [total(year, by_year[year]) for year in sorted(by_year, reverse=True)]


def total(year: int, rows: Sequence[AgreementYear]) -> Total:
    """What years of agreements come to together. The variance is of those that say what they come to."""
    known = [each for each in rows if each.variance is not None]
    over = sum((each.variance for each in known), Decimal(0))
    return Total(
        said=dates.say_financial_year(year),
        agreements=len(rows),
        agreed=say_pounds(sum((each.agreed for each in rows), Decimal(0))),
        comes_to=say_pounds(sum((each.agreed + each.variance for each in known), Decimal(0))) if known else "",
        variance=say_variance(over if known else None),
        is_over=bool(known) and over > 0,
        without=len(rows) - len(known),
    )


def say_variance(variance: Decimal | None) -> str:
    """ "£1,200.00 over", "£300.00 under", "As agreed"; "Not known yet" for None."""
    if variance is None:
        return "Not known yet"
    if not variance:
        return "As agreed"
    return f"{say_pounds(abs(variance))} {'over' if variance > 0 else 'under'}"


def _year(row: AgreementYear, agreement: Agreement, names: dict[int, str]) -> YearLine:
    paid = {each.party_id: each.amount for each in row.contributions.all()}
    return YearLine(
        year=row.year,
        said=row.said,
        agreed=say_pounds(row.agreed),
        forecast="" if row.forecast is None else say_pounds(row.forecast),
        actual="" if row.actual is None else say_pounds(row.actual),
        variance=say_variance(row.variance),
        is_over=(row.variance or 0) > 0,
        contributions=tuple((name, say_pounds(paid.get(pk, Decimal(0)))) for pk, name in names.items()),
        note=row.note,
    )


def _status(row: Agreement, on: dt.date) -> str:
    """How it stands in words, with a word where its dates say otherwise."""
    said = row.get_status_display()
    if row.status == Agreement.Status.ENDED:
        before = ", before it began" if row.ends_on < row.starts_on else ""
        return f"Ended on {dates.say_day(row.ends_on)}{before}"
    if row.is_running and row.ends_on is not None and row.ends_on < on:
        return f"{said}, though its last day was {dates.say_day(row.ends_on)}"
    return said


def _runs(row: Agreement) -> str:
    first = f"From {dates.say_day(row.starts_on)}"
    return f"{first} to {dates.say_day(row.ends_on)}" if row.ends_on else f"{first}, with no last day"


def _holders(on: dt.date) -> dict[int, Partner]:
    """Of every partner that was followed by another, who holds its duties on a day."""
    everyone = {partner.pk: partner for partner in Partner.objects.all()}
    for partner in everyone.values():
        if partner.successor_id:
            partner.successor = everyone[partner.successor_id]
    return {pk: holder for pk, partner in everyone.items() if (holder := partner.now_called(on)) is not partner}


def _name(partner: Partner, holders: dict[int, Partner]) -> str:
    """A partner by the name it had when it agreed, and who holds its duties where that is another."""
    holder = holders.get(partner.pk)
    return f"{partner.name} (now {holder.name})" if holder else partner.name


CSV_HEADER = [
    "Number", "Agreement", "What it pays for", "Kind", "Legal basis", "Workstream", "Parties", "Host", "Risk share",
    "Reported to", "Starts", "Ends", "Review due", "Status", "Year", "Agreed", "Forecast", "Actual", "Variance",
    "Contributions", "Note", "Invented",
]  # fmt: skip


def csv_rows(found: Iterable[Line]) -> Iterable[list]:
    """A row for each year of each agreement; one that has no year yet has a row of its own."""
    for each in found:
        row = each.agreement
        head = [
            each.ref, row.title, row.about, each.kind, each.basis, each.where, "; ".join(each.parties), each.host,
            row.risk_share, row.reporting_body, row.starts_on, row.ends_on, row.review_on, each.status,
        ]  # fmt: skip
        invented = "yes" if row.invented else ""
        for year, told in zip(row.years.all(), each.years, strict=True):
            paid = "; ".join(f"{name}: {amount}" for name, amount in told.contributions)
            yield [*head, told.said, year.agreed, year.forecast, year.actual, year.variance, paid, told.note, invented]
        if not each.years:
            yield [*head, *[""] * 7, invented]
