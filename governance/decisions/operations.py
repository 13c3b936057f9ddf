"""What is done to decisions: recorded, ratified, answered, and the agreed date of a deliverable changed by one."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet

from governance.models import AgendaItem, DateChange, Decision, Meeting, Recommendation, Stance
from governance.numbering import save_numbered
from governance.room.presence import attendances, parties_present, presence
from jcb import access, dates
from jcb.history import refuse
from jcb.models import Partner, Person
from jcb.steps import check_seen, save
from workstreams.models import Deliverable

MAY_NOT = "You can read the Board’s decisions; the secretariat records them."
NOT_FINAL = "This decision is not final: {why}. The date changes once it is."
Basis, Kind, Ratification = Decision.Basis, Stance.Kind, Decision.Ratification


@dataclass(frozen=True, slots=True)
class Said:
    """What one party said: its position, the words, who spoke; of a reservation the body, the date and whether it is a key
    decision there."""

    kind: str
    words: str = ""
    spoken_by: Person | None = None
    parent_body: str = ""
    answer_due_on: dt.date | None = None
    key_decision: bool = False


def parties_on(day: dt.date) -> QuerySet[Partner]:
    """The parties to the Board in force on a day, by name."""
    return Partner.objects.in_force(day).filter(is_party=True).order_by("side", "name")


def agreed_by_all_present(meeting: Meeting, item: AgendaItem | None = None) -> dict[int, Said]:
    """Every party that is there agrees, and every other is absent; where no attendance is kept, all agree."""
    parties = list(parties_on(meeting.on))
    there = presence(meeting, item)
    present = parties_present(meeting, parties, there.present) if there.present else {each.pk for each in parties}
    return {each.pk: Said(Kind.AGREES if each.pk in present else Kind.ABSENT) for each in parties}


@transaction.atomic
def record_decision(
    *,
    by: Person,
    text: str,
    said: Mapping[int, Said],
    meeting: Meeting | None = None,
    item: AgendaItem | None = None,
    recommendation: Recommendation | None = None,
    basis: str = Basis.MEETING,
    could_not_wait: str = "",
    decided_on: dt.date | None = None,
    restricted: bool = False,
) -> Decision:
    """Record what the Board decided, with what each party in force that day said; `said` goes by the partner's primary key.

    At a meeting without a quorum it is a recommendation, and between meetings it is provisional, until a meeting ratifies
    it. Effects: the decision with the next number of its month, and a stance for each party. Raises ValidationError with a
    sentence; nothing is written then.
    """
    access.require(access.may_prepare_meetings(by), MAY_NOT)
    if not text.strip():
        refuse("Write down what was decided.", "text")
    if meeting is not None:
        meeting = Meeting.objects.select_for_update().get(pk=meeting.pk)
        day = _check_meeting(meeting, item)
        basis = Basis.MEETING if _is_quorate(meeting, item) else Basis.INQUORATE
    else:
        day = decided_on or dates.today()
        if day > dates.today():
            refuse("A decision is recorded once it was made. Choose a day that is not in the future.", "decided_on")
        if basis not in Decision.BETWEEN_MEETINGS:
            refuse("Say whether the chairs acted or everybody was asked by correspondence.", "basis")
        if not could_not_wait.strip():
            refuse("Say why it could not wait for the next meeting.", "could_not_wait")
    if recommendation is not None and (item is None or recommendation.front_sheet.item_id != item.pk):
        refuse("This recommendation belongs to another item.", "recommendation")
    _check_said(said, day)
    row = Decision(
        series=f"{day:%Y-%m}",
        number=0,
        meeting=meeting,
        item=item,
        recommendation=recommendation,
        restricted=restricted if item is None else False,
        text=text.strip(),
        basis=basis,
        could_not_wait=could_not_wait.strip() if meeting is None else "",
        decided_on=day,
        ratification=Ratification.NOT_NEEDED if basis == Basis.MEETING else Ratification.WAITING,
        by=by,
    )
    row.full_clean(exclude=["number"])
    save_numbered(row, series=row.series)
    for pk, each in said.items():
        _keep_stance(row, pk, each)
    return row


def _check_meeting(meeting: Meeting, item: AgendaItem | None) -> dt.date:
    if meeting.state == Meeting.State.CANCELLED:
        refuse("This meeting was cancelled, so nothing was decided at it.")
    if meeting.starts_at > dates.now():
        refuse(f"The meeting begins on {dates.say_instant(meeting.starts_at)}. Decisions are recorded from then on.")
    if item is not None and item.meeting_id != meeting.pk:
        refuse("This item belongs to another meeting.")
    return meeting.on


def _is_quorate(meeting: Meeting, item: AgendaItem | None) -> bool:
    """As it is known: what was recorded when the meeting closed, else who is there for the item. Where no attendance is kept
    nothing says that there is no quorum; should the meeting close without one, `only_recommended` sets it right."""
    if meeting.quorate is not None:
        return meeting.quorate
    rows = attendances(meeting)
    return not rows or presence(meeting, item, rows).is_quorate


def _check_said(said: Mapping[int, Said], day: dt.date) -> None:
    parties = {each.pk: each for each in parties_on(day)}
    for pk in said:
        if pk not in parties:
            partner = Partner.objects.filter(pk=pk).first()
            now = partner.now_called(day) if partner else None
            instead = f" Record {now} instead." if now and now.pk in parties else ""
            refuse(f"{partner or 'This organisation'} was not a party to the Board on {dates.say_day(day)}.{instead}")
    if missing := [each for pk, each in parties.items() if pk not in said]:
        refuse(f"Say what {missing[0]} said. Choose “Absent” where it was not there.", f"party_{missing[0].pk}")
    for pk, each in said.items():
        name = parties[pk].name
        if each.kind == Kind.SUBJECT_TO and not each.words.strip():
            refuse(f"Say what the agreement of {name} is subject to.", f"words_{pk}")
        if each.kind == Kind.RESERVES and not each.parent_body.strip():
            refuse(f"Name the body to which {name} puts it.", f"body_{pk}")
        if each.kind == Kind.RESERVES and each.answer_due_on is None:
            refuse(f"Give the date on which {name} expects the answer.", f"due_{pk}")
        if each.kind == Kind.RESERVES and each.answer_due_on < day:
            refuse(f"The answer for {name} cannot be expected before the decision. Check the date.", f"due_{pk}")


def _keep_stance(decision: Decision, partner: int, said: Said) -> None:
    reserves = said.kind == Kind.RESERVES
    row = Stance(
        decision=decision,
        partner_id=partner,
        kind=said.kind,
        words=said.words.strip(),
        spoken_by=said.spoken_by,
        parent_body=said.parent_body.strip() if reserves else "",
        answer_due_on=said.answer_due_on if reserves else None,
        key_decision=said.key_decision and reserves,
    )
    row.full_clean()
    row.save()


def only_recommended(meeting: Meeting) -> None:
    """Let what a meeting without a quorum decided wait for another one. Effects: its decisions, in the present transaction."""
    for row in Decision.objects.select_for_update().filter(meeting=meeting, basis=Basis.MEETING):
        save(row, basis=Basis.INQUORATE, ratification=Ratification.WAITING)


@transaction.atomic
def correct_decision(*, by: Person, decision: Decision, seen: int, text: str) -> Decision:
    """Correct the words of a decision; its history keeps what they were."""
    row = _opened(decision, by, seen)
    if not text.strip():
        refuse("Write down what was decided.", "text")
    return save(row, text=text.strip())


@transaction.atomic
def ratify(*, by: Person, decision: Decision, seen: int, meeting: Meeting, ratified: bool) -> Decision:
    """Record that a meeting with a quorum took a provisional decision up: it ratified it, or did not. Effects: the row."""
    row = _opened(decision, by, seen)
    if not row.is_provisional:
        refuse("This decision is not waiting to be ratified.")
    if meeting.state == Meeting.State.CANCELLED or meeting.starts_at > dates.now():
        refuse("Choose a meeting that was held, or is being held now.", "meeting")
    if meeting.on < row.decided_on or meeting.pk == row.meeting_id:
        refuse("It is ratified by a later meeting than the one it comes from.", "meeting")
    if not _is_quorate(meeting, None):
        refuse("This meeting has no quorum, so it can ratify nothing.", "meeting")
    return save(row, ratification=Ratification.RATIFIED if ratified else Ratification.REFUSED, ratified_at=meeting)


@transaction.atomic
def answer_reservation(
    *, by: Person, stance: Stance, seen: int, answer: str, answered_on: dt.date, effective_on: dt.date | None
) -> Stance:
    """Record the answer of the body to which a party put a decision, and when it takes effect. Effects: the stance."""
    access.require(access.may_prepare_meetings(by), MAY_NOT)
    row = Stance.objects.select_for_update().get(pk=stance.pk)
    check_seen(row, seen)
    if row.kind != Kind.RESERVES:
        refuse("This party reserved nothing, so no answer is expected.")
    if not answer.strip():
        refuse("Write down the answer.", "answer")
    if answered_on < row.decision.decided_on or answered_on > dates.today():
        refuse("The answer came between the decision and today. Check the date.", "answered_on")
    if effective_on and effective_on < row.decision.decided_on:
        refuse("It cannot take effect before it was decided. Check the date.", "effective_on")
    return save(row, answer=answer.strip(), answered_on=answered_on, effective_on=effective_on)


def why_not_final(decision: Decision, stances: Sequence[Stance] | None = None) -> str:
    """Why a decision does not stand yet, in a few words; empty where it does."""
    stances = list(decision.stances.select_related("partner")) if stances is None else stances
    if decision.ratification == Ratification.WAITING:
        return "it waits for a meeting to ratify it"
    if decision.ratification == Ratification.REFUSED:
        return "a meeting did not ratify it"
    if against := [each for each in stances if each.kind == Kind.DISAGREES]:
        return f"{against[0].partner} does not agree"
    if waiting := [each for each in stances if each.waits_for_answer]:
        due = dates.say_day(waiting[0].answer_due_on)
        return f"{waiting[0].partner} reserves; its answer is expected on {due}"
    return ""


@transaction.atomic
def change_date(
    *, by: Person, decision: Decision, seen: int, deliverable: Deliverable, after_on: dt.date
) -> DateChange:
    """Give a deliverable another agreed date by a decision of the Board: the only way in which it changes.

    Effects: the deliverable's own date, and a row that keeps the date before. The first date stays visible.
    """
    row = _opened(decision, by, seen)
    if why := why_not_final(row):
        refuse(NOT_FINAL.format(why=why))
    current = Deliverable.objects.select_for_update().select_related("workstream__plan").get(pk=deliverable.pk)
    before = current.agreed_on
    if row.date_changes.filter(deliverable=current).exists():
        refuse("This decision has changed the date of this deliverable already.", "deliverable")
    if before == after_on:
        refuse("This is the agreed date already. Choose another day.", "after_on")
    change = DateChange(decision=row, deliverable=current, before_on=before, after_on=after_on, by=by)
    change.full_clean()
    change.save()
    save(current, own_due_on=after_on)
    save(row)
    return change


def _opened(decision: Decision, by: Person, seen: int) -> Decision:
    access.require(access.may_prepare_meetings(by), MAY_NOT)
    row = Decision.objects.select_for_update().get(pk=decision.pk)
    check_seen(row, seen)
    return row
