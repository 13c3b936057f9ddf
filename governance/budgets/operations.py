"""What is done to agreements on budgets: put on the register, changed, reviewed, ended, and put on record year by year."""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.db import transaction
from django.db.models import Max, Q, Sum

from governance.models import Agreement, AgreementParty, AgreementReview, AgreementYear, Contribution
from governance.numbering import save_numbered
from governance.sharing import shares, shares_by
from jcb import access, dates
from jcb.history import refuse
from jcb.identifying import refuse_identifying
from jcb.models import Partner, Person
from jcb.steps import check_seen, save
from workstreams.models import Lead, Workstream

MAY_NOT = "You can read this agreement; the leads of its workstream, commissioners of its partners and the secretariat keep it."
MAY_NOT_PROPOSE = "You can read the register; workstream leads, commissioners and the secretariat put agreements on it."
NOT_YOURS = "Name your own organisation among the partners, or choose a workstream that you lead."
ENDED = "This agreement has ended, and stays as it was. Its years can still be changed."
WHOLE = Decimal(100)
Party = tuple[Partner, Decimal | None]  # with its share of the risk in per cent, where one is agreed
Status = Agreement.Status


# The agreement --------------------------------------------------------------------------------------------------------


def may_propose(by: Person) -> bool:
    """Whether a person may put agreements on the register: which ones, is known once they are written down."""
    today = dates.today()
    leading = Lead.objects.filter(Q(until_on=None) | Q(until_on__gte=today), person=by, from_on__lte=today)
    return access.may_propose_budgets(by, leading.exists())


@transaction.atomic
def propose(
    *,
    by: Person,
    title: str,
    kind: str,
    basis: str,
    parties: Sequence[Party],
    starts_on: dt.date,
    host: Partner | None = None,
    workstream: Workstream | None = None,
    about: str = "",
    risk_share: str = "",
    reporting_body: str = "",
    ends_on: dt.date | None = None,
    review_on: dt.date | None = None,
    status: str = Status.PROPOSED,
) -> Agreement:
    """Put an agreement on the register, with its parties in the order in which they are named.

    Raises PermissionDenied, or ValidationError with a sentence; nothing is written then.
    """
    access.require(may_propose(by), MAY_NOT_PROPOSE)
    row = Agreement(
        number=0, title=title.strip(), kind=kind, basis=basis, host=host, workstream=workstream, about=about.strip(),
        risk_share=risk_share.strip(), reporting_body=reporting_body.strip(), starts_on=starts_on, ends_on=ends_on,
        review_on=review_on, status=status,
    )  # fmt: skip
    if status == Status.ENDED:
        refuse("Put it on the register as it was, then record its end.", "status")
    _check(row, parties)
    row.full_clean(exclude=["number"])
    save_numbered(row)
    _name_parties(row, parties)
    if not access.may_keep_budgets(by, row, dates.today()):
        refuse(NOT_YOURS)
    return row


@transaction.atomic
def edit(
    *,
    by: Person,
    agreement: Agreement,
    seen: int,
    title: str,
    kind: str,
    basis: str,
    parties: Sequence[Party],
    starts_on: dt.date,
    host: Partner | None,
    workstream: Workstream | None,
    about: str,
    risk_share: str,
    reporting_body: str,
    ends_on: dt.date | None,
    review_on: dt.date | None,
    status: str,
) -> Agreement:
    """Change what was agreed, between whom, or how it stands. A party that pays in some year stays a party."""
    row = _opened(agreement, by, seen)
    if not row.can_become(status):
        refuse(f"An agreement that is {row.get_status_display().lower()} cannot become {Status(status).label.lower()} in one step.", "status")  # fmt: skip
    if status == Status.ENDED:
        refuse("Record its end on the page for that, with the day and the reason.", "status")
    values = {
        "title": title.strip(), "kind": kind, "basis": basis, "host": host, "workstream": workstream,
        "about": about.strip(), "risk_share": risk_share.strip(), "reporting_body": reporting_body.strip(),
        "starts_on": starts_on, "ends_on": ends_on, "review_on": review_on, "status": status,
    }  # fmt: skip
    for name, value in values.items():
        setattr(row, name, value)
    _check(row, parties)
    _check_years(row)
    row = save(row, **values)
    _name_parties(row, parties)
    return row


