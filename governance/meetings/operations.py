"""What is done to meetings: planned, called, edited, postponed, moved, cancelled, adjourned, held.

Each re-reads the meeting under a lock, refuses where somebody changed it since the person opened it (`seen` is the version
they saw), and keeps what was said in a `MeetingChange`. Everyone concerned is told once, by a notice.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, QuerySet

from governance.actions.operations import tell_owners
from governance.decisions.operations import only_recommended
from governance.meetings import calendar
from governance.meetings.calendar import Closed, Deadlines
from governance.meetings.passing_on import move_round, pass_on, waits_for
from governance.minutes.progress import unminuted
from governance.models import AgendaItem, ClosedDay, Meeting, MeetingChange, Membership, Terms
from jcb import access, dates
from jcb.history import refuse
from jcb.models import Person
from jcb.notices import tell

MAY_NOT = "You can read the Board's meetings; the secretariat prepares and changes them."
CHANGED_SINCE = "Somebody changed this meeting since you opened it. Nothing was saved, and what you typed is still here. Read how it stands now, then save again."
NO_TERMS = "No terms of reference are in force on {day}. Choose a later day, or record the terms first."
STANDING = (Meeting.State.PLANNED, Meeting.State.PUBLISHED)
Change = MeetingChange.Kind


@dataclass(frozen=True, slots=True)
class Row:
    """One meeting to plan. `series_on` is its date in the series, whatever day was chosen."""

    starts_at: dt.datetime
    series_on: dt.date
    venue: str
    length_minutes: int


def closed_days() -> dict[dt.date, str]:
    """The days that the Board recorded as closed, beside weekends and bank holidays."""
    return {row.on: row.name for row in ClosedDay.objects.all()}


def turns_before(starts_at: dt.datetime) -> dict[int, int]:
    """How many meetings stand before an instant under each version of the terms: held, or still to be held."""
    counts: dict[int, int] = {}
    for terms in standing_meetings().filter(starts_at__lt=starts_at).values_list("terms", flat=True):
        counts[terms] = counts.get(terms, 0) + 1
    return counts


def standing_meetings() -> QuerySet[Meeting]:
    """Every meeting that was not cancelled."""
    return Meeting.objects.exclude(state=Meeting.State.CANCELLED)


# Planning -------------------------------------------------------------------------------------------------------------


@transaction.atomic
def plan_meetings(*, by: Person, rows: Iterable[Row]) -> list[Meeting]:
    """Plan meetings on the days given, each under the terms in force on its day.

    Effects: one planned meeting for each row. Raises ValidationError where a day has a meeting already or no terms;
    nothing is written then.
    """
    access.require(access.may_prepare_meetings(by), MAY_NOT)
    closed, made = closed_days(), []
    for row in sorted(rows, key=lambda row: row.starts_at):
        day = dates.london_day(row.starts_at)
        if _meeting_on(day):
            refuse(f"There is a meeting on {dates.say_day(day)} already. Take it out, or choose another day.")
        reason = ""
        if day != row.series_on:
            reason = calendar.closed_because(row.series_on, closed)
            if not reason or day != calendar.next_working_day(row.series_on, closed):
                reason = "Chosen by the secretariat"
        made.append(_make(row, closed, reason, Meeting.Kind.ORDINARY))
    return made


@transaction.atomic
def call_extraordinary(*, by: Person, starts_at: dt.datetime, venue: str, length_minutes: int, because: str) -> Meeting:
    """Call a meeting outside the series.

    Effects: a planned meeting, its change "called", a notice to everyone concerned where it is still to come; where
    places alternate, later meetings keep their turn.
    """
    access.require(access.may_prepare_meetings(by), MAY_NOT)
    places = _places()
    row = Row(starts_at, dates.london_day(starts_at), venue, length_minutes)
    meeting = _make(row, closed_days(), "", Meeting.Kind.EXTRAORDINARY)
    _keep(meeting, Change.CALLED, by, after=_when_and_where(meeting), because=because)
    moved = _follow_turns(places, by)
    _tell(meeting, "called", f"An extraordinary meeting is called for {_when_and_where(meeting)}.", because, moved)
    return meeting


def _make(row: Row, closed: Closed, reason: str, kind: str) -> Meeting:
    terms = _terms_on(dates.london_day(row.starts_at))
    due = calendar.deadlines(terms, row.starts_at, closed)
    meeting = Meeting(
        key=_free_key(dates.london_day(row.starts_at)),
        terms=terms,
        kind=kind,
        starts_at=row.starts_at,
        length_minutes=row.length_minutes,
        venue=row.venue,
        series_on=row.series_on,
        moved_because=reason,
    )
    _set_deadlines(meeting, due)
    meeting.full_clean()
    meeting.save()
    return meeting


# Changing -------------------------------------------------------------------------------------------------------------


@transaction.atomic
def edit_meeting(
    *,
    meeting: Meeting,
    by: Person,
    seen: int,
    length_minutes: int,
    chair: Person | None,
    note: str,
    deadlines: Deadlines | None = None,
) -> Meeting:
    """Change what nobody has to be told: length, chair, note, and the deadlines where they are given.

    Effects: the meeting is saved under the terms in force on its day; where those are new, its deadlines follow them;
    an open round closes at the new deadline; the calendar entry is marked as changed where it shows the change.
    """
    meeting = _opened(meeting, by, seen)
    _refuse_unless_standing(meeting, "edited")
    was = (meeting.length_minutes, meeting.papers_due_at)
    was_due_at, terms = meeting.authors_due_at, _terms_on(meeting.on)
    if deadlines or terms != meeting.terms:
        _set_deadlines(meeting, deadlines or calendar.deadlines(terms, meeting.starts_at, closed_days()))
    meeting.terms, meeting.length_minutes, meeting.chair, meeting.note = terms, length_minutes, chair, note
    _save(meeting, shown=was != (meeting.length_minutes, meeting.papers_due_at))
    move_round(meeting, was_due_at)
    return meeting


@transaction.atomic
def postpone(
    *, meeting: Meeting, by: Person, seen: int, starts_at: dt.datetime, venue: str = "", because: str
) -> Meeting:
    """Hold a meeting at another time, and at another place where one is given.

    Effects: its terms and deadlines are those of the new day, an open round closes at the new deadline, its calendar
    entry and a change are written, later meetings keep their turn where places alternate, everyone concerned is told.
    """
    meeting = _opened(meeting, by, seen)
    _refuse_unless_standing(meeting, "postponed")
    if starts_at == meeting.starts_at:
        refuse("This is when the meeting is already. Choose another day or hour.", "day")
    if _meeting_on(dates.london_day(starts_at), but=meeting):
        refuse("There is another meeting on this day. Choose another day.", "day")
    closed, places, before = closed_days(), _places(), _when_and_where(meeting)
    old_day, old_terms, was_due_at = meeting.on, meeting.terms, meeting.authors_due_at
    meeting.starts_at, meeting.moved_because = starts_at, because[:200]
    meeting.terms = _terms_on(meeting.on)
    if meeting.terms != old_terms and meeting.length_minutes == old_terms.length_minutes:
        meeting.length_minutes = meeting.terms.length_minutes
    meeting.venue = venue or _venue_after(meeting, old_terms, places)
    _set_deadlines(meeting, calendar.deadlines(meeting.terms, starts_at, closed))
    _save(meeting, shown=True)
    move_round(meeting, was_due_at)
    _keep(meeting, Change.POSTPONED, by, before=before, after=_when_and_where(meeting), because=because)
    moved = _follow_turns(places, by, but=meeting)
    text = f"The meeting of {before} will be on {_when_and_where(meeting)}."
    _tell(meeting, "postponed", text, because, moved, also_on=old_day)
    return meeting


@transaction.atomic
def move_place(*, meeting: Meeting, by: Person, seen: int, venue: str, because: str) -> Meeting:
    """Hold a meeting somewhere else. Effects: its calendar entry, a change, a notice to everyone concerned."""
    meeting = _opened(meeting, by, seen)
    _refuse_unless_standing(meeting, "moved")
    if venue == meeting.venue:
        refuse("This is where the meeting is already. Give another place.", "venue")
    before, meeting.venue = meeting.venue, venue
    _save(meeting, shown=True)
    _keep(meeting, Change.PLACE, by, before=before, after=venue, because=because)
    _tell(meeting, "place", f"The meeting of {dates.say_instant(meeting.starts_at)} will be at {venue}.", because)
    return meeting


@transaction.atomic
def cancel(*, meeting: Meeting, by: Person, seen: int, because: str, moved_to: Meeting | None) -> Meeting:
    """Cancel a meeting and pass what was planned for it on to another.

    Effects: agenda items, papers, planned items and the round belong to the other meeting, while what was published
    stays; its calendar entry says cancelled; a change; later meetings keep their turn where places alternate; everyone
    concerned is told once.
    """
    meeting = _opened(meeting, by, seen)
    _refuse_unless_standing(meeting, "cancelled")
    if moved_to is None and waits_for(meeting):
        refuse("Choose the meeting that takes what was planned for this one.", "moved_to")
    if moved_to is not None:
        moved_to = Meeting.objects.select_for_update().get(pk=moved_to.pk)
        if moved_to == meeting or moved_to.state not in STANDING:
            refuse("Choose a meeting that is still to be held.", "moved_to")
    places, was = _places(), _when_and_where(meeting)
    told = set(people_concerned(meeting, meeting.on))  # before the invitations move on with their items
    passed = pass_on(meeting, moved_to) if moved_to else []
    meeting.state, meeting.moved_to = Meeting.State.CANCELLED, moved_to
    _save(meeting, shown=True)
    after = f"Passed on to {dates.say_day(moved_to.starts_at)}: {', '.join(passed)}" if passed else ""
    _keep(meeting, Change.CANCELLED, by, before=was, after=after, because=because)
    moved = _follow_turns(places, by)
    text = f"The meeting of {was} is cancelled."
    if moved_to:
        text += f" What was planned for it goes to the meeting of {_when_and_where(moved_to)}."
    if meeting.packs.exists():
        text += " What was published for it stays where it was."
    _tell(meeting, "cancelled", text, because, moved, people=told)
    return meeting


@transaction.atomic
def adjourn(*, meeting: Meeting, by: Person, seen: int, resumes_at: dt.datetime, because: str) -> Meeting:
    """Break a meeting off and go on at another time. Effects: its calendar entries, a change, a notice to everyone."""
    meeting = _opened(meeting, by, seen)
    if meeting.state not in {*STANDING, Meeting.State.HELD}:
        refuse("Its minutes are agreed, or it was cancelled, so it cannot be adjourned.")
    if resumes_at <= meeting.starts_at:
        refuse("It goes on after it began. Choose a later day or hour.", "day")
    meeting.resumes_at = resumes_at
    _save(meeting, shown=True)
    when = dates.say_instant(resumes_at)
    _keep(meeting, Change.ADJOURNED, by, before=_when_and_where(meeting), after=when, because=because)
    text = f"The meeting of {_when_and_where(meeting)} is adjourned. It goes on {when}."
    _tell(meeting, "adjourned", text, because, also_on=dates.london_day(resumes_at))
    return meeting


@transaction.atomic
def mark_held(
    *, meeting: Meeting, by: Person, seen: int, quorate: bool, chair: Person | None = None, because: str = ""
) -> Meeting:
    """Record that a meeting was held, with a quorum or without. Effects: its state, a change, and where there was no quorum
    its decisions become recommendations. Whoever owns one of its actions is told of it, and nobody else."""
    meeting = _opened(meeting, by, seen)
    _refuse_unless_standing(meeting, "marked as held")
    if meeting.starts_at > dates.now():
        refuse(f"It begins on {dates.say_instant(meeting.starts_at)}. Mark it as held once it has begun.")
    missing = unminuted(meeting)
    if missing:
        named = "; ".join(item.title for item in missing)
        refuse(
            f"Nothing is minuted yet of: {named}. Write it under “Room”, or say there that there is nothing to minute."
        )
    if not quorate and not because.strip():
        refuse("Say who was missing, so that a later meeting knows why it has to ratify.", "because")
    meeting.state, meeting.quorate, meeting.chair = Meeting.State.HELD, quorate, chair or meeting.chair
    meeting.ended_at = dates.now()
    _save(meeting, shown=False)
    _keep(meeting, Change.HELD if quorate else Change.INQUORATE, by, because=because)
    if not quorate:
        only_recommended(meeting)
    tell_owners(meeting)
    return meeting


# Who is told ----------------------------------------------------------------------------------------------------------


def people_concerned(meeting: Meeting, *on: dt.date) -> QuerySet[Person]:
    """Whoever sits on the Board on these days, as member or deputy, is invited to an item or presents one, reads as the
    forum's representative or an observer."""
    sitting = Q()
    for day in on:
        sitting |= Q(from_on__lte=day) & (Q(until_on=None) | Q(until_on__gte=day))
    seated = Membership.objects.filter(sitting).values("person")
    items = AgendaItem.objects.filter(meeting=meeting)
    return Person.objects.filter(
        Q(pk__in=seated)
        | Q(invitations__item__in=items)
        | Q(items_presented__in=items)
        | Q(role__in=[Person.Role.BOARD_MEMBER, Person.Role.FORUM, Person.Role.OBSERVER]),
        is_active=True,
    ).distinct()


