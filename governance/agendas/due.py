"""What belongs on the agenda of a meeting: the standing items that are due under its terms, and what was planned for it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q

from governance.budgets.statement import reviews_due
from governance.models import AgendaItem, Dispute, ForwardItem, Meeting, PanelTheme, StandingItem

ORDINALS = {1: "st", 2: "nd", 3: "rd"}
DEEP_DIVE = "deep dive"
# Standing items that other records fill, by words of their titles.
PANEL, DISPUTES, DASHBOARD, BUDGETS = "placement panel", "disputes open", "performance dashboard", "pooled budgets"
Frequency = StandingItem.Frequency


@dataclass(frozen=True, slots=True)
class Expected:
    """A standing item that is not on an agenda yet: whether it is due there, and when it comes back, in words."""

    standing: StandingItem
    is_due: bool
    when: str


def place_in_series(meeting: Meeting) -> int:
    """Which meeting it is under its terms, the first being 1. Extraordinary and cancelled ones are not counted."""
    counted = Meeting.objects.filter(terms=meeting.terms_id, kind=Meeting.Kind.ORDINARY)
    return counted.exclude(state=Meeting.State.CANCELLED).filter(starts_at__lte=meeting.starts_at).count()


def say_when(standing: StandingItem) -> str:
    """ "Every meeting", "Every 2nd meeting", "When due"."""
    if standing.frequency != Frequency.NTH:
        return standing.get_frequency_display()
    nth = standing.every_nth
    ending = "th" if nth % 100 in (11, 12, 13) else ORDINALS.get(nth % 10, "th")
    return f"Every {nth}{ending} meeting"


def answers(forward: ForwardItem, standing: StandingItem) -> bool:
    """Whether an item of the forward plan is what a standing item waits for: a deep dive, or one of the same name."""
    if forward.kind == ForwardItem.Kind.DEEP_DIVE:
        return DEEP_DIVE in standing.title.casefold()
    return forward.title.casefold() == standing.title.casefold()


def is_due(standing: StandingItem, meeting: Meeting, place: int, planned: Iterable[ForwardItem]) -> bool:
    """Whether a standing item belongs on the agenda of the meeting at this place of the series."""
    if standing.frequency == Frequency.EVERY:
        return True
    if standing.frequency == Frequency.NTH:
        return meeting.kind == Meeting.Kind.ORDINARY and place % standing.every_nth == 0
    return any(answers(forward, standing) for forward in planned) or bool(waiting(standing, meeting))


def waiting(standing: StandingItem, meeting: Meeting) -> int:
    """How many records wait for a meeting that a standing item is there for: the panel's themes, open disputes, or
    agreements on budgets that are to be reviewed."""
    if is_about(standing, PANEL):
        its = Q(meeting=meeting)
        if not meeting.is_over:
            its |= Q(meeting=None, noticed_on__lte=meeting.on)
        return PanelTheme.objects.filter(its).count()
    if is_about(standing, BUDGETS):
        return reviews_due(meeting.on)
    return disputes_open(meeting) if is_about(standing, DISPUTES) else 0


def is_about(standing: StandingItem | None, words: str) -> bool:
    return standing is not None and words in standing.title.casefold()


def disputes_open(meeting: Meeting) -> int:
    """How many disputes are open on the day of a meeting. That they are open is no secret; what they are about may be."""
    raised = Dispute.objects.filter(raised_on__lte=meeting.on)
    return raised.filter(Q(ended_on=None) | Q(ended_on__gt=meeting.on)).count()


def take_themes(meeting: Meeting) -> int:
    """Give a meeting the panel's themes that wait for one; returns how many."""
    rows = list(PanelTheme.objects.select_for_update().filter(meeting=None))
    for row in rows:
        row.meeting = meeting
        row.version += 1
        row.save()
    return len(rows)


def planned_for(meeting: Meeting) -> list[ForwardItem]:
    """What the forward plan has for a meeting, and nobody took or gave up."""
    rows = ForwardItem.objects.filter(meeting=meeting, done=False)
    return list(rows.select_related("theme", "workstream", "presenter").order_by("pk"))


def missing(meeting: Meeting, items: Sequence[AgendaItem]) -> tuple[list[Expected], list[ForwardItem]]:
    """Standing items that are not among the items of a meeting, those that are due first, and planned ones likewise."""
    standing_on = {item.standing_id for item in items if not item.is_withdrawn}
    forward_on = {item.forward_id for item in items}
    planned = planned_for(meeting)
    place = place_in_series(meeting)
    expected = [
        Expected(standing, is_due(standing, meeting, place, planned), say_when(standing))
        for standing in StandingItem.objects.filter(terms=meeting.terms_id).order_by("order")
        if standing.pk not in standing_on
    ]
    return sorted(expected, key=lambda each: not each.is_due), [each for each in planned if each.pk not in forward_on]
