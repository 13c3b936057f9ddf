"""How far the minutes of a meeting are written: which items want words, and which have none yet."""

from django.db.models import QuerySet

from governance.models import AgendaItem, Meeting


def to_minute(meeting: Meeting) -> QuerySet[AgendaItem]:
    """The items of which something is minuted: those that were taken, and not as read."""
    return AgendaItem.objects.filter(meeting=meeting, withdrawn_because="", taken_as_read=False).in_order()


def unminuted(meeting: Meeting) -> list[AgendaItem]:
    """The items of which nothing is written yet, neither words nor a decision nor an action, and of which nobody said that
    there is nothing to minute."""
    rows = to_minute(meeting).filter(decisions=None, actions=None).select_related("minute")
    return [item for item in rows if not is_written(item)]


def is_written(item: AgendaItem) -> bool:
    row = getattr(item, "minute", None)
    return row is not None and row.is_written
