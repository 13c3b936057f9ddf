"""What is done to the forward plan: proposed, planned, changed, and the deep dives spread over the year."""

import datetime as dt
import secrets
from collections.abc import Sequence

from django.db import transaction
from django.utils.text import slugify

from governance.forward.plan import dive_of, has_place, is_taken, left_in, year_of
from governance.models import ForwardItem, Meeting
from jcb import access, dates
from jcb.history import refuse, save_seen
from jcb.models import Person
from workstreams.models import Plan, Theme

MAY_NOT = "You can read the forward plan; the secretariat keeps it."
MAY_NOT_PROPOSE = "You can read the forward plan. Ideas come from members, commissioners and the parent-carer forum."
CLOSED = "This meeting was held or cancelled. Choose one that is still to come."
DEEP_DIVE_MINUTES = 25
Kind = ForwardItem.Kind
EDITABLE = ("kind", "title", "theme", "workstream", "meeting", "month", "minutes", "presenter", "note", "done")


@transaction.atomic
def propose(*, by: Person, title: str, note: str = "") -> ForwardItem:
    """Propose an item. Effects: a parked idea with the person's name; the secretariat finds its place."""
    access.require(access.may_propose_items(by), MAY_NOT_PROPOSE)
    return _make(ForwardItem(kind=Kind.IDEA, title=title, note=note, proposed_by=by))


@transaction.atomic
def plan_item(*, by: Person, item: ForwardItem) -> ForwardItem:
    """Put a new item on the forward plan, where it says. Effects: one row."""
    access.require(access.may_prepare_meetings(by), MAY_NOT)
    _check(item, moved=True)
    return _make(item)


@transaction.atomic
def edit_planned(*, by: Person, item: ForwardItem, seen: int, changed: Sequence[str]) -> ForwardItem:
    """Save the changed fields of an item that was opened at version `seen`; moving it is changing its meeting or month.

    Effects: the row and its history. Raises jcb.history.Conflict, or ValidationError; nothing is written then.
    """
    access.require(access.may_prepare_meetings(by), MAY_NOT)
    if unknown := set(changed) - set(EDITABLE):
        raise ValueError(f"Not edited here: {unknown}")
    _check(item, moved="meeting" in changed)
    return save_seen(item, seen=seen, changed=list(changed))


@transaction.atomic
def spread_deep_dives(*, by: Person) -> list[ForwardItem]:
    """Give every deep dive without a place one of the meetings left in its plan's year, evenly spread; what has a place
    keeps it. Returns the items placed: fewer than are wanted where there are not meetings enough.

    Effects: a row for each, or the one that was parked is moved.
    """
    access.require(access.may_prepare_meetings(by), MAY_NOT)
    today = dates.today()
    placed: list[ForwardItem] = []
    for plan in Plan.objects.select_for_update().filter(state=Plan.State.LIVE).order_by("edition_month", "pk"):
        placed += _spread(plan, today)
    return placed


def _spread(plan: Plan, today: dt.date) -> list[ForwardItem]:
    year = year_of(plan, today)
    rows = list(ForwardItem.objects.select_related("meeting").filter(kind=Kind.DEEP_DIVE).order_by("pk"))
    taken = {row.meeting_id for row in rows if not row.done}
    free = [each for each in left_in(year, Meeting.objects.coming(dates.now())) if each.pk not in taken]
    free = [each for each in free if each.state == Meeting.State.PLANNED]
    wanted = []
    for theme in plan.themes.all():
        row = dive_of(theme, rows, year, today)
        if row is None or not (has_place(row, today) or is_taken(row, today)):
            wanted.append((theme, row))
    return [
        _place(theme, row, meeting) for (theme, row), meeting in zip(wanted, evenly(free, len(wanted)), strict=False)
    ]


def evenly(places: Sequence, number: int) -> list:
    """So many of the places, in their order, as evenly spread as they can be; all of them where there are fewer."""
    if number >= len(places):
        return list(places)
    return [places[(2 * each + 1) * len(places) // (2 * number)] for each in range(number)]


def _place(theme: Theme, row: ForwardItem | None, meeting: Meeting) -> ForwardItem:
    if row is None:
        return _make(
            ForwardItem(
                kind=Kind.DEEP_DIVE,
                title=f"Deep dive: {theme.short_name}",
                theme=theme,
                meeting=meeting,
                minutes=DEEP_DIVE_MINUTES,
            )
        )
    row.meeting, row.month = meeting, None
    row.version += 1
    row.full_clean()
    row.save()
    return row


def _make(item: ForwardItem) -> ForwardItem:
    # The title makes its address readable; the rest makes it its own, whoever else writes the same at the same time.
    item.key = f"{slugify(item.title)[:60].strip('-') or 'item'}-{secrets.token_hex(4)}"
    item.full_clean()
    item.save()
    return item


def _check(item: ForwardItem, *, moved: bool) -> None:
    if moved and item.meeting and item.meeting.is_over:
        refuse(CLOSED, "place")
    if item.presenter and not access.may_be_invited(item.presenter):
        refuse("This person cannot be given an item. Choose somebody else to present it.", "presenter")
