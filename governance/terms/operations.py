"""What is done to the terms of reference: a new version is started and worded, a review is recorded.

Terms under which a meeting was held or a pack published are settled: they change only by a new version.
"""

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence

from django.core.exceptions import ValidationError
from django.db import transaction

from governance.models import Clause, Meeting, Membership, ReportsTo, Seat, StandingItem, Terms, TermsParty, TermsReview
from governance.terms.following import as_they_stand, follow
from jcb import access, dates
from jcb.history import Record, refuse, save_seen
from jcb.models import Person

MAY_NOT = "You can read the Board’s terms of reference; the secretariat keeps them."
SETTLED = "A meeting was held under these terms, or its pack published. Start a new version to change them."
CHANGED_SINCE = "Somebody changed these clauses since you opened the page. Nothing was saved, and what you typed is still here. Read how they stand now, then save again."
CHOSEN = ("authors_working_days", "quorum_council", "quorum_nhs", "quorum_note", "review_months")
AGREED = (
    "title",
    "in_force_from",
    "in_force_assumed",
    "dated_on",
    "every_number",
    "every_unit",
    "length_minutes",
    "venue_rule",
    "venue_first",
    "venue_second",
    "notice_number",
    "notice_unit",
    "notice_note",
    "purpose",
    "membership_note",
)
DAY = dt.timedelta(days=1)


def is_settled(terms: Terms) -> bool:
    """Whether a meeting was held under these terms, or a pack published."""
    return terms.meetings.filter(state__in=[Meeting.State.PUBLISHED, Meeting.State.HELD, Meeting.State.AGREED]).exists()


@transaction.atomic
def start_version(*, by: Person, key: str, title: str, in_force_from: dt.date) -> tuple[Terms, list[str]]:
    """Start a new version as a copy of the last one, in force from its own date. Returns it, and what changed of coming
    meetings in words.

    Effects: the terms with clauses, standing items, seats, parties and reporting lines; a partner that was succeeded by
    the date gives way to its successor, and two that were merged are one party; whoever holds a seat on the date goes on
    in the new one, and their time in the old one ends the day before; planned meetings from the date on follow it.
    """
    access.require(access.may_keep_terms(by), MAY_NOT)
    was = as_they_stand()
    last = Terms.objects.select_for_update().order_by("-in_force_from").first()
    if last is None:
        refuse("There are no terms of reference to start from. Load the record first.")
    if in_force_from <= last.in_force_from:
        refuse(f"“{last}” are in force from {dates.say_day(last.in_force_from)}. Choose a later day.", "in_force_from")
    new = _copy(last, key=key, title=title, in_force_from=in_force_from, in_force_assumed=False, dated_on=None)
    for rows in (last.clauses, last.reports_to, last.standing_items):
        for row in rows.all():
            _copy(row, terms_id=new.pk)
    _copy_parties(last, new)
    for seat in last.seats.select_related("partner"):
        partner = seat.partner and seat.partner.now_called(in_force_from)
        copy = _copy(seat, terms_id=new.pk, partner_id=partner and partner.pk)
        for membership in seat.memberships.all():
            _go_on(membership, copy, in_force_from)
    return new, follow(was, by=by, because=new.title)


def _copy_parties(last: Terms, new: Terms) -> None:
    taken = set()
    for party in last.parties.select_related("partner").order_by("order"):
        partner = party.partner.now_called(new.in_force_from)
        if partner.pk not in taken:
            taken.add(partner.pk)
            _copy(party, terms_id=new.pk, partner_id=partner.pk, order=len(taken))


def _go_on(membership: Membership, seat: Seat, day: dt.date) -> None:
    """Whoever sits on the day, or is to sit later, does so in the new seat."""
    if membership.until_on and membership.until_on < day:
        return
    _copy(membership, seat_id=seat.pk, from_on=max(membership.from_on, day))
    if membership.from_on < day:
        membership.until_on = day - DAY
        _save(membership)


@transaction.atomic
def edit_arrangements(*, by: Person, terms: Terms, seen: int, changed: Sequence[str]) -> tuple[Terms, list[str]]:
    """Save the changed fields of terms that were opened at version `seen`. Returns them, and what changed of coming
    meetings in words.

    Effects: the row and its history; where the day they come into force changes, seats held around it follow; planned
    meetings follow. What the Board chose for itself (`CHOSEN`) may change at any time, the rest until it is settled.
    Raises jcb.history.Conflict, or ValidationError; nothing is written then.
    """
    access.require(access.may_keep_terms(by), MAY_NOT)
    if unknown := set(changed) - {*AGREED, *CHOSEN}:
        raise ValueError(f"Not edited here: {unknown}")
    was = as_they_stand()
    if set(changed) & set(AGREED) and is_settled(terms):
        refuse(SETTLED)
    before = was[terms.pk].in_force_from
    if "in_force_from" in changed:
        _check_day(terms, was)
    saved = save_seen(terms, seen=seen, changed=list(changed))
    if saved.in_force_from != before:
        _move_memberships(saved, before)
    return saved, follow(was, by=by, because=saved.title)