@transaction.atomic
def end(*, by: Person, agreement: Agreement, seen: int, ends_on: dt.date, because: str) -> Agreement:
    """Record that an agreement ended, or was given up before it began, and why. Its years can still be changed afterwards."""
    row = _opened(agreement, by, seen)
    if ends_on > dates.today() or ends_on < row.starts_on <= dates.today():
        refuse("Choose a day from its first to today.", "ends_on")
    _check_words(because=because)
    if not because.strip():
        refuse("Say why it ended.", "because")
    return save(row, status=Status.ENDED, ended_because=because.strip(), ends_on=ends_on)


@transaction.atomic
def review(
    *, by: Person, agreement: Agreement, seen: int, on: dt.date, outcome: str, next_on: dt.date | None
) -> AgreementReview:
    """Record that an agreement was reviewed, what came of it, and when it is reviewed next.

    Effects: the review, and the day on which the agreement's next one is due.
    """
    row = _opened(agreement, by, seen)
    if not row.starts_on <= on <= dates.today():
        refuse("Choose a day from its first to today.", "on")
    if not outcome.strip():
        refuse("Say what came of the review.", "outcome")
    _check_words(outcome=outcome)
    if next_on is not None and next_on <= on:
        refuse("The next review comes after this one. Choose a later day.", "next_on")
    last = row.reviews.aggregate(last=Max("number"))["last"] or 0
    made = AgreementReview(agreement=row, number=last + 1, on=on, outcome=outcome.strip(), next_on=next_on, by=by)
    made.full_clean()
    made.save()
    save(row, review_on=next_on)
    return made


# Its years ------------------------------------------------------------------------------------------------------------


@transaction.atomic
def add_year(
    *,
    by: Person,
    agreement: Agreement,
    year: int,
    agreed: Decimal,
    contributions: Mapping[int, Decimal],
    forecast: Decimal | None = None,
    actual: Decimal | None = None,
    note: str = "",
) -> AgreementYear:
    """Put a financial year on record, of an agreement: `contributions` maps a party's primary key to what it pays, in pounds.

    Refuses where they do not add up to what was agreed, to the penny, and says by how much they are out.
    """
    held = _held(agreement, by)
    if held.years.filter(year=year).exists():
        refuse(f"{dates.say_financial_year(year)} is there already. Change that one.", "year")
    row = AgreementYear(agreement=held, year=year, agreed=agreed, forecast=forecast, actual=actual, note=note.strip())
    _check_year(row)
    row.full_clean()
    row.save()
    _contribute(row, contributions)
    return row


@transaction.atomic
def edit_year(
    *,
    by: Person,
    row: AgreementYear,
    seen: int,
    agreed: Decimal,
    contributions: Mapping[int, Decimal],
    forecast: Decimal | None = None,
    actual: Decimal | None = None,
    note: str = "",
) -> AgreementYear:
    """Change what is said of a year: the forecast through it, what it came to after it."""
    _held(row.agreement, by)
    row = AgreementYear.objects.select_for_update().select_related("agreement").get(pk=row.pk)
    check_seen(row, seen)
    row.actual = actual
    _check_year(row)
    _check_words(note=note)
    row = save(row, agreed=agreed, forecast=forecast, actual=actual, note=note.strip())
    _contribute(row, contributions)
    return row


def sums_that_differ() -> list[str]:
    """Years whose contributions do not add up to what was agreed, in sentences: there are none, unless somebody went round
    what is here."""
    rows = AgreementYear.objects.select_related("agreement").annotate(paid=Sum("contributions__amount"))
    return [
        f"{row}: the contributions add up to {say_pounds(row.paid or Decimal(0))}, and {say_pounds(row.agreed)} was agreed."
        for row in rows
        if (row.paid or Decimal(0)) != row.agreed
    ]


