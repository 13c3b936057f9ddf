"""What is done to an agenda: made, added to, edited, ordered, frozen.

Each works on the meeting under a lock, so that two people who prepare at once take turns. Nothing is done to the agenda
of a meeting that was held or cancelled.
"""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Max

from governance.agendas import due
from governance.models import (
    AgendaItem,
    ForwardItem,
    Invitation,
    ItemDeliverable,
    Meeting,
    Pack,
    StandingItem,
)
from jcb import access
from jcb.history import refuse, save_seen
from jcb.models import Person
from workstreams.models import Deliverable

MAY_NOT = "You can read the agenda; the secretariat prepares it."
OVER = "This meeting is {state}, so its agenda stays as it is."
FROZEN = "The numbers are frozen, so the order stays. The chair can take an item earlier or later at the meeting."
CHANGED = "The agenda changed since you opened it. Look at the order now, and move the item again."
KEPT = (
    "This item has a front sheet or papers, which are kept. Say that it is withdrawn, and why, instead of removing it."
)
PUBLISHED = "This item was published, so it cannot be removed. Say that it is withdrawn, and why."
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
Purpose, Kind = AgendaItem.Purpose, ForwardItem.Kind
PURPOSES = {Kind.REVIEW: Purpose.DECIDE, Kind.REPORT: Purpose.DECIDE, Kind.REFRESH: Purpose.DECIDE}
CARRIED = ("purpose", "minutes", "presenter")  # what a standing item has from the last time it was taken
EDITABLE = ("title", "purpose", "presenter", "minutes", "note", "workstream", "theme", "restricted", "taken_as_read")


def _locked(meeting: Meeting, by: Person) -> Meeting:
    access.require(access.may_prepare_meetings(by), MAY_NOT)
    current = Meeting.objects.select_for_update().get(pk=meeting.pk)
    if current.is_over:
        refuse(OVER.format(state=current.get_state_display().lower()))
    return current


def _items(meeting: Meeting) -> list[AgendaItem]:
    return list(AgendaItem.objects.filter(meeting=meeting).in_order().select_related("standing"))


def _save(item: AgendaItem, **values) -> AgendaItem:
    for name, value in values.items():
        setattr(item, name, value)
    if item.pk:
        item.version += 1
    item.full_clean()
    item.save()
    return item


def is_frozen(items: Sequence[AgendaItem]) -> bool:
    """Whether numbers have been given for good."""
    return any(item.number for item in items)


# Making ---------------------------------------------------------------------------------------------------------------


@transaction.atomic
def make_agenda(*, meeting: Meeting, by: Person) -> list[AgendaItem]:
    """Put everything on the agenda that belongs there and is missing: the standing items that are due, and what the
    forward plan has for the meeting. Returns the new items. Effects: a row for each; others move down to make room."""
    meeting = _locked(meeting, by)
    expected, planned = due.missing(meeting, _items(meeting))
    made = []
    for forward in planned:
        made.append(_add_forward(meeting, forward))
    answered = {item.standing_id for item in made}
    for each in sorted(expected, key=lambda each: each.standing.order):
        if each.is_due and each.standing.pk not in answered:
            made.append(_add_standing(meeting, each.standing))
    return made


@transaction.atomic
def add_standing(*, meeting: Meeting, by: Person, standing: StandingItem) -> AgendaItem:
    """Put one standing item of the meeting's terms on its agenda, at its usual place. Pressed twice: once."""
    meeting = _locked(meeting, by)
    if standing.terms_id != meeting.terms_id:
        refuse("This standing item belongs to other terms of reference than those of the meeting.")
    for item in _items(meeting):
        if item.standing_id == standing.pk and not item.is_withdrawn:
            return item
    return _add_standing(meeting, standing)


@transaction.atomic
def add_planned(*, meeting: Meeting, by: Person, forward: ForwardItem) -> AgendaItem:
    """Put an item that the forward plan has for the meeting on its agenda. Pressed twice: once."""
    meeting = _locked(meeting, by)
    if forward.meeting_id != meeting.pk:
        refuse("The forward plan has this item at another meeting. Move it to this one first.")
    for item in _items(meeting):
        if item.forward_id == forward.pk:
            return item
    return _add_forward(meeting, forward)


