"""What is done in a reporting round: it is opened, leads are nudged, highlights are written."""

from collections.abc import Sequence

from django.db import IntegrityError, transaction

from governance.models import Highlight, Meeting, Round
from governance.rounds.asking import Asked, due_in_words, everyone, named, several_plans, stream_named
from jcb import access, dates
from jcb.history import Conflict, refuse, save_seen
from jcb.models import Notice, Person
from jcb.notices import tell

MAY_NOT = "The secretariat opens a reporting round and sees who has answered. What is asked of you is in “My round”."
MAY_NOT_WRITE = (
    "You can read the highlights. They are written by the workstream’s leads, or by the secretariat for them."
)
OPENED, NUDGED = "round opened", "round nudge"
EDITABLE = ("status", "reason", "done", "next", "risks", "wanted")


@transaction.atomic
def open_round(*, meeting: Meeting, by: Person) -> tuple[Round, bool]:
    """Open the reporting round of a meeting until its authors' deadline. Opening it twice does nothing; the answer says
    whether it is new.

    Effects: one row; each lead is told once what they are asked for and by when.
    """
    access.require(access.may_prepare_meetings(by), MAY_NOT)
    meeting = Meeting.objects.select_for_update().get(pk=meeting.pk)
    if existing := Round.objects.filter(meeting=meeting).first():
        return existing, False
    if meeting.state != Meeting.State.PLANNED:
        refuse(f"This meeting is {meeting.get_state_display().lower()}, so no round can be opened for it.")
    now = dates.now()
    if meeting.authors_due_at <= now:
        refuse(
            f"Papers were due from authors on {dates.say_near(meeting.authors_due_at)}. Change that deadline first; the round closes at it."
        )
    asked_in = Round(meeting=meeting, opened_at=now, opened_by=by, closes_at=meeting.authors_due_at)
    asked_in.full_clean()
    asked_in.save()
    areas = several_plans()
    for part in everyone(asked_in, dates.today()).asked:
        tell(
            [part.person],
            rule=OPENED,
            object_key=meeting.key,
            subject=f"Your update for the meeting of {dates.say_weekday(meeting.starts_at)}",
            text=asking_text(asked_in, part, areas=areas, all_of_it=True),
        )
    return asked_in, True


@transaction.atomic
def nudge(*, asked_in: Round, by: Person, person: Person | None = None) -> list[Person]:
    """Remind one lead, or every lead, of what has no answer yet. Effects: a notice to each, once a day at most. Returns
    those who were told now."""
    access.require(access.may_prepare_meetings(by), MAY_NOT)
    if asked_in.meeting.state != Meeting.State.PLANNED:
        refuse("The pack of this meeting is published, or the meeting is over, so nobody is nudged for it.")
    areas, told = several_plans(), []
    for part in everyone(asked_in, dates.today()).asked:
        if part.is_done or (person is not None and part.person.pk != person.pk):
            continue
        told += tell(
            [part.person],
            rule=NUDGED,
            object_key=asked_in.meeting.key,
            subject=f"Still waiting for your update: meeting of {dates.say_weekday(asked_in.meeting.starts_at)}",
            text=asking_text(asked_in, part, areas=areas),
        )
    return [notice.person for notice in told]


def last_nudges(asked_in: Round) -> dict[int, Notice]:
    """The latest nudge of each person in a round, by the person's primary key."""
    rows = Notice.objects.filter(rule=NUDGED, object_key=asked_in.meeting.key).order_by("on", "pk")
    return {row.person_id: row for row in rows}


def asking_text(asked_in: Round, part: Asked, *, areas: bool, all_of_it: bool = False) -> str:
    """What a lead is asked for, as an e-mail: everything, or what has no answer yet."""
    rows = part.rows if all_of_it else part.waiting
    streams = part.streams if all_of_it else part.unwritten
    when = (
        f"{due_in_words(asked_in, dates.today())}, for the meeting of {dates.say_instant(asked_in.meeting.starts_at)}."
    )
    lines = ["What you write goes into the highlight report for the Board.", when]
    if rows:
        lines.append(
            "An update on each of these, in “My round”:\n" + "\n".join(f"- {n}" for n in named(rows, areas=areas))
        )
    if streams:
        names = "\n".join(f"- {stream_named(stream, areas=areas)}" for stream in streams)
        lines.append(f"The highlights of your workstreams, from your home page:\n{names}")
    return "\n\n".join(lines)


@transaction.atomic
def write_highlight(*, highlight: Highlight, by: Person, seen: int | None, changed: Sequence[str]) -> Highlight:
    """Write what is said of a workstream for a meeting: a new row (`seen` is None), or the changed fields of one that was
    opened at version `seen`.

    Effects: the row and its history, with the name of who wrote last. Raises jcb.history.Conflict where another lead
    was quicker; nothing is written then.
    """
    stream = highlight.workstream
    access.require(access.may_write_highlight(by, stream, dates.today()), MAY_NOT_WRITE)
    if highlight.meeting.is_over:
        refuse(
            f"This meeting is {highlight.meeting.get_state_display().lower()}. Write the highlights for the next one."
        )
    if unknown := set(changed) - set(EDITABLE):
        raise ValueError(f"Not edited here: {unknown}")
    if seen is None:
        return _write_first(highlight, by, list(changed))
    saved = save_seen(highlight, seen=seen, changed=list(changed))
    saved.by, saved.at = by, dates.now()
    saved.save()
    return saved


def _write_first(highlight: Highlight, by: Person, changed: list[str]) -> Highlight:
    highlight.by, highlight.at = by, dates.now()
    highlight.full_clean(validate_unique=False, validate_constraints=False)
    try:
        with transaction.atomic():
            highlight.save(force_insert=True)
    except IntegrityError as collision:
        theirs = Highlight.objects.filter(meeting=highlight.meeting, workstream=highlight.workstream).first()
        if theirs is None:
            raise
        differ = [name for name in changed if getattr(theirs, name) != getattr(highlight, name)]
        raise Conflict(theirs, differ) from collision
    return highlight
