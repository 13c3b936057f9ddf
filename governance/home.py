"""The home page: what needs the reader, what is late, what changed, where each workstream stands."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import F, Q
from django.urls import reverse

from governance.disputes.pages import waiting_for
from governance.interests.pages import is_due as interests_due
from governance.models import Action, Decision, Meeting, Minutes, Stance
from governance.redress.reminders import waiting as replies_waiting
from governance.rounds.asking import OPEN_STATES, MyPart, due_in_words, everyone, is_past, part_in_words
from governance.rounds.pages import headline
from jcb import access, dates
from jcb.asked import AskedDay
from jcb.models import BoardSettings, Person
from needs.replies.pages import waiting as unread_replies
from workstreams import pages
from workstreams.models import FINISHED, Deliverable, Plan, Status
from workstreams.standing import SLUG, Standing, Tally, since_last_meeting, standings, with_status, worst_first

MOST_CHANGES = 6


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that waits for the reader. `number` of them, what to do, why, by when; `url` is where it is done."""

    number: int
    what: str
    why: str
    url: str
    clock: str = ""
    late: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """A deliverable that stands otherwise than at the last meeting."""

    url: str
    name: str
    before_mark: str
    before: str
    after_mark: str
    after: str
    unexplained: bool


def home_page(person: Person, today: dt.date) -> dict:
    """Everything the home page shows. The number of queries does not grow with the record."""
    settings = BoardSettings.current()
    since = since_last_meeting(today, settings)
    live = Deliverable.objects.visible_to(person).filter(workstream__plan__state=Plan.State.LIVE)
    in_order = live.order_by("-workstream__plan__edition_month", "workstream__number", "number")
    rows = standings(in_order.prefetch_related("workstream__leads__person"), day=today, since=since)
    then = _statuses(in_order, rows, dates.london_day(since) - dt.timedelta(days=1))
    mine = [
        row for row in rows if access.may_log_progress(person, row.deliverable, today) and _answers(person, row, today)
    ]
    in_round, part, round_needs = _round(person, rows, today)
    answers_count_from = part.opened_at if part else since
    return {
        "title": _title(person, mine, part),
        "part": part,
        "since": dates.say_day(since),
        "answers_since": dates.say_day(answers_count_from),
        "needs": _needs(person, rows, mine, today, since, round_needs, in_round=in_round),
        "mine": [(pages.line(row), _round_state(row, answers_count_from)) for row in mine],
        "plans": _plans(rows, today),
        "changes": _changes(rows, then),
        "updates": sum(bool(row.latest and row.latest.at >= since) for row in rows),
        "asked": AskedDay(today, today),
        "reads_only": person.role in access.WRITES_NOTHING,
    }


def _round_state(row: Standing, since: dt.datetime) -> str:
    """ "answered" since the last meeting, "finished", or "" where an update is still to come."""
    if row.latest and row.latest.at >= since:
        return "answered"
    return "finished" if row.status in FINISHED else ""


def _title(person: Person, mine: list[Standing], part: MyPart | None) -> str:
    if not (mine and person.role == access.COMMISSIONER):
        return "Where things stand"
    return f"Your round for {part.meeting}" if part else "Your round"


