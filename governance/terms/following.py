"""Planned meetings follow the terms in force on their day, when a version comes in between or is changed."""

from collections.abc import Mapping

from governance.meetings import calendar
from governance.meetings.operations import closed_days, people_concerned, standing_meetings
from governance.meetings.passing_on import move_round
from governance.models import Meeting, MeetingChange, Terms
from jcb import dates
from jcb.models import Person
from jcb.notices import tell


def as_they_stand() -> dict[int, Terms]:
    """Every version as it is now, by its primary key: to be given to `follow` after a change."""
    return {terms.pk: terms for terms in Terms.objects.all()}


def follow(was: Mapping[int, Terms], *, by: Person, because: str) -> list[str]:
    """Let every planned meeting that is still to come follow the terms in force on its day; returns what changed of
    them in words. `was` are the versions as they were before; `because` names the terms, for the notice.

    Effects: its terms; its length, deadlines and place where they were as the earlier terms gave them, so that what
    somebody chose stays; an open round closes at the new deadline; a change of place is kept; everyone concerned is
    told once where they would notice. A meeting whose pack is published stays as it was published.
    """
    now = as_they_stand()
    rows = list(standing_meetings().order_by("starts_at", "pk"))
    places_before = _places(rows, was)
    coming = [row for row in rows if row.state == Meeting.State.PLANNED and row.starts_at > dates.now()]
    coming = list(Meeting.objects.select_for_update().filter(pk__in=[row.pk for row in coming]).order_by("starts_at"))
    current = {row.pk: row for row in [*rows, *coming]}
    before = {row.pk: row.terms_id for row in coming}
    for row in coming:
        found = calendar.in_force(now.values(), row.on)
        row.terms = found or now[row.terms_id]
    places_now = _places(sorted(current.values(), key=lambda row: (row.starts_at, row.pk)), now)
    closed, told, moved = closed_days(), [], []
    for row in coming:
        if shown := _follow(row, was[before[row.pk]], places_before[row.pk], places_now[row.pk], closed, by):
            told.append(shown)
            moved.append(row)
    if told:
        tell(
            {person for row in moved for person in people_concerned(row, row.on)},
            rule="terms changed",
            object_key=f"{because}/{dates.now().isoformat()}"[:120],
            subject=f"{because}: what changes for coming meetings",
            text="\n\n".join([f"{because} change what was planned.", *told]),
        )
    return told


def _follow(row: Meeting, old: Terms, place_before: str, place_now: str, closed, by: Person) -> str:
    """Save one meeting under its new terms where that changes anything; what people would notice, in words."""
    new, was_due_at = row.terms, row.authors_due_at
    seen = (row.length_minutes, row.venue, row.papers_due_at)
    given = calendar.deadlines(old, row.starts_at, closed)
    if (row.authors_due_at, row.clearing_due_at, row.papers_due_at) == (
        given.authors_due_at,
        given.clearing_due_at,
        given.papers_due_at,
    ):
        due = calendar.deadlines(new, row.starts_at, closed)
        row.authors_due_at, row.clearing_due_at = due.authors_due_at, due.clearing_due_at
        row.papers_due_at = due.papers_due_at
    if row.length_minutes == old.length_minutes:
        row.length_minutes = new.length_minutes
    was_at = row.venue
    if row.kind == Meeting.Kind.ORDINARY and row.venue == place_before:
        row.venue = place_now
    is_shown = seen != (row.length_minutes, row.venue, row.papers_due_at)
    if not is_shown and new.pk == old.pk and was_due_at == row.authors_due_at:
        return ""
    row.version += 1
    row.sequence += is_shown
    row.full_clean()
    row.save()
    move_round(row, was_due_at)
    if row.venue != was_at:
        MeetingChange.objects.create(
            meeting=row,
            kind=MeetingChange.Kind.PLACE,
            before=was_at,
            after=row.venue,
            because=f"{new} say so.",
            by=by,
            at=dates.now(),
        )
    if not is_shown:
        return ""
    return (
        f"{dates.say_instant(row.starts_at)}: {row.length_minutes} minutes, {row.venue}. "
        f"Papers go out on {dates.say_near(row.papers_due_at)}."
    )


def _places(rows: list[Meeting], versions: Mapping[int, Terms]) -> dict[int, str]:
    """Where each meeting is by the rule of its terms and its turn under them."""
    turns: dict[int, int] = {}
    found = {}
    for row in rows:
        turn = turns.get(row.terms_id, 0)
        turns[row.terms_id] = turn + 1
        found[row.pk] = calendar.place(versions[row.terms_id], turn)
    return found
