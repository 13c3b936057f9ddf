"""What the pages of the terms of reference show, made from the records before a template sees it."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from governance.agendas.due import say_when
from governance.forward.plan import review_due
from governance.meetings import calendar
from governance.meetings.pages import in_days, terms_in_words
from governance.models import Clause, ForwardItem, Membership, Seat, Terms, TermsReview
from governance.terms.comparison import HEADINGS, compare
from governance.terms.operations import DAY, is_settled
from governance.terms.words import arrangements
from jcb import access, dates
from jcb.models import Partner, Person

As = Membership.As
DEPUTY = {As.DEPUTY_DECIDES: "may decide", As.DEPUTY_SPEAKS: "may speak, not decide"}


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody in a seat on a day, and what a deputy may do."""

    name: str
    since: str
    may: str
    invented: bool


@dataclass(frozen=True, slots=True)
class SeatLine:
    """A seat on a day: who holds it and for whom, or since when it is empty."""

    number: int
    position: str
    role: str
    side: str
    partner: str
    kind: str
    co_chair: bool
    holders: tuple[Holder, ...]
    deputies: tuple[Holder, ...]
    vacant: str

    @property
    def invited(self) -> bool:
        return self.kind == Seat.Kind.INVITED


@dataclass(frozen=True, slots=True)
class Card:
    """A version of the terms in the list of them."""

    terms: Terms
    state: str
    is_in_force: bool
    dates: str
    facts: str
    seats: str
    compared_with: Terms | None


def index_page(person: Person, today: dt.date) -> dict:
    """Every version with its dates; of the one in force, its vacancies and its review."""
    versions = _versions(person)
    now = calendar.in_force(versions, today)
    seats = seat_lines(now, today) if now else []
    reviews = TermsReview.objects.visible_to(person).select_related("terms", "by").order_by("-on", "-pk")
    return {
        "headline": _headline(now, seats, person, today),
        "cards": [_card(terms, versions, now, today) for terms in versions],
        "in_force": now,
        "vacant": [seat for seat in seats if seat.vacant],
        "review": review_in_words(now, person, today) if now else "",
        "reviews": [(review, dates.say_day(review.on)) for review in reviews],
        "may_keep": access.may_keep_terms(person),
    }


def _versions(person: Person) -> list[Terms]:
    rows = Terms.objects.visible_to(person).order_by("-in_force_from")
    return list(rows.prefetch_related("seats", "reviews"))


def _headline(now: Terms | None, seats: Sequence[SeatLine], person: Person, today: dt.date) -> str:
    if now is None:
        return "No terms of reference are in force."
    vacant = sum(bool(seat.vacant) for seat in seats)
    parts = [f"“{now}” are in force."]
    if vacant:
        parts.append(f"{vacant} of {len(seats)} seats {'is' if vacant == 1 else 'are'} vacant.")
    elif seats:
        parts.append("Every seat is held.")
    return " ".join([*parts, review_in_words(now, person, today)])


def review_in_words(terms: Terms, person: Person, today: dt.date) -> str:
    """When the terms are next to be reviewed."""
    rows = ForwardItem.objects.visible_to(person).filter(kind=ForwardItem.Kind.REVIEW).select_related("meeting")
    due = review_due(terms, rows, today)
    if due < today:
        return f"Their review was due by {dates.say_day(due)}."
    return f"Their review is due by {dates.say_day(due)}."


def review_of_those_in_force(person: Person, today: dt.date) -> str:
    """When the terms in force today are next to be reviewed; empty where there are none."""
    terms = Terms.objects.visible_to(person).in_force(today).first()
    return review_in_words(terms, person, today) if terms else ""


def _card(terms: Terms, versions: Sequence[Terms], now: Terms | None, today: dt.date) -> Card:
    kinds = [seat.kind for seat in terms.seats.all()]
    invited = kinds.count(Seat.Kind.INVITED)
    seats = f"{len(kinds) - invited} seats" + (f" and {invited} by invitation" if invited else "")
    earlier = [each for each in versions if each.in_force_from < terms.in_force_from]
    return Card(
        terms=terms,
        state=state_in_words(terms, versions, today),
        is_in_force=terms == now,
        dates=period_in_words(terms, versions),
        facts=terms_in_words(terms).removeprefix(f"{terms.title}: "),
        seats=seats,
        compared_with=earlier[0] if earlier else None,
    )


def last_day(terms: Terms, versions: Iterable[Terms]) -> dt.date | None:
    """The last day on which terms are in force; None while no later version is known."""
    later = [each.in_force_from for each in versions if each.in_force_from > terms.in_force_from]
    return min(later) - DAY if later else None


def state_in_words(terms: Terms, versions: Iterable[Terms], today: dt.date) -> str:
    """ "In force", "No longer in force", "Comes into force in 21 days"."""
    if terms.in_force_from > today:
        return f"Comes into force {in_days(terms.in_force_from, today)}"
    until = last_day(terms, versions)
    return "In force" if until is None or until >= today else "No longer in force"


def period_in_words(terms: Terms, versions: Iterable[Terms]) -> str:
    """ "From 1 January 2020 (assumed) to 30 September 2020"."""
    assumed = " (assumed: the document has no date)" if terms.in_force_assumed else ""
    until = last_day(terms, versions)
    return f"From {dates.say_day(terms.in_force_from)}{assumed}" + (f" to {dates.say_day(until)}" if until else "")