def _add_standing(meeting: Meeting, standing: StandingItem) -> AgendaItem:
    last_time = (
        AgendaItem.objects.filter(standing__title=standing.title, meeting__starts_at__lt=meeting.starts_at)
        .filter(withdrawn_because="")
        .order_by("-meeting__starts_at", "-pk")
        .first()
    )
    if last_time:
        carried = {name: getattr(last_time, name) for name in CARRIED}
        if carried["presenter"] and not access.may_be_invited(carried["presenter"]):
            carried["presenter"] = None
    elif standing.for_information:
        carried = {"purpose": Purpose.NOTE, "minutes": 0}
    else:
        carried = {}
    item = AgendaItem(
        meeting=meeting,
        title=standing.title,
        standing=standing,
        taken_as_read=standing.for_information,
        restricted=bool(last_time and last_time.restricted),
        **carried,
    )
    if due.is_about(standing, due.PANEL):
        due.take_themes(meeting)
    return _insert(meeting, item)


def _add_forward(meeting: Meeting, forward: ForwardItem) -> AgendaItem:
    standing = next(
        (each for each in StandingItem.objects.filter(terms=meeting.terms_id) if due.answers(forward, each)), None
    )
    item = AgendaItem(
        meeting=meeting,
        title=forward.title,
        purpose=PURPOSES.get(forward.kind, Purpose.DISCUSS),
        minutes=forward.minutes,
        presenter=forward.presenter if forward.presenter and access.may_be_invited(forward.presenter) else None,
        note=forward.note,
        forward=forward,
        workstream=forward.workstream,
        theme=forward.theme,
        standing=standing,
        invented=forward.invented,
    )
    return _insert(meeting, item)


@transaction.atomic
def add_item(
    *, meeting: Meeting, by: Person, item: AgendaItem, after: AgendaItem | None = None, supplement: bool = False
) -> AgendaItem:
    """Put an item of its own on the agenda: after another one, or at the end of the business.

    Effects: a row; others move down to make room. Once numbers are frozen it is a late item: it takes the number of the
    one it follows with the next letter (7A), or the next number in the next supplement. Its label is then for good.
    """
    meeting = _locked(meeting, by)
    item.meeting = meeting
    _check_presenter(item)
    return _insert(meeting, item, after=after, supplement=supplement)


def _insert(
    meeting: Meeting, item: AgendaItem, after: AgendaItem | None = None, *, supplement: bool = False
) -> AgendaItem:
    """Save a new item at its place, and give it its label where numbers are frozen."""
    items = _items(meeting)
    if after is not None:
        after = next((each for each in items if each.pk == after.pk), None)
        if after is None:
            refuse("The item it was to follow has gone. Choose another place.", "where")
    if is_frozen(items):
        if supplement:
            item.number = max(each.number or 0 for each in items) + 1
            item.in_supplement = next_supplement(meeting)
            place = sum(not each.taken_as_read for each in items)
        else:
            after = after or _late_follows(meeting, items, item)
            item.number, item.suffix = _late_label(items, after)
            place = 1 + max(index for index, each in enumerate(items) if each.number == item.number)
    elif after is not None:
        place = items.index(after) + 1
    else:
        place = _usual_place(meeting, items, item)
    item.order = place + 1
    item.full_clean()
    items.insert(place, item)
    _renumber(items, but=item)
    item.save()
    return item


def _usual_place(meeting: Meeting, items: Sequence[AgendaItem], item: AgendaItem) -> int:
    """Standing items stand in the order of the terms, and any other comes before the one that closes the meeting."""
    block = [each for each in items if each.taken_as_read == item.taken_as_read]
    end = items.index(block[-1]) + 1 if block else len(items) * item.taken_as_read
    closing = _closing(meeting)
    if item.taken_as_read or (item.standing and item.standing == closing):
        return end
    if item.standing:
        earlier = [each for each in block if each.standing and each.standing.order < item.standing.order]
        later = [each for each in block if each.standing and each.standing.order > item.standing.order]
        if earlier:
            return items.index(earlier[-1]) + 1
        return items.index(later[0]) if later else end
    return end - 1 if block and closing and block[-1].standing_id == closing.pk else end