def _check_day(terms: Terms, versions: Mapping[int, Terms]) -> None:
    """The versions keep their order: a day between those of the ones before and after."""
    day, stood = terms.in_force_from, versions[terms.pk].in_force_from
    for other in versions.values():
        if other.pk == terms.pk:
            continue
        if other.in_force_from == day or (other.in_force_from < stood) != (other.in_force_from < day):
            refuse(
                f"“{other}” are in force from {dates.say_day(other.in_force_from)}. Choose a day on the same side of it.",
                "in_force_from",
            )


def _move_memberships(terms: Terms, before: dt.date) -> None:
    """Seats taken over with the version are held from its new day, and given up under the earlier one the day before."""
    day = terms.in_force_from
    for row in Membership.objects.filter(seat__terms=terms, from_on=before):
        if row.until_on is None or row.until_on >= day:
            row.from_on = day
            _save(row)
    earlier = Membership.objects.filter(seat__terms__in_force_from__lt=day, until_on=before - DAY, from_on__lt=day)
    for row in earlier.exclude(seat__terms=terms):
        row.until_on = day - DAY
        _save(row)


def fingerprint(texts: Sequence[str]) -> str:
    """What a form carries to say which words it was opened with."""
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]


def texts_of(terms: Terms) -> dict[str, list[str]]:
    """The clauses of terms by kind, in order."""
    found: dict[str, list[str]] = {kind: [] for kind in Clause.Kind.values}
    for clause in terms.clauses.order_by("kind", "order"):
        found[clause.kind].append(clause.text)
    return found


@transaction.atomic
def reword(*, by: Person, terms: Terms, seen: Mapping[str, str], clauses: Mapping[str, Sequence[str]]) -> int:
    """Let the clauses of each kind given say these texts, in this order; returns how many rows changed.

    Effects: clauses changed, added or deleted, each with its history. `seen` has the fingerprint of each kind as the
    person opened it; where somebody changed one since, ValidationError and nothing is written.
    """
    access.require(access.may_keep_terms(by), MAY_NOT)
    terms = Terms.objects.select_for_update().get(pk=terms.pk)
    if is_settled(terms):
        refuse(SETTLED)
    standing = texts_of(terms)
    problems = {
        kind: CHANGED_SINCE
        for kind, texts in clauses.items()
        if seen.get(kind) != fingerprint(standing[kind]) and list(texts) != standing[kind]
    }
    if problems:
        raise ValidationError(problems)
    return sum(_reword(terms, kind, list(texts)) for kind, texts in clauses.items())


def _reword(terms: Terms, kind: str, texts: list[str]) -> int:
    changed = 0
    rows = list(terms.clauses.filter(kind=kind).order_by("order"))
    for row, text in zip(rows, texts, strict=False):
        if row.text != text:
            row.text = text
            _save(row)
            changed += 1
    for row in rows[len(texts) :]:
        row.delete()
        changed += 1
    last = rows[-1].order if rows else 0
    for place, text in enumerate(texts[len(rows) :], start=last + 1):
        clause = Clause(terms=terms, kind=kind, order=place, text=text)
        clause.full_clean()
        clause.save()
        changed += 1
    return changed


@transaction.atomic
def record_review(*, by: Person, terms: Terms, on: dt.date, outcome: str) -> TermsReview:
    """Record that the Board reviewed its terms, and what came of it. Effects: one row; the next review counts from it."""
    access.require(access.may_keep_terms(by), MAY_NOT)
    if not terms.in_force_from <= on <= dates.today():
        refuse(
            f"Choose a day from {dates.say_day(terms.in_force_from)}, when these terms came into force, to today.", "on"
        )
    review = TermsReview(terms=terms, on=on, outcome=outcome, by=by, at=dates.now())
    review.full_clean()
    review.save()
    return review


def _copy(row: Terms | TermsParty | Clause | ReportsTo | StandingItem | Seat | Membership, **changed):
    """A new row that says the same, but for what is changed."""
    fields = {
        field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if not field.primary_key
    }
    copy = type(row)(**{**fields, "version": 1, **changed})
    copy.full_clean()
    copy.save()
    return copy


def _save(row: Record) -> None:
    row.version += 1
    row.full_clean()
    row.save()
