"""What the pages of disputes show, made from the records before a template sees it."""

import datetime as dt
from dataclasses import dataclass

from governance.disputes import clocks
from governance.disputes.operations import clocks_of
from governance.disputes.reminders import coming
from governance.meetings import calendar
from governance.meetings.operations import closed_days
from governance.models import CaseStatement, Dispute, DisputeEvent, Extension, Representation, Rung
from jcb import access, dates
from jcb.models import Person

SOON = 7  # days


@dataclass(frozen=True, slots=True)
class Step:
    """A rung as the ladder shows it: done, where we are, what is next, or shut."""

    name: str
    mark: str
    state: str
    who: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class May:
    """A step that may be taken: when, by whom, and where; without an address it is not open yet."""

    words: str
    when: str
    who: str
    verb: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """Something that happened, as the log tells it."""

    title: str
    text: str
    mark: str
    when: str
    by: str
    letter: int | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """A party's statement as a reader may know of it; `row` only where they may open it."""

    party: str
    words: str
    row: CaseStatement | None = None
    may_release: bool = False


def list_page(person: Person) -> dict:
    """The disputes a person may read, and how many more there are of which nothing is said."""
    rows = list(
        Dispute.objects.visible_to(person).select_related("rung", "ladder").prefetch_related("parties__partner")
    )
    hidden = Dispute.objects.all().known().exclude(pk__in=[row.pk for row in rows]).count()
    return {
        "rows": [(row, ", ".join(party.partner.name for party in row.parties.all()), _where(row)) for row in rows],
        "hidden": hidden,
        "may_raise": access.may_raise_disputes(person),
    }


def detail_page(dispute: Dispute, person: Person) -> dict:
    """Everything that a reader sees of a dispute."""
    found = clocks_of(dispute)
    own = own_party(dispute, person)
    events = list(dispute.events.select_related("rung", "by", "party__partner").order_by("-number"))
    period = found.periods.get(dispute.rung.key)
    return {
        "dispute": dispute,
        "parties": [party.partner for party in dispute.parties.select_related("partner")],
        "why_seen": f"You see this because you stand for {own.partner}."
        if own
        else "You see its steps and dates as secretariat.",
        "headline": headline(dispute, found, dates.today()),
        "clock": _clock(dispute, period),
        "odd": _odd(period),
        "steps": _steps(dispute, found, events),
        "may": _may(dispute, found) if dispute.is_open else [],
        "log": [_line(event) for event in events],
        "statements": _statements(dispute, person, own),
        "extensions": _extensions(dispute, own, person),
        "people": _people(dispute),
        "is_party": own is not None,
    }


@dataclass(frozen=True, slots=True)
class Waiting:
    """An open dispute in which a person stands for a party: what waits for them, and the nearest last day."""

    key: str
    words: str
    clock: str
    late: bool


def waiting_for(person: Person) -> list[Waiting]:
    """The open disputes in which a person stands for a party. One query where there are none."""
    today, found = dates.today(), []
    rows = Representation.objects.in_force(person, today).filter(dispute__state=Dispute.State.OPEN)
    for row in rows.select_related("dispute__ladder", "dispute__rung", "party"):
        dispute = row.dispute
        to_confirm = [each for each in _extensions(dispute, row.party, person) if each["may_confirm"]]
        words = headline(dispute, clocks_of(dispute), today)
        if to_confirm:
            words = f"A longer period waits for your party: until {to_confirm[0]['until']}. {words}"
        due = next(iter(coming(dispute)), None)
        clock = f"{'Open from' if due.opens else 'Until'} {dates.say_day(due.on)}" if due else ""
        found.append(Waiting(dispute.key, words, clock, bool(due and not due.opens and due.on < today)))
    return found


def own_party(dispute: Dispute, person: Person):
    row = (
        Representation.objects.in_force(person, dates.today())
        .filter(dispute=dispute)
        .select_related("party__partner")
        .first()
    )
    return row.party if row else None


def headline(dispute: Dispute, found: clocks.Clocks, today: dt.date) -> str:
    """Where it stands, in a sentence or two."""
    if not dispute.is_open:
        return f"{dispute.get_state_display()} on {dates.say_day(dispute.ended_on)}."
    rung = dispute.rung
    said = f"Rung {rung.order}, {rung.name}."
    period = found.periods.get(rung.key)
    if period and period.last_day:
        day = (today - period.referred_on).days
        of = (period.last_day - period.referred_on).days
        next_rung = dispute.ladder.rungs.filter(order__gt=rung.order).order_by("order").first()
        if today <= period.last_day:
            said += f" Day {day} of {of}."
        else:
            said += f" Its {of} days have run out."
        if next_rung:
            opens = "opens" if today < period.next_rung_opens else "is open since"
            said += f" {next_rung.name} {opens} {'on ' if opens == 'opens' else ''}{_weekday(period.next_rung_opens)}."
    elif rung.key == clocks.MEDIATION and found.court_opens:
        said += f" Mediation failed. Proceedings are open from {_weekday(found.court_opens)}."
    elif rung.order > 1 and rung.days is None:
        said += " The clause states no period for it."
    return said


