"""What is done in a dispute: raised, referred upwards, extended, mediated, ended. Every step is a row that stays.

Each re-reads the dispute under a lock, checks who may, reckons the clocks with what is new in it, and keeps the date that
followed and the rule it was reckoned by. Filing something late is recorded as late. Only going up a rung before the period
below has run out is refused.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max

from governance.disputes import clocks, moves
from governance.disputes.clocks import Clocks, Event, Impossible
from governance.models import (
    CaseStatement,
    Confirmation,
    Decision,
    Dispute,
    DisputeEvent,
    DisputeParty,
    Extension,
    ForwardItem,
    Ladder,
    Meeting,
    Representation,
    Rung,
)
from governance.sharing import shares
from jcb import access, dates, files
from jcb.history import refuse
from jcb.models import Partner, Person

MAY_NOT_RAISE = "Disputes are raised by the Board’s members and recorded by the secretariat."
MAY_NOT = "Only those who stand for a party in this dispute, and the secretariat, record what happens in it."
ONLY_PARTIES = "Only those who stand for a party in this dispute can do this."
NOT_YOURS = "You stand for another party. Its own representatives do this."
ONLY_RAISER = "A dispute is withdrawn by the party that raised it, or recorded so by the secretariat."
ENDED = "This dispute has ended, so nothing more is recorded in it."
FUTURE = "Choose a day that is not in the future."
CHANGED_SINCE = "Somebody recorded something in this dispute since you opened it. Nothing was saved. Read what is new, then save again."
TWO_PARTIES = "Name at least two different parties."
SAY_WHY = "Say why this ladder is chosen: “{proposed}” is the one in force on that day."
NOT_APPLICABLE = "The ladder “{ladder}” was not in force on {day}. Choose one of those offered."
EITHER_SIDE = "{person} stands for another party of this dispute already. Choose somebody else."
NO_PAPERS = "{person} has a role that opens no dispute papers. Choose somebody who works for the party."
HIGHEST = "This is the highest rung of the ladder. There is nothing to refer it to."
NEXT_OPENED = "The next rung has been opened since, so this period can no longer be extended."
NO_PERIOD = "The clause states no period for this rung, so there is nothing to extend."
LONGER = "An extension ends later than the period does without it: choose a day after {day}."
OWN_PERSON = "You have confirmed for another party, or proposed it. Each party confirms through a person of its own."
STILL_TWO = "On {day} the parties were not yet one body, so the dispute cannot end by succession."
COURT_BY_EVENT = "Proceedings are recorded as an event: choose “Proceedings issued”."

Kind = DisputeEvent.Kind
Mark = DisputeEvent.Mark


# Raising --------------------------------------------------------------------------------------------------------------


def ladders_on(day: dt.date) -> list[Ladder]:
    """The ladders that could apply to a dispute raised on a day; the first is in force and proposed, others need a reason."""
    return list(Ladder.objects.filter(in_force_from__lte=day).order_by("-in_force_from"))


@transaction.atomic
def raise_dispute(
    *,
    by: Person,
    subject: str,
    about: str,
    parties: Sequence[Partner],
    representatives: Mapping[int, Person],
    ladder: Ladder,
    ladder_because: str = "",
    raised_on: dt.date,
    text: str = "",
    decision: Decision | None = None,
) -> Dispute:
    """Raise a dispute between parties, in the order named; `representatives` maps a partner's primary key to a person.

    Effects: the dispute on the lowest rung, its parties, who stands for them, and its first event. Raises PermissionDenied,
    or ValidationError with a sentence; nothing is written then.
    """
    access.require(access.may_raise_disputes(by), MAY_NOT_RAISE)
    if raised_on > dates.today():
        refuse(FUTURE, "raised_on")
    if len({party.pk for party in parties}) < 2:
        refuse(TWO_PARTIES)
    because = _chosen(ladder, raised_on, ladder_because)
    dispute = Dispute(
        key=_free_key(raised_on),
        subject=subject,
        text=text,
        about=about,
        decision=decision,
        ladder=ladder,
        ladder_because=because,
        rung=ladder.rungs.order_by("order").first(),
        raised_on=raised_on,
        raised_by=by,
    )
    dispute.full_clean()
    dispute.save()
    for order, partner in enumerate(dict.fromkeys(parties), start=1):
        party = DisputeParty.objects.create(dispute=dispute, partner=partner, order=order)
        if person := representatives.get(partner.pk):
            _name(party, person, by, raised_on)
    if not access.is_secretariat(by) and not _stands(by, dispute):
        raise PermissionDenied(MAY_NOT_RAISE)
    _keep(dispute, Kind.RAISED, by, raised_on, text=text)
    return dispute


def _chosen(ladder: Ladder, raised_on: dt.date, because: str) -> str:
    offered = ladders_on(raised_on)
    if ladder not in offered:
        refuse(NOT_APPLICABLE.format(ladder=ladder, day=dates.say_day(raised_on)), "ladder")
    if ladder != offered[0] and not because.strip():
        refuse(SAY_WHY.format(proposed=offered[0]), "ladder_because")
    return because.strip()


def _free_key(day: dt.date) -> str:
    taken = set(Dispute.objects.filter(key__startswith=f"{day.year}-").values_list("key", flat=True))
    number = len(taken) + 1
    while f"{day.year}-{number:02}" in taken:
        number += 1
    return f"{day.year}-{number:02}"


# Who stands for whom --------------------------------------------------------------------------------------------------


@transaction.atomic
def name_representative(*, by: Person, party: DisputeParty, person: Person, from_on: dt.date) -> Representation:
    """Let a person stand for a party from a day: recorded by the secretariat or by those who stand for it already."""
    dispute = _opened(party.dispute, by)
    if not access.is_secretariat(by) and party not in _own_parties(by, dispute):
        raise PermissionDenied(NOT_YOURS)
    return _name(party, person, by, from_on)


def _name(party: DisputeParty, person: Person, by: Person, from_on: dt.date) -> Representation:
    if not access.may_stand_in_disputes(person):
        refuse(NO_PAPERS.format(person=person))
    other = Representation.objects.filter(dispute=party.dispute, person=person).first()
    if other is not None:
        refuse(EITHER_SIDE.format(person=person))
    row = Representation(dispute=party.dispute, party=party, person=person, from_on=from_on, named_by=by)
    row.full_clean()
    row.save()
    return row


@transaction.atomic
def end_representation(*, by: Person, representation: Representation, until_on: dt.date) -> Representation:
    """Let a person no longer stand for a party after a day; they see nothing of it from the next day on."""
    dispute = _opened(representation.dispute, by)
    if not access.is_secretariat(by) and representation.party not in _own_parties(by, dispute):
        raise PermissionDenied(NOT_YOURS)
    row = Representation.objects.select_for_update().get(pk=representation.pk)
    row.until_on = until_on
    row.version += 1
    row.full_clean()
    row.save()
    return row


# Up the ladder --------------------------------------------------------------------------------------------------------


@transaction.atomic
def refer(*, by: Person, dispute: Dispute, seen: int, on: dt.date, text: str = "") -> DisputeEvent:
    """Refer a dispute in writing to the next rung, which opens it and its clock.

    Raises ValidationError with the date from which the rung is open, where the period below has not run out.
    """
    dispute = _opened(dispute, by, seen)
    _not_future(on)
    rung = dispute.ladder.rungs.filter(order__gt=dispute.rung.order).order_by("order").first()
    if rung is None:
        refuse(HIGHEST)
    before = clocks_of(dispute)
    if rung.key == clocks.COURT:
        opens = before.court_opens
        if opens is None or on < opens:
            refuse(
                f"Court is open from {dates.say_day(opens)}." if opens else "Court is open once mediation has failed.",
                "on",
            )
        dispute.rung = rung
        _save(dispute)
        return _keep(dispute, Kind.REFERRAL, by, on, text=text, open_from=opens)
    below = before.periods.get(dispute.rung.key)
    after = _reckon(dispute, Event(f"{clocks.REFERRAL}:{rung.key}", on=on))
    dispute.rung = rung
    _save(dispute)
    return _keep(
        dispute,
        Kind.REFERRAL,
        by,
        on,
        text=text,
        open_from=below.next_rung_opens if below else None,
        due_on=after.periods[rung.key].last_day,
    )


@transaction.atomic
def propose_extension(*, by: Person, dispute: Dispute, seen: int, last_day: dt.date) -> Extension:
    """One party proposes a later last day for the present rung. It says yes to it by that; the others confirm."""
    dispute = _opened(dispute, by, seen)
    party = _one_party(by, dispute)
    period = clocks_of(dispute).periods.get(dispute.rung.key)
    if period is None or period.last_day is None or not dispute.rung.may_extend:
        refuse(NO_PERIOD)
    if last_day <= period.last_day:
        refuse(LONGER.format(day=dates.say_day(period.last_day)), "last_day")
    _reckon(dispute, Event(f"{clocks.EXTENSION}:{dispute.rung.key}", on=last_day))
    row = Extension(
        dispute=dispute,
        number=_next(dispute.extensions),
        rung=dispute.rung,
        period_ends_on=period.last_day,
        last_day=last_day,
        party=party,
        by=by,
    )
    row.full_clean()
    row.save(force_insert=True)
    Confirmation(extension=row, party=party, by=by).save(force_insert=True)
    return row


@transaction.atomic
def confirm_extension(*, by: Person, extension: Extension) -> DisputeEvent | None:
    """A party says yes to the very day that was proposed. Once all have, it takes effect: that event is returned."""
    dispute = _opened(extension.dispute, by)
    party = _one_party(by, dispute)
    if extension.rung_id != dispute.rung_id:
        refuse(NEXT_OPENED)
    if extension.confirmations.filter(party=party).exists():
        return None
    if extension.confirmations.filter(by=by).exists():
        refuse(OWN_PERSON)
    row = Confirmation(extension=extension, party=party, by=by)
    row.full_clean()
    row.save(force_insert=True)
    if extension.confirmations.count() < dispute.parties.count():
        return None
    period = clocks_of(dispute).periods[dispute.rung.key]
    if extension.last_day <= period.last_day:
        refuse(LONGER.format(day=dates.say_day(period.last_day)))
    today = dates.today()
    return _keep(
        dispute,
        Kind.EXTENSION,
        by,
        extension.last_day,
        due_on=extension.last_day,
        mark=Mark.LATE if today > period.last_day else Mark.NONE,
    )


# Mediation and court --------------------------------------------------------------------------------------------------


@transaction.atomic
def record(
    *, by: Person, dispute: Dispute, seen: int, kind: str, on: dt.date, days: int | None = None, text: str = ""
) -> DisputeEvent:
    """Record something that happened: of the mediation, proceedings, interim relief. Late or early, it is marked so."""
    dispute = _opened(dispute, by, seen)
    if kind not in moves.NOTED:
        refuse("Choose what happened from the list.", "kind")
    if kind != Kind.STARTS:
        _not_future(on)
    if on < dispute.raised_on:
        refuse(f"This was before the dispute was raised, on {dates.say_day(dispute.raised_on)}. Check the date.", "on")
    moves.check_place(kind, dispute.rung)
    before = clocks_of(dispute)
    due, mark = None, Mark.NONE
    if kind == Kind.STATEMENT_PERIOD:
        _reckon(dispute, Event(kind, days=days))
    elif kind in (Kind.STARTS, Kind.CONCLUDED, Kind.FAILED):
        after = _reckon(dispute, Event(kind, on=on))
        due = {Kind.STARTS: after.statements_due, Kind.CONCLUDED: after.report_due, Kind.FAILED: after.court_opens}[
            kind
        ]
    elif kind == Kind.REPORT and before.report_due:
        mark = Mark.LATE if on > before.report_due else Mark.NONE
    elif kind == Kind.PROCEEDINGS:
        mark = Mark.EARLY if before.court_opens is None or on < before.court_opens else Mark.NONE
    return _keep(dispute, kind, by, on, days=days, text=text, due_on=due, mark=mark)


@transaction.atomic
def file_statement(*, by: Person, dispute: Dispute, filed_on: dt.date, content: bytes, extension: str, name: str):
    """File a party's statement of case. It is sealed to that party until it releases it; late, it is marked so.

    Effects: a kept file, a statement. The file's bytes are kept before the row.
    """
    dispute = _opened(dispute, by)
    party = _one_party(by, dispute)
    _not_future(filed_on)
    row = CaseStatement(
        party=party,
        number=_next(party.statements),
        file=files.keep(content, extension=extension, by=by),
        file_name=name,
        filed_on=filed_on,
        due_on=clocks_of(dispute).statements_due,
        by=by,
    )
    row.full_clean()
    row.save()
    return row


@transaction.atomic
def release_statement(*, by: Person, statement: CaseStatement) -> CaseStatement:
    """Let the other parties and the secretariat read a statement. It cannot be sealed again."""
    row = CaseStatement.objects.select_for_update().select_related("party__dispute").get(pk=statement.pk)
    if row.party not in _own_parties(by, row.party.dispute):
        raise PermissionDenied(ONLY_PARTIES)
    if row.released_at is None:
        row.released_at, row.released_by = dates.now(), by
        row.version += 1
        row.full_clean()
        row.save()
    return row


@transaction.atomic
def exchange(*, by: Person, dispute: Dispute, seen: int) -> DisputeEvent:
    """Say that one's party is ready to exchange statements of case. With the last party's word every statement is released,
    all in one step; until then none is."""
    dispute = _opened(dispute, by, seen)
    own = _one_party(by, dispute)
    if not own.statements.exists():
        refuse("File your party’s statement first. It stays sealed until every party is ready.")
    ready = set(dispute.events.filter(kind=Kind.EXCHANGE).values_list("party", flat=True))
    if own.pk in ready:
        refuse("Your party has said so already. The statements are exchanged once every other party has, too.")
    others = {party.pk for party in dispute.parties.all()} - ready - {own.pk}
    text = "" if others else "Every party is ready: all statements are exchanged."
    event = _keep(dispute, Kind.EXCHANGE, by, dates.today(), party=own, text=text)
    if not others:
        for row in CaseStatement.objects.select_for_update().filter(party__dispute=dispute, released_at=None):
            row.released_at, row.released_by = dates.now(), by
            row.version += 1
            row.full_clean()
            row.save()
    return event


@transaction.atomic
def share_fee(*, by: Person, dispute: Dispute, seen: int, on: dt.date, pounds: Decimal) -> DisputeEvent:
    """Note the mediator's fee, in pounds and pence, and each party's equal share of it."""
    dispute = _opened(dispute, by, seen)
    _not_future(on)
    if not dispute.events.filter(kind=Kind.REFERRAL, rung__key=clocks.MEDIATION).exists():
        refuse("The dispute was not referred to mediation, so there is no mediator’s fee.")
    parties = [party.partner.name for party in dispute.parties.select_related("partner").order_by("pk")]
    each = shares(int(pounds * 100), len(parties))
    said = "; ".join(f"{name}: £{share / 100:,.2f}" for name, share in zip(parties, each, strict=True))
    return _keep(dispute, Kind.FEE, by, on, text=f"£{pounds:,.2f} in equal shares. {said}.")


# The end --------------------------------------------------------------------------------------------------------------


@transaction.atomic
def resolve(
    *, by: Person, dispute: Dispute, seen: int, on: dt.date, terms: str, agreed_by: Mapping[int, str]
) -> Dispute:
    """Resolve a dispute at its rung: the terms, the day, and who agreed for each party (by the party's primary key).

    Effects: its state and an event; an item for the next meeting, without a word of what the dispute is about.
    """
    dispute = _opened(dispute, by, seen)
    _not_future(on)
    missing = [party.partner.name for party in dispute.parties.all() if not agreed_by.get(party.pk, "").strip()]
    if missing:
        refuse(f"Say who agreed for {', '.join(missing)}.")
    said = [f"{party.partner.name}: {agreed_by[party.pk].strip()}" for party in dispute.parties.all()]
    _end(dispute, Dispute.State.RESOLVED, on, terms)
    _keep(dispute, Kind.RESOLVED, by, on, text="\n".join([terms, *said]))
    coming = Meeting.objects.coming(dates.now()).first()
    item = ForwardItem(
        key=f"dispute-{dispute.key}", title=f"Resolution of dispute {dispute.key}", meeting=coming, proposed_by=by
    )
    item.full_clean()
    item.save()
    return dispute


@transaction.atomic
def end_by_succession(*, by: Person, dispute: Dispute, seen: int, on: dt.date) -> Dispute:
    """End a dispute whose parties became one body. Nothing is unsealed by it."""
    dispute = _opened(dispute, by, seen)
    _not_future(on)
    bodies = {party.partner.now_called(on).pk for party in dispute.parties.select_related("partner__successor")}
    if len(bodies) > 1:
        refuse(STILL_TWO.format(day=dates.say_day(on)), "on")
    _end(dispute, Dispute.State.SUCCESSION, on)
    _keep(dispute, Kind.SUCCESSION, by, on)
    return dispute


@transaction.atomic
def withdraw(*, by: Person, dispute: Dispute, seen: int, on: dt.date, text: str) -> Dispute:
    """The party that raised it takes it back, and says why."""
    dispute = _opened(dispute, by, seen)
    raised_for = dispute.representations.filter(person=dispute.raised_by_id).values_list("party", flat=True).first()
    if not access.is_secretariat(by) and raised_for not in [party.pk for party in _own_parties(by, dispute)]:
        raise PermissionDenied(ONLY_RAISER)
    _not_future(on)
    if not text.strip():
        refuse("Say why it is withdrawn.", "text")
    _end(dispute, Dispute.State.WITHDRAWN, on)
    _keep(dispute, Kind.WITHDRAWN, by, on, text=text)
    return dispute


# The clocks of a dispute ----------------------------------------------------------------------------------------------


def events_of(dispute: Dispute) -> list[Event]:
    """What has happened, as the clocks take it."""
    rows = dispute.events.select_related("rung").order_by("number")
    return [event for event in _as_events(rows) if event is not None]


def _as_events(rows: Iterable[DisputeEvent]) -> list[Event | None]:
    """Each row as the clocks take it; None for what moves no clock."""
    return [_as_event(row) for row in rows]


def _as_event(row: DisputeEvent) -> Event | None:
    if row.kind == Kind.RAISED:
        return Event(clocks.RAISED, on=row.on)
    if row.kind == Kind.REFERRAL and row.rung.key not in (clocks.BOARD, clocks.COURT):
        return Event(f"{clocks.REFERRAL}:{row.rung.key}", on=row.on)
    if row.kind == Kind.EXTENSION:
        return Event(f"{clocks.EXTENSION}:{row.rung.key}", on=row.on)
    if row.kind == Kind.STATEMENT_PERIOD:
        return Event(clocks.STATEMENT_PERIOD, days=row.days)
    if row.kind in (Kind.STARTS, Kind.CONCLUDED, Kind.FAILED):
        return Event(row.kind, on=row.on)
    return None


def clocks_of(dispute: Dispute, *more: Event) -> Clocks:
    """The clocks of a dispute as its rows state them, with events that are not recorded yet."""
    return clocks.reckon(clocks.rule_of(dispute.ladder), [*events_of(dispute), *more])


def dates_that_differ(dispute: Dispute) -> list[str]:
    """Where a stored date is not what its rule gives today, in sentences. Stored dates are never changed by a reckoning."""
    rule, said, found = clocks.rule_of(dispute.ladder), [], []
    rows = list(dispute.events.select_related("rung").order_by("number"))
    for row, event in zip(rows, _as_events(rows), strict=True):
        if event is not None:
            said.append(event)
        if row.due_on is None:
            continue
        try:
            now = _follows(clocks.reckon(rule, said), row)
        except Impossible as refusal:
            found.append(f"Dispute {dispute.key}, event {row.number}: {refusal}")
            continue
        if now != row.due_on:
            found.append(
                f"Dispute {dispute.key}, event {row.number}: {dates.say_day(row.due_on)} is kept, and its rule gives "
                f"{dates.say_day(now) or 'no date'} today."
            )
    return found


def _follows(found: Clocks, row: DisputeEvent) -> dt.date | None:
    """The date that follows from an event."""
    if row.kind in (Kind.REFERRAL, Kind.EXTENSION):
        return found.periods[row.rung.key].last_day
    return {
        Kind.STARTS: found.statements_due,
        Kind.CONCLUDED: found.report_due,
        Kind.FAILED: found.court_opens,
    }.get(row.kind)


def _reckon(dispute: Dispute, event: Event) -> Clocks:
    try:
        return clocks_of(dispute, event)
    except Impossible as refusal:
        refuse(str(refusal))


# Shared ---------------------------------------------------------------------------------------------------------------


def _opened(dispute: Dispute, by: Person, seen: int | None = None) -> Dispute:
    """The dispute under a lock, if the person may record in it and nothing was recorded since they opened it."""
    current = (
        (Dispute.objects.select_for_update(of=("self",)).select_related("ladder", "rung").visible_to(by))
        .filter(pk=dispute.pk)
        .first()
    )
    if current is None:
        raise PermissionDenied(MAY_NOT)
    if not current.is_open:
        refuse(ENDED)
    if seen is not None and current.version != seen:
        refuse(CHANGED_SINCE)
    return current


def _own_parties(person: Person, dispute: Dispute) -> list[DisputeParty]:
    rows = Representation.objects.in_force(person, dates.today()).filter(dispute=dispute)
    return [row.party for row in rows.select_related("party")]


def _stands(person: Person, dispute: Dispute) -> bool:
    return Representation.objects.in_force(person, dates.today()).filter(dispute=dispute).exists()


def _one_party(person: Person, dispute: Dispute) -> DisputeParty:
    found = _own_parties(person, dispute)
    if not found:
        raise PermissionDenied(ONLY_PARTIES)
    return found[0]


def _not_future(on: dt.date) -> None:
    if on > dates.today():
        refuse(FUTURE, "on")


def _next(rows) -> int:
    return (rows.aggregate(last=Max("number"))["last"] or 0) + 1


def _save(dispute: Dispute) -> None:
    dispute.version += 1
    dispute.full_clean()
    dispute.save()


def _end(dispute: Dispute, state: str, on: dt.date, terms: str = "") -> None:
    dispute.state, dispute.ended_on, dispute.terms_of_resolution = state, on, terms
    _save(dispute)


def _keep(dispute: Dispute, kind: str, by: Person, on: dt.date, **told) -> DisputeEvent:
    """Write an event at the dispute's present rung; the dispute's version moves, so that who opened it before is told."""
    if kind not in (Kind.RAISED, Kind.REFERRAL, *moves.ENDS):
        _save(dispute)
    rung: Rung = dispute.rung
    row = DisputeEvent(
        dispute=dispute,
        number=_next(dispute.events),
        kind=kind,
        rung=rung,
        on=on,
        by=by,
        rule=asdict(clocks.rule_of(dispute.ladder).rung(rung.key)),
        **told,
    )
    row.full_clean()
    row.save(force_insert=True)
    return row