def _tell(meeting, rule, text, because, moved=(), *, also_on: dt.date | None = None, people=None) -> None:
    """Tell everyone concerned once. A meeting of an earlier day is only recorded: nobody has to be told of it."""
    if dates.london_day(max(meeting.starts_at, meeting.resumes_at or meeting.starts_at)) < dates.today():
        return
    lines = [text, f"Why: {because}" if because else ""]
    lines += [
        f"The meeting of {dates.say_instant(m.starts_at)} is now at {m.venue}: the places alternate." for m in moved
    ]
    days = {meeting.on, also_on or meeting.on}
    tell(
        people_concerned(meeting, *days) if people is None else people,
        rule=f"meeting {rule}",
        object_key=f"{meeting.key}/{meeting.sequence}",
        subject=text.split(". ")[0].rstrip("."),
        text="\n\n".join(filter(None, lines)),
    )


# What they share ------------------------------------------------------------------------------------------------------


def _opened(meeting: Meeting, by: Person, seen: int) -> Meeting:
    access.require(access.may_prepare_meetings(by), MAY_NOT)
    current = Meeting.objects.select_for_update().get(pk=meeting.pk)
    if current.version != seen:
        refuse(CHANGED_SINCE)
    return current


def _refuse_unless_standing(meeting: Meeting, what: str) -> None:
    if meeting.state not in STANDING:
        refuse(f"This meeting is {meeting.get_state_display().lower()}, so it cannot be {what}.")


