"""What the pages of interests show."""

from collections.abc import Iterable
from dataclasses import dataclass

from governance.interests.operations import days_late, due_on
from governance.models import AgendaItem, Interest, InterestsReturn, Meeting, Membership, RegisteredInterest
from jcb import access, dates
from jcb.models import Person


@dataclass(frozen=True, slots=True)
class Declared:
    """An interest declared for a meeting. Its item is named to those who may see the item."""

    number: int
    who: str
    item: str
    item_pk: int | None
    kind: str
    text: str
    managed: str
    withholds: bool


def declared(person: Person, meeting: Meeting) -> list[Declared]:
    """The interests declared for a meeting that a person may see."""
    rows = Interest.objects.visible_to(person).filter(meeting=meeting).select_related("person", "item")
    seen = set(AgendaItem.objects.visible_to(person).filter(meeting=meeting).values_list("pk", flat=True))
    return [_declared(row, seen) for row in rows]


def _declared(row: Interest, seen: set[int]) -> Declared:
    item = "The whole meeting" if row.item_id is None else "An item that you do not see"
    if row.item_id in seen:
        item = row.item.title
    return Declared(
        row.number,
        row.person.name,
        item,
        row.item_id,
        row.get_kind_display(),
        row.text,
        Interest.Managed(row.managed).label,
        row.withholds,
    )


@dataclass(frozen=True, slots=True)
class Entry:
    """A lasting interest in the register."""

    pk: int
    kind: str
    text: str
    held: str
    declared: str
    late: str
    may_end: bool
    invented: bool


@dataclass(frozen=True, slots=True)
class Holder:
    """A person with their entries and their last return."""

    name: str
    entries: tuple[Entry, ...]
    returned: str
    due: str
    is_due: bool


def register(person: Person) -> list[Holder]:
    """The register as a person may see it: whoever holds a seat or has an entry. Six queries at any size."""
    entries: dict[int, list[RegisteredInterest]] = {}
    for row in RegisteredInterest.objects.visible_to(person).select_related("person"):
        entries.setdefault(row.person_id, []).append(row)
    today = dates.today()
    seats = Membership.objects.filter(from_on__lte=today).exclude(until_on__lt=today)
    since: dict[int, object] = {}
    for pk, on in seats.values_list("person", "from_on"):
        since[pk] = min(on, since.get(pk, on))
    last = dict(InterestsReturn.objects.visible_to(person).order_by("on").values_list("person", "on"))
    known = {*entries, *since, *last} if access.sees_restricted_items(person) else {person.pk}
    people = Person.objects.filter(pk__in=known).order_by("name")
    return [_holder(each, entries.get(each.pk, []), last.get(each.pk), since.get(each.pk), person) for each in people]


def _holder(each: Person, entries: Iterable[RegisteredInterest], last, since, reader: Person) -> Holder:
    due = due_on(last, since)
    return Holder(
        name=each.name + (" (invented)" if each.is_demonstration else ""),
        entries=tuple(_entry(row, reader) for row in entries),
        returned=dates.say_day(last) if last else "",
        due=dates.say_day(due) if due else "",
        is_due=bool(since and due and due <= dates.today()),
    )


def _entry(row: RegisteredInterest, reader: Person) -> Entry:
    late = days_late(row)
    held = f"since {dates.say_day(row.held_from)}"
    return Entry(
        pk=row.pk,
        kind=row.get_kind_display(),
        text=row.text,
        held=f"{held} until {dates.say_day(row.held_until)}" if row.held_until else held,
        declared=dates.say_day(row.declared_on),
        late=f"{late} day{'' if late == 1 else 's'} after the 28 days" if late else "",
        may_end=row.held_until is None and access.may_declare_interest(reader, row.person),
        invented=row.invented,
    )


def is_due(person: Person) -> bool:
    """Whether a person who holds a seat owes their yearly return."""
    today = dates.today()
    seat = Membership.objects.filter(person=person, from_on__lte=today).exclude(until_on__lt=today)
    since = seat.order_by("from_on").values_list("from_on", flat=True).first()
    if since is None:
        return False
    returns = InterestsReturn.objects.filter(person=person).order_by("-on")
    return due_on(returns.values_list("on", flat=True).first(), since) <= today
