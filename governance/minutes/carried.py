"""What one meeting brings to the next: its minutes, and every action that the Board has not closed."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from governance.minutes.pages import Reading, reading_of_items, state_in_words
from governance.models import Action, AgendaItem, Meeting, Minutes
from governance.models.minutes import OUT
from jcb import dates
from jcb.models import Person


@dataclass(frozen=True, slots=True)
class CarriedAction:
    """An open action in words, with where it came from."""

    ref: str
    series: str
    number: int
    text: str
    owner: str
    due: str
    state: str
    is_late: bool
    came_from: str


@dataclass(frozen=True, slots=True)
class Carried:
    """The minutes of the last meeting, where they are out, a sentence on how far they are, and the open actions."""

    words: str
    reading: Reading | None
    actions: tuple[CarriedAction, ...]


def open_actions(meeting: Meeting) -> QuerySet[Action]:
    """The actions of earlier meetings that are open when a meeting begins, cancelled meetings between or not."""
    earlier = Action.objects.filter(meeting__starts_at__lt=meeting.starts_at)
    return earlier.filter(Q(closed_on=None) | Q(closed_on__gte=meeting.on)).order_by("series", "number")


def for_agenda(meeting: Meeting, person: Person) -> tuple[CarriedAction, ...]:
    """The open actions that a person may see, for the page of an agenda. Two queries."""
    rows = open_actions(meeting).filter(pk__in=Action.objects.visible_to(person).values("pk"))
    seen = set(AgendaItem.objects.visible_to(person).filter(actions__in=rows).values_list("pk", flat=True))
    return tuple(_action(row, meeting, seen) for row in rows.select_related("owner", "meeting", "item"))


def for_pack(meeting: Meeting, at: dt.datetime) -> Carried:
    """What a pack that is published at an instant prints, the same for every audience: nothing of a restricted item, nor of one that is withheld from
    anybody. Who may read more finds it on the page of the minutes and in the register of actions."""
    open_to_all = AgendaItem.objects.filter(restricted=False).exclude(interests__withholds=True)
    last = Meeting.objects.held(meeting.starts_at).exclude(pk=meeting.pk).first()
    row = Minutes.objects.select_related("meeting__chair", "agreed_at_meeting").filter(meeting=last).first()
    seen = set(open_to_all.values_list("pk", flat=True))
    actions = open_actions(meeting).filter(Q(item=None) | Q(item__in=open_to_all)).exclude(decision__restricted=True)
    actions = actions.exclude(decision__recommendation__front_sheet__item__restricted=True)
    said = tuple(_action(each, meeting, seen) for each in actions.select_related("owner", "meeting", "item"))
    if last is None:
        return Carried("No meeting was held before this one.", None, said)
    if row is None or row.state not in OUT or row.circulated_at > at:
        return Carried(f"The minutes of the meeting of {last} are not out yet.", None, said)
    if row.agreed_on and row.agreed_on > dates.london_day(at):  # a pack of the past says what stood then
        row.state = Minutes.State.CIRCULATED
    return Carried(state_in_words(row), reading_of_items(row, seen), said)


def _action(row: Action, meeting: Meeting, seen: set[int]) -> CarriedAction:
    came_from = f"Meeting of {dates.say_day(row.meeting.starts_at)}"
    if row.item_id in seen:
        came_from += f", {row.item.title}"
    return CarriedAction(
        ref=row.ref,
        series=row.series,
        number=row.number,
        text=row.text,
        owner=row.owner.name,
        due=dates.say_day(row.due_on),
        state=_state(row, meeting),
        is_late=row.due_on < min(meeting.on, dates.today()),
        came_from=came_from,
    )


def _state(row: Action, meeting: Meeting) -> str:
    """How it stood when the meeting began, and where it was closed there, that."""
    if row.state != Action.State.CLOSED:
        return row.get_state_display()
    return "Closed at this meeting" if row.closed_on == meeting.on and meeting.is_over else Action.State.OPEN.label