def _round(person: Person, rows: list[Standing], today: dt.date) -> tuple[bool, MyPart | None, list[Need]]:
    """Whether the round of the next meeting counts what a person is asked for, their part of it, and what waits there."""
    if person.role in access.WRITES_NOTHING:
        return False, None, []
    coming = Meeting.objects.visible_to(person).filter(state__in=OPEN_STATES, starts_at__gte=dates.start_of_day(today))
    meetings = list(coming.select_related("round").order_by("starts_at"))
    asked_in = next((meeting.round for meeting in meetings if hasattr(meeting, "round")), None)
    if asked_in is None:
        return False, None, _round_to_open(person, meetings)
    whole = everyone(asked_in, today, rows)
    clock, late = due_in_words(asked_in, today), is_past(asked_in, today)
    needs = []
    if access.may_prepare_meetings(person):
        waiting = sum(not part.is_done for part in whole.asked)
        if waiting:
            url = reverse("governance:round", args=[asked_in.meeting.key])
            needs.append(Need(waiting, "Leads who have not finished the round", headline(whole), url, clock, late))
    mine = whole.of(person)
    if mine is None:
        return access.may_prepare_meetings(person), None, needs
    part = part_in_words(asked_in, mine, today)
    if part.waiting:
        words = f"For the meeting of {part.meeting}: {_listed(part.waiting)}"
        needs.append(Need(len(part.waiting), "Updates to write", words, reverse("workstreams:round"), clock, late))
    if part.to_write:
        named = _listed([name for name, _ in part.to_write])
        needs.append(Need(len(part.to_write), "Highlights to write", named, part.to_write[0][1], clock, late))
    return True, part, needs


def _round_to_open(person: Person, meetings: list[Meeting]) -> list[Need]:
    """For the secretariat: the next meeting has no round yet, and its authors' deadline is still to come."""
    if not access.may_prepare_meetings(person):
        return []
    now = dates.now()
    due_from = dates.start_of_day(dates.london_day(now))
    planned = (each for each in meetings if each.state == Meeting.State.PLANNED and each.starts_at >= now)
    meeting = next((each for each in planned if each.authors_due_at >= due_from), None)
    if meeting is None:
        return []
    return [
        Need(
            1,
            "Open the reporting round",
            f"For the meeting of {dates.say_weekday(meeting.starts_at)}",
            reverse("governance:round", args=[meeting.key]),
            f"Closes {dates.say_near(meeting.authors_due_at)}",
        )
    ]


def _answers(person: Person, row: Standing, today: dt.date) -> bool:
    """Whether the deliverable is on the person's own round: what they lead, or what nobody else does in a workstream
    they lead."""
    deliverable = row.deliverable
    if person.pk in (deliverable.lead_id, deliverable.deputy_id):
        return True
    return deliverable.lead_id is None and access.leads_workstream(person, deliverable.workstream, today)


def _plans(rows: list[Standing], today: dt.date) -> list[dict]:
    """Each live plan with its tally and the strip of each workstream."""
    groups: dict[Plan, list[Standing]] = {}
    for row in rows:
        groups.setdefault(row.deliverable.workstream.plan, []).append(row)
    return [
        {
            "plan": plan,
            "tally": Tally.of(group),
            "marks": [row.mark for row in pages.sorted_by_attention(group)],
            "streams": pages.strip_rows(group),
            "past": plan.is_past_period(today),
        }
        for plan, group in groups.items()
    ]


def _statuses(deliverables, rows: list[Standing], day: dt.date) -> dict[int, Status]:
    """The status of each deliverable at the end of an earlier day, by its primary key; `rows` is how they stand now."""
    if not rows:
        return {}
    plans = {row.deliverable.workstream.plan for row in rows}
    then = with_status(deliverables, day, plans).annotate(then=F("status")).values_list("pk", "then")
    return {pk: Status(status) for pk, status in then}


def _changes(rows: list[Standing], before: dict[int, Status]) -> list[Change]:
    """What stands otherwise than before the last meeting, worst first."""
    changed = [row for row in rows if before.get(row.deliverable.pk, row.status) is not row.status]
    return [
        Change(
            url=pages.address(row.deliverable),
            name=f"{row.deliverable.reference} {row.deliverable.short_title}",
            before_mark=SLUG[before[row.deliverable.pk]],
            before=before[row.deliverable.pk].label,
            after_mark=row.mark,
            after=row.word,
            unexplained=row.unexplained,
        )
        for row in worst_first(changed)[:MOST_CHANGES]
    ]


