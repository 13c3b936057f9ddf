"""What is done about interests: declared, managed, entered in the register, ended, and the yearly return."""

import datetime as dt

from django.db import transaction

from governance.models import AgendaItem, Interest, InterestsReturn, Meeting, RegisteredInterest
from governance.numbering import save_numbered
from jcb import access, dates
from jcb.history import refuse
from jcb.models import Person
from jcb.steps import check_seen, save

MAY_NOT_DECLARE = "You declare your own interests; the secretariat records those of others."
MAY_NOT_MANAGE = "You can read how an interest is managed; the secretariat records it."
MAY_NOT_REGISTER = "You keep your own entries in the register; the secretariat keeps those of others."
Managed = Interest.Managed
DAYS_TO_REGISTER = 28  # from a change until it has to be in the register
A_YEAR_IN_MONTHS = 12  # between two returns


@transaction.atomic
def declare(*, by: Person, meeting: Meeting, person: Person, kind: str, text: str, item: AgendaItem | None = None):
    """Declare an interest for a meeting or one of its items, one's own or, on the clerk's page, somebody else's."""
    access.require(access.may_declare_interest(by, person), MAY_NOT_DECLARE)
    meeting = Meeting.objects.select_for_update().get(pk=meeting.pk)
    if meeting.state == Meeting.State.CANCELLED:
        refuse("This meeting was cancelled. Declare the interest for the meeting that takes its items over.")
    if item is not None and item.meeting_id != meeting.pk:
        refuse("This item belongs to another meeting.", "item")
    if not text.strip():
        refuse("Say what the interest is, in a sentence.", "text")
    row = Interest(
        meeting=meeting, number=0, item=item, person=person, kind=kind, text=text.strip(), invented=meeting.invented
    )
    row.full_clean(exclude=["number"])
    return save_numbered(row, meeting=meeting)


@transaction.atomic
def manage(*, by: Person, interest: Interest, seen: int, managed: str, withholds: bool) -> Interest:
    """Record how a declared interest was managed, and whether the item is withheld from the person from now on."""
    access.require(access.may_prepare_meetings(by), MAY_NOT_MANAGE)
    row = Interest.objects.select_for_update().get(pk=interest.pk)
    check_seen(row, seen)
    if withholds and row.item_id is None:
        refuse("This interest is for the whole meeting. Declare one for the item that is to be withheld.", "withholds")
    if managed == Managed.WITHHELD and not withholds:
        refuse("To keep the paper from this person, tick that the item is withheld too.", "withholds")
    return save(row, managed=managed, withholds=withholds)


@transaction.atomic
def register(*, by: Person, person: Person, kind: str, text: str, held_from: dt.date) -> RegisteredInterest:
    """Enter a lasting interest in the register."""
    access.require(access.may_declare_interest(by, person), MAY_NOT_REGISTER)
    if not text.strip():
        refuse("Say what the interest is, in a sentence.", "text")
    if held_from > dates.today():
        refuse("Enter an interest once you hold it: choose today or an earlier day.", "held_from")
    row = RegisteredInterest(person=person, number=0, kind=kind, text=text.strip(), held_from=held_from)
    row.full_clean(exclude=["number"])
    return save_numbered(row, person=person)


@transaction.atomic
def end(*, by: Person, entry: RegisteredInterest, seen: int, held_until: dt.date) -> RegisteredInterest:
    """Record that somebody no longer holds an interest. The entry stays in the register."""
    access.require(access.may_declare_interest(by, entry.person), MAY_NOT_REGISTER)
    row = RegisteredInterest.objects.select_for_update().get(pk=entry.pk)
    check_seen(row, seen)
    if held_until > dates.today():
        refuse("Choose today or an earlier day.", "held_until")
    return save(row, held_until=held_until)


@transaction.atomic
def confirm(*, by: Person, person: Person) -> InterestsReturn:
    """Record a person's yearly word that their entries are complete."""
    access.require(access.may_declare_interest(by, person), MAY_NOT_REGISTER)
    nothing = not RegisteredInterest.objects.filter(person=person, held_until=None).exists()
    row = InterestsReturn(person=person, nothing_to_declare=nothing, by=by)
    row.full_clean()
    row.save()
    return row


def days_late(entry: RegisteredInterest) -> int:
    """How many days after the 28 an interest came into the register; 0 where it was in time."""
    return max(0, (entry.declared_on - entry.held_from).days - DAYS_TO_REGISTER)


def due_on(last: dt.date | None, seated_since: dt.date | None) -> dt.date | None:
    """By when the next yearly return of a person is due: a year after the last one; where there was none, at once for whoever
    holds a seat."""
    return dates.add_months(last, A_YEAR_IN_MONTHS) if last else seated_since