def _save(meeting: Meeting, *, shown: bool) -> None:
    """Save a changed meeting; `shown` where calendars show the change."""
    meeting.version += 1
    meeting.sequence += shown
    meeting.full_clean()
    meeting.save()


def _keep(meeting, kind, by, *, before="", after="", because="") -> None:
    MeetingChange.objects.create(
        meeting=meeting, kind=kind, before=before[:200], after=after[:200], because=because, by=by, at=dates.now()
    )


def _set_deadlines(meeting: Meeting, due: Deadlines) -> None:
    meeting.authors_due_at = due.authors_due_at
    meeting.clearing_due_at = due.clearing_due_at
    meeting.papers_due_at = due.papers_due_at


def _terms_on(day: dt.date) -> Terms:
    terms = Terms.objects.in_force(day).first()
    if terms is None:
        refuse(NO_TERMS.format(day=dates.say_day(day)))
    return terms


def _meeting_on(day: dt.date, but: Meeting | None = None) -> bool:
    """Whether an ordinary meeting stands on a day."""
    rows = standing_meetings().filter(
        kind=Meeting.Kind.ORDINARY, starts_at__gte=dates.start_of_day(day), starts_at__lt=dates.end_of_day(day)
    )
    return (rows.exclude(pk=but.pk) if but else rows).exists()