def _where(dispute: Dispute) -> str:
    return dispute.get_state_display() if not dispute.is_open else f"Rung {dispute.rung.order}, {dispute.rung.name}"


def _clock(dispute: Dispute, period: clocks.Period | None) -> dict | None:
    if not dispute.is_open or period is None or period.last_day is None:
        return None
    left = (period.last_day - dates.today()).days
    mark = "late" if left < 0 else "soon" if left < SOON else ""
    return {"words": f"Last day: {_weekday(period.last_day)}, end of day", "mark": mark}


def _odd(period: clocks.Period | None) -> str:
    if period is None or period.last_day is None:
        return ""
    because = calendar.closed_because(period.last_day, closed_days())
    return f"{because}: the period is not stretched" if because else ""


def _steps(dispute: Dispute, found: clocks.Clocks, events: list[DisputeEvent]) -> list[Step]:
    steps, here = [], dispute.rung.order
    for rung in dispute.ladder.rungs.order_by("order"):
        lines = [
            _line(event).title for event in reversed(events) if event.rung_id == rung.pk and event.kind != "raised"
        ]
        period = found.periods.get(rung.key)
        if period and period.last_day:
            lines.append(f"Last day: {_weekday(period.last_day)}{', as extended' if period.extended else ''}.")
        if rung.order < here:
            mark, state = "done", "Tried"
        elif rung.order == here:
            mark, state = "here", "We are here" if dispute.is_open else dispute.get_state_display()
        else:
            mark, state = _coming(dispute, rung, found, here)
            lines = _in_short(rung) if rung.order == here + 1 else []
        steps.append(Step(f"{rung.order}. {rung.name}", mark, state, rung.who, tuple(lines)))
    return steps


def _in_short(rung: Rung) -> list[str]:
    """What the clause says of a rung that is next."""
    lines = []
    if rung.days and rung.key != clocks.COURT:
        lines.append(f"{rung.days} days{', or longer if all agree' if rung.may_extend else ''}.")
    if rung.key == clocks.MEDIATION:
        lines.append("Referred to by all parties, together.")
    if rung.statement_days:
        lines.append(f"Statements at least {rung.statement_days} days before it starts.")
    if rung.report_days:
        lines.append(f"Report within {rung.report_days} days of its end.")
    if rung.key == clocks.COURT:
        lines.append(
            "Interim relief can be asked for at any time. Waiting does not lose the right to sue, but limitation runs on."
        )
    return lines


def _coming(dispute: Dispute, rung, found: clocks.Clocks, here: int) -> tuple[str, str]:
    if rung.order > here + 1 or not dispute.is_open:
        return "shut", "Not open"
    opens = _opens(dispute, rung, found)
    if opens is None:
        return ("shut", "Not open") if rung.key == clocks.COURT else ("next", "Open")
    return "next", f"{'Open since' if opens <= dates.today() else 'Opens'} {_weekday(opens)}"


def _opens(dispute: Dispute, rung, found: clocks.Clocks) -> dt.date | None:
    if rung.key == clocks.COURT:
        return found.court_opens
    period = found.periods.get(dispute.rung.key)
    return period.next_rung_opens if period else None


def _may(dispute: Dispute, found: clocks.Clocks) -> list[May]:
    today, parties = dates.today(), "Any party"
    rows = [May("Record that it is resolved", "Any time", "All parties", "resolve")]
    period = found.periods.get(dispute.rung.key)
    if dispute.rung.may_extend and period and period.last_day:
        rows.append(
            May(
                "Propose a longer period",
                "Until the next rung is opened",
                "Any party; every other confirms the same day",
                "extend",
            )
        )
    following = dispute.ladder.rungs.filter(order__gt=dispute.rung.order).order_by("order").first()
    if following:
        opens = _opens(dispute, following, found)
        unknown = following.key == clocks.COURT and opens is None
        open_now = not unknown and (opens is None or opens <= today)
        when = "Once mediation has failed" if unknown else dates.say_day(opens) if opens else "Any time"
        who = "All, together" if following.key == clocks.MEDIATION else parties
        words = (
            "Start court proceedings"
            if following.key == clocks.COURT
            else f"Refer it to rung {following.order}, {following.name}"
        )
        rows.append(May(words, when, who, "refer" if open_now else ""))
    rows += [
        *_of_mediation(dispute, parties),
        May("Record what happened", "Any time", f"{parties}; mediation, proceedings, interim relief", "record"),
        May("Record that the parties became one body", "Once they have", parties, "succession"),
        May("Withdraw it", "Any time", "The party that raised it", "withdraw"),
    ]
    return rows


