"""What the pages of a reporting round show, made from the records before a template sees it."""

import datetime as dt
from dataclasses import dataclass

from governance.models import Meeting, Round
from governance.rounds.asking import Everyone, due_in_words, everyone, is_past, named, several_plans, stream_named
from governance.rounds.operations import last_nudges
from jcb import dates
from jcb.models import Person


@dataclass(frozen=True, slots=True)
class Line:
    """One lead in the round. `waiting` names what has no answer; `nudged_today` where they cannot be nudged again."""

    person: Person
    streams: str
    total: int
    answered: int
    late: int
    waiting: tuple[str, ...]
    highlights: int
    written: int
    unwritten: tuple[str, ...]
    nudged: str
    nudged_today: bool
    is_done: bool


def round_page(meeting: Meeting, now: dt.datetime) -> dict:
    """The round of a meeting, lead by lead; what opening one would do, where there is none."""
    today = dates.london_day(now)
    asked_in = Round.objects.filter(meeting=meeting).select_related("meeting", "opened_by").first()
    page = {"meeting": meeting, "title": dates.say_weekday(meeting.starts_at), "round": asked_in}
    if asked_in is None:
        may_open = meeting.state == Meeting.State.PLANNED and meeting.authors_due_at > now
        return page | {
            "may_open": may_open,
            "closes": dates.say_instant(meeting.authors_due_at),
            "is_too_late": meeting.authors_due_at <= now,
        }
    areas = several_plans()
    whole = everyone(asked_in, today)
    lines = _lines(asked_in, whole, today, areas=areas)
    return page | {
        "lines": lines,
        "headline": headline(whole),
        "due": due_in_words(asked_in, today),
        "is_late": is_past(asked_in, today),
        "opened": f"{dates.say_near(asked_in.opened_at)}, by {asked_in.opened_by}",
        "nobody": named(whole.nobody, areas=areas),
        "may_nudge": meeting.state == Meeting.State.PLANNED,
        "can_nudge": [line for line in lines if not (line.is_done or line.nudged_today)],
    }


def headline(whole: Everyone) -> str:
    """ "3 of 9 leads have answered everything. 12 of 35 deliverables have no update yet."."""
    done, many = sum(part.is_done for part in whole.asked), len(whole.asked)
    left = whole.total - whole.answered
    if not many:
        return "Nobody can be asked: no deliverable has an owner or a lead who may log on it."
    if done == many and not left:
        return "Everyone has answered."
    parts = [f"{done} of {many} lead{'' if many == 1 else 's'} {'has' if done == 1 else 'have'} answered everything."]
    if left:
        parts.append(f"{left} of {whole.total} deliverables {'has' if left == 1 else 'have'} no update yet.")
    return " ".join(parts)


def _lines(asked_in: Round, whole: Everyone, today: dt.date, *, areas: bool) -> list[Line]:
    nudges = last_nudges(asked_in)
    found = []
    for part in whole.asked:
        last = nudges.get(part.person.pk)
        streams = dict.fromkeys([*part.streams, *(row.deliverable.workstream for row in part.rows)])
        found.append(
            Line(
                person=part.person,
                streams="; ".join(stream_named(stream, areas=areas) for stream in streams),
                total=len(part.rows),
                answered=len(part.answered) + len(part.late),
                late=len(part.late),
                waiting=tuple(named(part.waiting, areas=areas)),
                highlights=len(part.streams),
                written=len(part.written),
                unwritten=tuple(stream_named(stream, areas=areas) for stream in part.unwritten),
                nudged=dates.say_weekday(last.on) if last else "",
                nudged_today=bool(last and last.on == today),
                is_done=part.is_done,
            )
        )
    return sorted(found, key=lambda line: (line.is_done, line.person.name))
