"""What is told by itself, once a day: a round that closes soon, and a red row without words before it is printed.

Safe to run twice, to be ended in the middle and run again, or to be left out for a day: each thing is told to each
person once, and is told late rather than never.
"""

import datetime as dt
from collections.abc import Iterable

from governance.meetings.calendar import working_days_before
from governance.meetings.operations import closed_days
from governance.models import Meeting, Round
from governance.rounds.asking import Asked, everyone, how_they_stand, named, several_plans, who_answers
from governance.rounds.operations import asking_text
from jcb import background, dates
from jcb.models import Notice, Person
from jcb.notices import send_notices, tell
from workstreams.standing import Standing

BEFORE_CLOSE = (3, 1)  # working days
BEFORE_PAPERS = 1
RED = "red row without words"
MOST_ROWS = 8  # named in one notice; its key has room for so many


def remind() -> list[Notice]:
    """Tell whoever is to be told today. Returns the new notices.

    Effects: notices, and their e-mails in the background, with any that an earlier run left unsent.
    """
    told = [*_rounds(), *_red_rows()]
    if Notice.objects.unsent().exists():
        background.after_commit(send_notices)
    return told


# A round closes soon --------------------------------------------------------------------------------------------------


def _rounds() -> Iterable[Notice]:
    now, today, closed = dates.now(), dates.today(), closed_days()
    rows = Round.objects.filter(meeting__state=Meeting.State.PLANNED, opened_at__lte=now, closes_at__gt=now)
    areas = several_plans()
    for asked_in in rows.select_related("meeting").order_by("closes_at"):
        days = _due(asked_in, today, closed)
        if days is None:
            continue
        for part in everyone(asked_in, today).asked:
            if not part.is_done:
                yield from _remind(asked_in, part, days, areas=areas)


def _due(asked_in: Round, today: dt.date, closed) -> int | None:
    """Which reminder of a round is due: the latest whose day has come. Who was asked on that day needs none."""
    closes, opened = dates.london_day(asked_in.closes_at), dates.london_day(asked_in.opened_at)
    for days in sorted(BEFORE_CLOSE):
        day = working_days_before(closes, days, closed)
        if day <= today:
            return days if opened < day else None
    return None


def _remind(asked_in: Round, part: Asked, days: int, *, areas: bool) -> list[Notice]:
    """Once for each reminder of each deadline: a round whose deadline moved has its reminders anew."""
    rule = f"round closes in {days} working day{'' if days == 1 else 's'}"
    key = f"{asked_in.meeting.key} until {asked_in.closes_at.isoformat(timespec='minutes')}"
    if Notice.objects.filter(rule=rule, object_key=key, person=part.person).exists():
        return []
    return tell(
        [part.person],
        rule=rule,
        object_key=key,
        subject=f"Your update is due {dates.say_near(asked_in.closes_at)}",
        text=asking_text(asked_in, part, areas=areas),
    )


# A red row has no words -----------------------------------------------------------------------------------------------


def _red_rows() -> Iterable[Notice]:
    now, today, closed = dates.now(), dates.today(), closed_days()
    meetings = Meeting.objects.filter(state=Meeting.State.PLANNED, papers_due_at__gt=now).order_by("papers_due_at")
    for meeting in meetings:
        if working_days_before(dates.london_day(meeting.papers_due_at), BEFORE_PAPERS, closed) > today:
            continue
        by_person: dict[Person, list[Standing]] = {}
        for row in unexplained(today):
            for person in who_answers(row.deliverable, today):
                by_person.setdefault(person, []).append(row)
        for person, rows in by_person.items():
            yield from _tell_of_red(meeting, person, rows)


def unexplained(day: dt.date) -> list[Standing]:
    """Deliverables of live plans that are off track without words since the last meeting."""
    return [row for row in how_they_stand(day) if row.unexplained]


def _tell_of_red(meeting: Meeting, person: Person, rows: list[Standing]) -> Iterable[Notice]:
    """Tell somebody of the rows of which they were not told yet for this meeting."""
    earlier = Notice.objects.filter(rule=RED, person=person, object_key__startswith=f"{meeting.key}:")
    told = {pk for key in earlier.values_list("object_key", flat=True) for pk in key.partition(":")[2].split(",")}
    new = [row for row in rows if str(row.deliverable.pk) not in told]
    areas = several_plans() if new else False
    for start in range(0, len(new), MOST_ROWS):
        some = new[start : start + MOST_ROWS]
        listed = "\n".join(f"- {name}" for name in named(some, areas=areas))
        yield from tell(
            [person],
            rule=RED,
            object_key=f"{meeting.key}:{','.join(str(row.deliverable.pk) for row in some)}",
            subject="Off track without an explanation: say why before the papers go out",
            text=(
                f"These are off track, and nothing was said of them since the last meeting:\n{listed}\n\n"
                f"Papers for the meeting of {dates.say_weekday(meeting.starts_at)} go out on "
                f"{dates.say_near(meeting.papers_due_at)}. Without words, they are printed as “No explanation since the "
                "last meeting”. A few words in “My round” are enough."
            ),
        )