def _needs(
    person: Person,
    rows: list[Standing],
    mine: list[Standing],
    today: dt.date,
    since: dt.datetime,
    round_needs: list[Need],
    *,
    in_round: bool,
) -> list[Need]:
    """What waits for this person, most pressing first; nothing for those who only read. `in_round` where a round counts
    the updates that are asked for."""
    listed = reverse("workstreams:deliverables")
    sees_all = access.is_secretariat(person)
    if person.role in access.WRITES_NOTHING:
        return []
    asked = rows if sees_all else mine
    needs = []
    unexplained = [row for row in asked if row.unexplained]
    if unexplained:
        needs.append(
            Need(
                len(unexplained),
                "Off track without an explanation",
                _named(unexplained),
                f"{listed}?status=off+track" if sees_all else reverse("workstreams:round"),
                "Prints as exactly that",
                late=True,
            )
        )
    needs += round_needs
    needs += [
        Need(
            1, f"Dispute {each.key}", each.words, reverse("governance:dispute", args=[each.key]), each.clock, each.late
        )
        for each in waiting_for(person)
    ]
    needs += _of_meetings(person, today)
    needs += _of_minutes(person, today)
    needs += _of_redress(person, today)
    needs += _of_families(person)
    if person.role == access.BOARD_MEMBER and interests_due(person):
        why = "The entries in the register are confirmed once a year."
        needs.append(Need(1, "Confirm your interests", why, reverse("governance:confirm_interests")))
    waiting = [row for row in rows if _may_confirm(person, row, today)]
    if waiting:
        where = pages.address(waiting[0].deliverable) if len(waiting) == 1 else f"{listed}?status=complete"
        needs.append(Need(len(waiting), "Proposed as complete", f"Confirm or answer: {_named(waiting)}", where))
    silent = [row for row in asked if row.status not in FINISHED and not (row.latest and row.latest.at >= since)]
    if in_round:
        silent = []
    if silent and sees_all:
        words = f"No update since {dates.say_day(since)}: {_named(silent)}"
        needs.append(Need(len(silent), "Updates to ask for", words, f"{listed}?silent={dates.london_day(since)}"))
    elif silent:
        words = f"No update since {dates.say_day(since)}: {_named(silent)}"
        needs.append(Need(len(silent), "Updates to write", words, reverse("workstreams:round")))
    ownerless = (
        [row for row in rows if row.deliverable.lead_id is None and row.status not in FINISHED] if sees_all else []
    )
    if ownerless:
        needs.append(Need(len(ownerless), "Deliverables without an owner", _named(ownerless), f"{listed}?owner=none"))
    if person.role == access.BOARD_MEMBER:
        red = [row for row in rows if row.status is Status.OFF_TRACK]
        if red:
            needs.append(Need(len(red), "Off track: the Board’s attention", _named(red), f"{listed}?status=off+track"))
    return needs


def _of_meetings(person: Person, today: dt.date) -> list[Need]:
    """What meetings left to do: the reader's own open actions, and for the secretariat what waits for an answer, for a
    meeting to ratify it, or for the Board to close it."""
    asked = Q(owner=person, state=Action.State.OPEN)
    if access.may_prepare_meetings(person):
        asked |= Q(state=Action.State.PROPOSED)
    actions = list(Action.objects.visible_to(person).filter(asked).order_by("due_on", "series", "number"))
    mine = [row for row in actions if row.state == Action.State.OPEN]
    listed = reverse("governance:actions")
    needs = []
    if mine:
        late = mine[0].due_on < today
        clock = f"{'Was due' if late else 'Due'} {dates.say_day(mine[0].due_on)}"
        named = _listed([f"{row.ref} {row.text[:60]}" for row in mine])
        needs.append(Need(len(mine), "Actions of yours", named, f"{listed}?whose=me", clock, late))
    if not access.may_prepare_meetings(person):
        return needs
    if proposed := [row for row in actions if row.state == Action.State.PROPOSED]:
        named = _listed([row.ref for row in proposed])
        needs.append(Need(len(proposed), "Actions proposed done", named, f"{listed}?state=proposed+done"))
    decisions = Decision.objects.visible_to(person)
    where = reverse("governance:decisions")
    if provisional := list(decisions.filter(ratification=Decision.Ratification.WAITING)):
        named = _listed([row.ref for row in provisional])
        needs.append(Need(len(provisional), "Decisions for a meeting to ratify", named, f"{where}?state=waiting"))
    reserved = Stance.objects.visible_to(person).filter(kind=Stance.Kind.RESERVES, answer="")
    if waiting := list(reserved.select_related("decision", "partner").order_by("answer_due_on")):
        late = waiting[0].answer_due_on < today
        named = _listed([f"{row.decision.ref}, {row.partner.short_name}" for row in waiting])
        clock = f"Expected {dates.say_day(waiting[0].answer_due_on)}"
        needs.append(Need(len(waiting), "Answers of parent bodies", named, f"{where}?state=reserved", clock, late))
    return needs