def _closing(meeting: Meeting) -> StandingItem | None:
    """The standing item that closes a meeting, any other business: the last of its terms that is not taken as read."""
    return StandingItem.objects.filter(terms=meeting.terms_id, for_information=False).order_by("order").last()


def _late_follows(meeting: Meeting, items: Sequence[AgendaItem], item: AgendaItem) -> AgendaItem:
    """The numbered item that a late one follows unless another is chosen: the last before the meeting closes."""
    numbered = [each for each in items if each.number and not each.in_supplement]
    block = [each for each in numbered if each.taken_as_read == item.taken_as_read] or numbered
    closing = _closing(meeting)
    closes = closing is not None and block[-1].standing_id == closing.pk
    return block[-2] if closes and len(block) > 1 else block[-1]


def _late_label(items: Sequence[AgendaItem], after: AgendaItem) -> tuple[int, str]:
    number = after.number
    if number is None:
        refuse("Choose a numbered item for it to follow.", "where")
    used = {each.suffix for each in items if each.number == number}
    letters = (first + second for first in ("", *LETTERS) for second in LETTERS)
    return number, next(suffix for suffix in letters if suffix not in used)


def next_supplement(meeting: Meeting) -> int:
    """The number of the supplement that late items go into: the one after the last that was published."""
    published = Pack.objects.filter(meeting=meeting, kind=Pack.Kind.SUPPLEMENT)
    return (published.aggregate(last=Max("number"))["last"] or 0) + 1


def _renumber(items: Sequence[AgendaItem], but: AgendaItem | None = None) -> None:
    """Let the items stand in this order: 1, 2, 3 …; only those that move are written."""
    for order, item in enumerate(items, start=1):
        if item.order != order and item is not but:
            _save(item, order=order)


# Changing -------------------------------------------------------------------------------------------------------------


@transaction.atomic
def edit_item(*, item: AgendaItem, by: Person, seen: int, changed: Sequence[str]) -> AgendaItem:
    """Save the changed fields of an item that was opened at version `seen`. Raises jcb.history.Conflict, or
    ValidationError with a sentence; nothing is written then. Effects: the row and its history."""
    meeting = _locked(item.meeting, by)
    if unknown := set(changed) - set(EDITABLE):
        raise ValueError(f"Not edited here: {unknown}")
    if "taken_as_read" in changed and is_frozen(_items(meeting)):
        refuse(FROZEN, "taken_as_read")
    _check_presenter(item)
    return save_seen(item, seen=seen, changed=list(changed))


def _check_presenter(item: AgendaItem) -> None:
    """Who presents an item sees it, restricted or not."""
    if item.presenter and not access.may_be_invited(item.presenter):
        refuse("This person cannot be given an item. Choose somebody else to present it.", "presenter")


@transaction.atomic
def move_item(*, item: AgendaItem, by: Person, beside: AgendaItem, after: bool) -> list[AgendaItem]:
    """Let an item stand right before or right after another. Asked for twice, it is done once, so that two people who
    press the same button at the same time do not move it by two. Returns the items that moved.

    Effects: the order of the rows in between. Raises ValidationError where the numbers are frozen, or the other item
    has gone.
    """
    meeting = _locked(item.meeting, by)
    items = _items(meeting)
    if is_frozen(items):
        refuse(FROZEN)
    here, there = (next((each for each in items if each.pk == row.pk), None) for row in (item, beside))
    if here is None or there is None or here is there or here.taken_as_read != there.taken_as_read:
        refuse(CHANGED)
    before = {each.pk: each.order for each in items}
    already = items.index(here) > items.index(there) if after else items.index(here) < items.index(there)
    if not already:
        items.remove(here)
        items.insert(items.index(there) + after, here)
    _renumber(items)
    return [each for each in items if before[each.pk] != each.order]