# One version ----------------------------------------------------------------------------------------------------------


def terms_page(terms: Terms, person: Person, asked: dt.date, today: dt.date) -> dict:
    """One version: what it says, and who holds its seats on a day. A day on which it is not in force gives way to the
    nearest one on which it is."""
    versions = _versions(person)
    until = last_day(terms, versions)
    day = max(asked, terms.in_force_from) if until is None else min(max(asked, terms.in_force_from), until)
    seats = seat_lines(terms, day)
    may_keep = access.may_keep_terms(person)
    settled = is_settled(terms)
    reviews = TermsReview.objects.visible_to(person).filter(terms=terms).select_related("by").order_by("-on", "-pk")
    return {
        "terms": terms,
        "state": state_in_words(terms, versions, today),
        "period": period_in_words(terms, versions),
        "dated": dates.say_day(terms.dated_on),
        "purpose": [part.strip() for part in terms.purpose.split("\n\n") if part.strip()],
        "rules": arrangements(terms),
        "headings": _clauses(terms),
        "standing": [(item, say_when(item)) for item in terms.standing_items.all()],
        "reports_to": list(terms.reports_to.all()),
        "parties": parties(terms, day),
        "seats": [seat for seat in seats if not seat.invited],
        "invited": [seat for seat in seats if seat.invited],
        "vacant": sum(bool(seat.vacant) for seat in seats),
        "many": len(seats),
        "day": day,
        "on_day": dates.say_day(day),
        "is_today": day == today,
        "first_day": terms.in_force_from,
        "last_day": until,
        "review": review_in_words(terms, person, today) if state_in_words(terms, versions, today) == "In force" else "",
        "reviews": [(review, dates.say_day(review.on)) for review in reviews],
        "others": [each for each in versions if each.pk != terms.pk],
        "may_keep": may_keep,
        "may_edit": may_keep and not settled,
        "may_review": may_keep and terms.in_force_from <= today,
    }


def _clauses(terms: Terms) -> list[tuple[str, list[str]]]:
    found: dict[str, list[str]] = {}
    for clause in terms.clauses.order_by("kind", "order"):
        found.setdefault(clause.kind, []).append(clause.text)
    return [(HEADINGS[kind], found[kind]) for kind in Clause.Kind if kind in found]


def _partners() -> dict[int, Partner]:
    """Every partner with its successors at hand, so that no question is asked for each."""
    found = {partner.pk: partner for partner in Partner.objects.all()}
    for partner in found.values():
        if partner.successor_id:
            partner.successor = found[partner.successor_id]
    return found


def parties(terms: Terms, day: dt.date) -> list[tuple[str, str]]:
    """The parties that the terms name, and what each is called on the day where that is no longer its name."""
    partners = _partners()
    found = []
    for row in terms.parties.order_by("order"):
        named = partners[row.partner_id]
        now = named.now_called(day)
        found.append((named.name, now.name if now != named else ""))
    return found


def seat_lines(terms: Terms, day: dt.date) -> list[SeatLine]:
    """Every seat of the terms as it is held on a day."""
    partners = _partners()
    rows = terms.seats.order_by("order").prefetch_related("memberships__person")
    return [_seat(seat, partners, day) for seat in rows]


def _seat(seat: Seat, partners: dict[int, Partner], day: dt.date) -> SeatLine:
    rows = sorted(seat.memberships.all(), key=lambda row: row.from_on)
    present = [row for row in rows if row.from_on <= day and (row.until_on is None or row.until_on >= day)]
    holders = [row for row in present if row.capacity == As.MEMBER]
    vacant = "" if holders else _vacant_since([row for row in rows if row.capacity == As.MEMBER], day)
    partner = partners.get(seat.partner_id)
    now = partner and partner.now_called(day)
    named = ""
    if partner:
        named = partner.name if now == partner else f"{partner.name}, now {now.name}"
    return SeatLine(
        number=seat.order,
        position=seat.position,
        role=seat.lead_for,
        side=seat.side_as_printed or seat.get_side_display(),
        partner=named,
        kind=seat.kind,
        co_chair=seat.co_chair,
        holders=tuple(_holder(row) for row in holders),
        deputies=tuple(_holder(row) for row in present if row.capacity != As.MEMBER),
        vacant=vacant,
    )


def _holder(row: Membership) -> Holder:
    return Holder(
        name=row.person.name,
        since=dates.say_day(row.from_on),
        may=DEPUTY.get(row.capacity, ""),
        invented=row.person.is_demonstration,
    )


def _vacant_since(rows: Sequence[Membership], day: dt.date) -> str:
    """ "Vacant since 1 July 2020", "Vacant from the start"; and who comes, where that is known."""
    past = [row.until_on for row in rows if row.until_on and row.until_on < day]
    words = f"Vacant since {dates.say_day(max(past) + DAY)}" if past else "Vacant from the start"
    coming = next((row for row in rows if row.from_on > day), None)
    return f"{words}; {coming.person} comes on {dates.say_day(coming.from_on)}" if coming else words


def compare_page(terms: Terms, other: Terms) -> dict:
    """Two versions, the earlier first, and what changed."""
    before, after = sorted((terms, other), key=lambda each: each.in_force_from)
    return {"before": before, "after": after, "comparison": compare(before, after)}