def _of_redress(person: Person, today: dt.date) -> list[Need]:
    """Written replies to families that the secretariat has to see to."""
    if not access.may_keep_redress(person):
        return []
    rows = list(replies_waiting())
    if not rows:
        return []
    due, named = rows[0].reply_due_on, _listed([row.reference for row in rows])
    clock = f"{'Was due' if due < today else 'Due'} {dates.say_day(due)}"
    return [Need(len(rows), "Written replies to families", named, reverse("governance:redress"), clock, due < today)]


def _of_families(person: Person) -> list[Need]:
    """Replies to families that the secretariat has to read before they are public."""
    found = unread_replies() if access.may_moderate(person) else []
    if not found:
        return []
    named = _listed([f"statement {number}" for number in found])
    return [Need(len(found), "Replies to read before they are public", named.capitalize(), reverse("governance:said"))]


def _of_minutes(person: Person, today: dt.date) -> list[Need]:
    """Minutes that wait for the reader: to be finished, checked, sent round or commented on."""
    State = Minutes.State
    rows = Minutes.objects.visible_to(person).filter(state__in=[State.DRAFT, State.CHECKED, State.CIRCULATED])
    rows = rows.exclude(meeting__state=Meeting.State.PLANNED).select_related("meeting__chair")
    prepares, needs = access.may_prepare_meetings(person), []
    waiting = list(rows.order_by("meeting__starts_at"))
    within = BoardSettings.current().minutes_days if prepares and waiting else 0
    for row in waiting:
        what = ""
        due = row.meeting.on + dt.timedelta(days=within) if prepares else None
        if row.state == State.DRAFT and access.may_check_minutes(person, row.meeting):
            what = "Check the minutes"
        elif row.state == State.DRAFT and prepares:
            what = "Minutes in draft"
        elif row.state == State.CHECKED and prepares:
            what = "Send the minutes round"
        elif row.state == State.CIRCULATED and access.may_comment_on_minutes(person) and row.comments_until >= today:
            what, due = "Minutes out for comment", row.comments_until
        if what:
            clock = f"By {dates.say_day(due)}" if due else ""
            url = reverse("governance:minutes", args=[row.meeting.key])
            needs.append(Need(1, what, f"Meeting of {row.meeting}", url, clock, bool(due and due < today)))
    return needs


def _may_confirm(person: Person, row: Standing, today: dt.date) -> bool:
    return bool(
        row.latest
        and row.latest.awaits_confirmation
        and access.may_confirm_complete(person, row.deliverable, row.latest.said_by, today)
    )


def _named(rows: list[Standing], most: int = 3) -> str:
    """The first few by name, and how many more."""
    return _listed([f"{row.deliverable.reference} {row.deliverable.short_title}" for row in rows], most)


def _listed(names: Sequence[str], most: int = 3) -> str:
    more = len(names) - most
    return "; ".join(names[:most]) + (f"; and {more} more" if more > 0 else "")