def shared_equally(total: Decimal, parties: Sequence[AgreementParty]) -> dict[int, Decimal]:
    """A total in equal contributions, to the penny, by the parties' primary keys."""
    return _in_pounds(parties, shares(_pence(total), len(parties)))


def shared_by_risk(total: Decimal, parties: Sequence[AgreementParty]) -> dict[int, Decimal]:
    """A total in contributions as large as each party's share of the risk, to the penny, by the parties' primary keys."""
    if any(party.percent is None for party in parties):
        refuse("No shares of the risk are agreed. Share it equally, or write down each contribution.", "share")
    return _in_pounds(parties, shares_by(_pence(total), [party.percent for party in parties]))


def say_pounds(amount: Decimal) -> str:
    """ "£1,234.50"."""
    return f"£{amount:,.2f}"


def _pence(pounds: Decimal) -> int:
    return int(pounds * 100)


def _in_pounds(parties: Sequence[AgreementParty], pence: Sequence[int]) -> dict[int, Decimal]:
    return {party.pk: Decimal(each).scaleb(-2) for party, each in zip(parties, pence, strict=True)}


def _contribute(row: AgreementYear, contributions: Mapping[int, Decimal]) -> None:
    """Write down what each party pays. A party that is not named pays nothing."""
    parties = {party.pk: party for party in row.agreement.parties.all()}
    if set(contributions) - set(parties):
        refuse("Only parties to the agreement pay into it. Add the partner to the agreement first.")
    total = sum(contributions.values(), Decimal(0))
    if total != row.agreed:
        how = "more" if total > row.agreed else "less"
        refuse(
            f"The contributions add up to {say_pounds(total)}, which is {say_pounds(abs(total - row.agreed))} {how} than the "
            f"agreed {say_pounds(row.agreed)}. Change one of them, or have the total shared."
        )
    there = {each.party_id: each for each in row.contributions.select_for_update()}
    for pk, party in parties.items():
        amount = contributions.get(pk, Decimal(0))
        if pk not in there:
            made = Contribution(year=row, party=party, amount=amount)
            made.full_clean()
            made.save()
        elif there[pk].amount != amount:
            save(there[pk], amount=amount)


def _check_year(row: AgreementYear) -> None:
    """A year is one of the agreement's own, and what it came to is known once it is over."""
    agreement = row.agreement
    first, last = (
        dates.financial_year(agreement.starts_on),
        agreement.ends_on and dates.financial_year(agreement.ends_on),
    )
    if row.year < first or (last is not None and row.year > last):
        until = f" to {dates.say_financial_year(last)}" if last is not None else ""
        refuse(f"The agreement runs from {dates.say_financial_year(first)}{until}. Choose a year within that.", "year")
    if row.actual is not None and dates.today() <= dates.year_ends(row.year):
        refuse(
            f"{row.said} ends on {dates.say_day(dates.year_ends(row.year))}. Until it is over, give a forecast.",
            "actual",
        )
    _check_words(note=row.note)


def _check_years(row: Agreement) -> None:
    """The years on record lie within the agreement's dates."""
    for each in row.years.all():
        ends = row.ends_on is not None and dates.year_starts(each.year) > row.ends_on
        if ends or dates.year_ends(each.year) < row.starts_on:
            refuse(f"{each.said} is on record, and would lie outside these dates.", "ends_on" if ends else "starts_on")


# What is checked ------------------------------------------------------------------------------------------------------


def _held(agreement: Agreement, by: Person) -> Agreement:
    row = Agreement.objects.select_for_update(of=("self",)).select_related("workstream").get(pk=agreement.pk)
    access.require(access.may_keep_budgets(by, row, dates.today()), MAY_NOT)
    return row


def _opened(agreement: Agreement, by: Person, seen: int) -> Agreement:
    row = _held(agreement, by)
    check_seen(row, seen)
    if row.status == Status.ENDED:
        refuse(ENDED)
    return row