def _free_key(day: dt.date) -> str:
    """The date, and a number after it where a meeting was planned for that date before."""
    taken = set(Meeting.objects.filter(key__startswith=day.isoformat()).values_list("key", flat=True))
    key, number = day.isoformat(), 2
    while key in taken:
        key, number = f"{day.isoformat()}-{number}", number + 1
    return key


def _when_and_where(meeting: Meeting) -> str:
    return f"{dates.say_instant(meeting.starts_at)}, {meeting.venue}"


def _places() -> dict[int, str]:
    """Where each standing meeting is by its turn, under terms whose places alternate."""
    counts: dict[int, int] = {}
    found = {}
    alternating = standing_meetings().filter(terms__venue_rule=Terms.Venue.ALTERNATE)
    for meeting in alternating.select_related("terms").order_by("starts_at", "pk"):
        turn = counts.get(meeting.terms_id, 0)
        counts[meeting.terms_id] = turn + 1
        found[meeting.pk] = calendar.place(meeting.terms, turn)
    return found


def _follow_turns(before: dict[int, str], by: Person, but: Meeting | None = None) -> list[Meeting]:
    """Put later meetings where their turn now is. A meeting that somebody put elsewhere stays there."""
    moved, now = [], _places()
    for meeting in standing_meetings().filter(pk__in=now, state__in=STANDING, starts_at__gt=dates.now()):
        was = before.get(meeting.pk)
        if meeting == but or meeting.kind != Meeting.Kind.ORDINARY or meeting.venue != was or was == now[meeting.pk]:
            continue
        meeting.venue = now[meeting.pk]
        _save(meeting, shown=True)
        _keep(meeting, Change.PLACE, by, before=was, after=meeting.venue, because="The places alternate.")
        moved.append(meeting)
    return moved


def _venue_after(meeting: Meeting, old_terms: Terms, places: dict[int, str]) -> str:
    """Where a postponed meeting is: where it was, unless new terms have another place than the old ones had."""
    by_rule = {old_terms.venue_first} if old_terms.venue_rule == Terms.Venue.USUAL else {places.get(meeting.pk)}
    if meeting.terms == old_terms or meeting.venue not in by_rule:
        return meeting.venue
    return calendar.place(meeting.terms, turns_before(meeting.starts_at).get(meeting.terms_id, 0))
