"""What is done to the themes of the High Cost Placement Panel: recorded, edited, given to a meeting."""

import datetime as dt

from django.db import transaction
from django.utils.text import slugify

from governance.models import Meeting, PanelTheme
from jcb import access, dates
from jcb.history import refuse
from jcb.identifying import refuse_identifying
from jcb.models import Person
from jcb.steps import check_seen, save

MAY_NOT = "You can read the panel’s themes; members of the Board, commissioners and the secretariat record them."


@transaction.atomic
def keep(
    *,
    by: Person,
    noticed_on: dt.date,
    title: str,
    text: str = "",
    meeting: Meeting | None = None,
    theme: PanelTheme | None = None,
    seen: int = 0,
) -> PanelTheme:
    """Record a theme, or change one. Never a case: words that could identify a child are refused."""
    access.require(access.may_keep_panel_themes(by), MAY_NOT)
    if not title.strip():
        refuse("Say in a few words what the theme is.", "title")
    for field, words in (("title", title), ("text", text)):
        refuse_identifying(words, field)
    if noticed_on > dates.today():
        refuse("Choose today or an earlier day.", "noticed_on")
    if meeting is not None and meeting.state == Meeting.State.CANCELLED:
        refuse("This meeting was cancelled. Choose another, or none.", "meeting")
    values = {"noticed_on": noticed_on, "title": title.strip(), "text": text.strip(), "meeting": meeting}
    if theme is not None:
        row = PanelTheme.objects.select_for_update().get(pk=theme.pk)
        check_seen(row, seen)
        return save(row, **values)
    row = PanelTheme(key=_key(noticed_on, title), by=by, **values)
    row.full_clean()
    row.save()
    return row


def _key(day: dt.date, title: str) -> str:
    start = f"{day:%Y-%m-%d}-{slugify(title)}"[:70].rstrip("-")
    taken = set(PanelTheme.objects.filter(key__startswith=start).values_list("key", flat=True))
    return next(key for key in (start, *(f"{start}-{n}" for n in range(2, len(taken) + 3))) if key not in taken)