def _check(row: Agreement, parties: Sequence[Party]) -> None:
    if not row.title:
        refuse("Say in a few words what the agreement is about.", "title")
    _check_words(title=row.title, about=row.about, risk_share=row.risk_share, reporting_body=row.reporting_body)
    if row.basis not in Agreement.BASES[Agreement.Kind(row.kind)]:
        fits = " or ".join(Agreement.Basis(each).label for each in Agreement.BASES[Agreement.Kind(row.kind)])
        refuse(f"For this kind of agreement, choose {fits}.", "basis")
    partners = [partner for partner, _ in parties]
    if len(partners) < 2:
        refuse("An agreement is between at least two partners. Name another.", "party_2")
    for place, partner in enumerate(partners, start=1):
        if partner in partners[: place - 1]:
            refuse(f"{partner} is named twice. Name each partner once.", f"party_{place}")
        if not _exists(partner, row.starts_on):
            refuse(f"{partner} did not exist on {dates.say_day(row.starts_on)}. Name the organisation of that day.", f"party_{place}")  # fmt: skip
    if row.basis in Agreement.BOTH_SIDES and not {Partner.Side.COUNCIL, Partner.Side.NHS} <= {p.side for p in partners}:
        refuse("This power joins a council and an NHS body. Name one of each, or choose another legal basis.", "basis")
    if row.host is None and row.kind in Agreement.HOSTED:
        refuse("Choose the host: one of the partners holds the money for all.", "host")
    if row.host is not None and row.host not in partners:
        refuse(
            "The host is one of the partners in the agreement. Choose one of them, or name the host among them.", "host"
        )
    _check_shares([percent for _, percent in parties])
    if row.review_on is not None and row.review_on <= row.starts_on:
        refuse("A review comes after the agreement has started. Choose a later day.", "review_on")


def _check_shares(given: Sequence[Decimal | None]) -> None:
    """Shares of the risk are given for every party or for none, and add up to the whole."""
    if all(percent is None for percent in given):
        return
    if any(percent is None for percent in given):
        place = next(place for place, percent in enumerate(given, start=1) if percent is None)
        refuse(
            "Give every partner a share of the risk, 0 if it bears none, or leave them all empty.", f"percent_{place}"
        )
    out = sum(given) - WHOLE
    if out:
        how = "more" if out > 0 else "less"
        refuse(f"The shares of the risk add up to {sum(given):.2f}%, which is {abs(out):.2f} {how} than 100%. Change one of them.", "percent_1")  # fmt: skip


def _exists(partner: Partner, on: dt.date) -> bool:
    return (partner.starts_on is None or partner.starts_on <= on) and (partner.ends_on is None or on <= partner.ends_on)


def _check_words(**given: str) -> None:
    for field, words in given.items():
        refuse_identifying(words, field)


def _name_parties(row: Agreement, parties: Sequence[Party]) -> None:
    """Let the agreement have these parties, in this order. One that pays in some year is not taken out."""
    there = {party.partner_id: party for party in row.parties.select_related("partner")}
    named = {partner.pk for partner, _ in parties}
    for partner_id, party in there.items():
        if partner_id in named:
            continue
        paid = party.contributions.filter(amount__gt=0).select_related("year").first()
        if paid:
            refuse(f"{party.partner} pays in {paid.year.said}. Change that year before you take it out.", "party_1")
        for each in party.contributions.all():
            each.delete()
        party.delete()
    # Places are used once, so that two parties can change theirs without standing in each other's way.
    kept = [there[partner.pk].order for partner, _ in parties[: len(named & set(there))] if partner.pk in there]
    stay = len(kept) == len(named & set(there)) and kept == sorted(kept)
    free = max((party.order for party in there.values()), default=0)
    for partner, percent in parties:
        party = there.get(partner.pk)
        free += not (party and stay)
        order = party.order if party and stay else free
        if party is None:
            made = AgreementParty(agreement=row, partner=partner, order=order, percent=percent)
            made.full_clean()
            made.save()
        elif (party.order, party.percent) != (order, percent):
            save(party, order=order, percent=percent)
