"""Finding the minutes that the command line asks for, by the key of their meeting or as the last agreed."""

from governance.minutes.pages import Reading, reading_of_items
from governance.models import AgendaItem, Meeting, Minutes

LATEST, BOARD, OPEN = "latest", "board", "open"


class NoSuchMinutes(Exception):
    """There are no such minutes, and the text of the error is a plain sentence that says what there is."""


def find(name: str, audience: str = BOARD) -> Reading:
    """The minutes of a meeting, or the last that were agreed ("latest"), for the Board's members or, without restricted
    items, for everyone ("open"). Raises NoSuchMinutes."""
    if audience not in (BOARD, OPEN):
        raise NoSuchMinutes(f"Minutes are written for “{BOARD}” or “{OPEN}”, not for “{audience}”.")
    rows = Minutes.objects.select_related("meeting__chair", "agreed_at_meeting")
    if name == LATEST:
        row = rows.filter(state=Minutes.State.AGREED).order_by("-meeting__starts_at").first()
        if row is None:
            raise NoSuchMinutes("No minutes have been agreed yet. Give the key of a meeting, such as 2020-09-28.")
    else:
        meeting = Meeting.objects.filter(key=name).first()
        if meeting is None:
            raise NoSuchMinutes(f"There is no meeting “{name}”. {_written()}")
        row = rows.filter(meeting=meeting).first()
        if row is None:
            raise NoSuchMinutes(f"Nothing is minuted of the meeting of {meeting}. {_written()}")
    items = AgendaItem.objects.filter(meeting=row.meeting)
    if audience == OPEN:
        items = items.filter(restricted=False)
    return reading_of_items(row, set(items.values_list("pk", flat=True)), sees_restricted=audience == BOARD)


def _written() -> str:
    keys = list(Minutes.objects.order_by("meeting__starts_at").values_list("meeting__key", flat=True))
    return f"There are minutes of: {', '.join(keys)}." if keys else "There are no minutes yet."