@transaction.atomic
def remove_item(*, item: AgendaItem, by: Person) -> None:
    """Take an item off the agenda before publication.

    Effects: the row, its invitations and its links to deliverables are deleted (their history stays); the forward
    plan's item stays where it is. An item that was published, or has a front sheet or papers, is withdrawn instead.
    """
    meeting = _locked(item.meeting, by)
    item = AgendaItem.objects.filter(meeting=meeting).get(pk=item.pk)
    if item.number or item.in_packs.exists():
        refuse(PUBLISHED)
    if hasattr(item, "front_sheet") or item.papers.exists():
        refuse(KEPT)
    for row in (*item.invitations.all(), *item.deliverable_links.all()):
        row.delete()
    item.delete()
    _renumber(_items(meeting))


@transaction.atomic
def withdraw_item(*, item: AgendaItem, by: Person, because: str) -> AgendaItem:
    """Say that an item is withdrawn, and why. Effects: it keeps its number and takes no time."""
    meeting = _locked(item.meeting, by)
    item = AgendaItem.objects.filter(meeting=meeting).get(pk=item.pk)
    if not because.strip():
        refuse("Say in a few words why it is withdrawn.", "because")
    return _save(item, withdrawn_because=because.strip())


@transaction.atomic
def reinstate_item(*, item: AgendaItem, by: Person) -> AgendaItem:
    """Take back that an item was withdrawn. Effects: it stands again, with the number it had."""
    meeting = _locked(item.meeting, by)
    return _save(AgendaItem.objects.filter(meeting=meeting).get(pk=item.pk), withdrawn_because="")


# Who and what belongs to an item --------------------------------------------------------------------------------------


@transaction.atomic
def invite(*, item: AgendaItem, by: Person, person: Person) -> Invitation:
    """Invite a person to one item: they see it, restricted or not, and no other through it. Asked twice, done once."""
    _locked(item.meeting, by)
    if not access.may_be_invited(person):
        refuse("This person cannot be invited. Choose somebody who may sign in and is no administrator.", "person")
    return Invitation.objects.get_or_create(item=item, person=person)[0]


@transaction.atomic
def take_back_invitation(*, item: AgendaItem, by: Person, person: Person) -> None:
    """Take an invitation back. Effects: the row is deleted; its history stays."""
    _locked(item.meeting, by)
    for row in Invitation.objects.filter(item=item, person=person):
        row.delete()


@transaction.atomic
def link_deliverable(*, item: AgendaItem, by: Person, deliverable: Deliverable) -> ItemDeliverable:
    """Say that an item is about a deliverable. Asked twice, done once."""
    _locked(item.meeting, by)
    return ItemDeliverable.objects.get_or_create(item=item, deliverable=deliverable)[0]


@transaction.atomic
def unlink_deliverable(*, item: AgendaItem, by: Person, deliverable: Deliverable) -> None:
    """Take a deliverable off an item. Effects: the row is deleted; its history stays."""
    _locked(item.meeting, by)
    for row in ItemDeliverable.objects.filter(item=item, deliverable=deliverable):
        row.delete()


# Freezing -------------------------------------------------------------------------------------------------------------


@transaction.atomic
def freeze_numbers(meeting: Meeting) -> list[AgendaItem]:
    """Number the items for good, in their order: a step of publishing, which has asked who may. Returns all numbered.

    Effects: 1 to n for items without a number, where none has one yet; otherwise a late label after the numbered item
    they follow. Numbers that were given never change. What was withdrawn before it had a number gets none.
    """
    meeting = Meeting.objects.select_for_update().get(pk=meeting.pk)
    items = _items(meeting)
    standing = [item for item in items if not item.is_withdrawn]
    if not is_frozen(items):
        for number, item in enumerate(standing, start=1):
            _save(item, number=number)
        return standing
    for item in standing:
        if item.number is None:
            before = [each for each in items[: items.index(item)] if each.number]
            number, suffix = _late_label(items, before[-1] if before else next(each for each in items if each.number))
            _save(item, number=number, suffix=suffix)
    return [item for item in items if item.number]