def _of_mediation(dispute: Dispute, parties: str) -> list[May]:
    if dispute.rung.key != clocks.MEDIATION:
        return []
    return [
        May("Exchange statements of case", "Once each party has filed its own", parties, "exchange"),
        May("Share the mediator’s fee", "Once it is known", parties, "fee"),
    ]


TITLES = {"referral": "Referred to rung {order}, {name}", "extension": "Period extended until {on}"}


def _line(event: DisputeEvent) -> Line:
    title = TITLES.get(event.kind, event.get_kind_display()).format(
        order=event.rung.order, name=event.rung.name, on=dates.say_day(event.on)
    )
    told = [event.text] if event.text else []
    if event.days is not None:
        told.append(f"{event.days} days before it starts.")
    if event.due_on and event.kind != "extension":
        told.append(f"{DUE.get(event.kind, 'Last day')}: {_weekday(event.due_on)}.")
    return Line(
        title,
        "\n".join(told),
        event.get_mark_display(),
        f"{dates.say_day(event.on)}; recorded {dates.say_instant(event.at)}",
        str(event.by),
        event.number if event.kind == DisputeEvent.Kind.REFERRAL else None,
    )


DUE = {
    "mediation_starts": "Statements by",
    "mediation_concluded": "The mediator’s report by",
    "mediation_failed": "Proceedings are open from",
}


def _statements(dispute: Dispute, person: Person, own) -> list[Statement]:
    """Own ones, released ones, and for the rest that they are sealed: not even whether there is one."""
    readable = list(
        CaseStatement.objects.visible_to(person).filter(party__dispute=dispute).select_related("party__partner")
    )
    found = []
    for party in dispute.parties.select_related("partner"):
        rows = [row for row in readable if row.party_id == party.pk]
        for row in rows:
            late = ", late" if row.is_late else ""
            state = (
                "released to the other parties"
                if row.released_at
                else "sealed: only your party sees it until you release it"
            )
            may = own == party and row.released_at is None
            found.append(Statement(party.partner.name, f"Filed {dates.say_day(row.filed_on)}{late}; {state}", row, may))
        if not rows:
            found.append(
                Statement(party.partner.name, "None filed yet" if own == party else "Sealed to them, if there is one")
            )
    return found


def _extensions(dispute: Dispute, own, person: Person) -> list[dict]:
    """Proposals for the present rung that wait for somebody."""
    rows = Extension.objects.filter(dispute=dispute, rung=dispute.rung).prefetch_related(
        "confirmations__party__partner"
    )
    count = dispute.parties.count()
    found = []
    for row in rows:
        said = [confirmation.party for confirmation in row.confirmations.all()]
        if len(said) == count:
            continue
        found.append(
            {
                "row": row,
                "until": _weekday(row.last_day),
                "said": ", ".join(party.partner.name for party in said),
                "may_confirm": own is not None and own not in said and dispute.is_open,
            }
        )
    return found


def _people(dispute: Dispute) -> list[tuple[str, str]]:
    rows = dispute.representations.select_related("party__partner", "person").order_by("party__order", "from_on")
    return [
        (
            row.party.partner.name,
            f"{row.person}{f', until {dates.say_day(row.until_on)}' if row.until_on else ''}",
        )
        for row in rows
    ]


def what_if(found: clocks.Clocks) -> list[tuple[str, str]]:
    """What follows from dates that were tried, with a warning where a lawyer may read it otherwise."""
    rows = []
    for key, period in found.periods.items():
        if period.last_day:
            rows.append((f"{key.capitalize()}: last day", _weekday(period.last_day)))
            rows.append((f"{key.capitalize()}: the next rung opens", _weekday(period.next_rung_opens)))
    if found.statements_due:
        safe = _weekday(found.statements_due - dt.timedelta(days=1))
        rows.append(
            (
                "Written statements by",
                f"{_weekday(found.statements_due)}. A lawyer may read this as clear days: send them by {safe} to be safe",
            )
        )
    if found.report_due:
        rows.append(("The mediator’s report by", _weekday(found.report_due)))
    if found.court_opens:
        rows.append(("Proceedings open from", _weekday(found.court_opens)))
    return rows


def _weekday(day: dt.date) -> str:
    return f"{day:%A} {dates.say_day(day)}"
