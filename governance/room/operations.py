"""What is recorded of a meeting in the room: who is there, and who came or left in the middle of it."""

from dataclasses import dataclass

from django.db import transaction

from governance.models import AgendaItem, Attendance, Meeting, Membership, Movement, Seat
from jcb import access
from jcb.history import refuse
from jcb.models import Person
from jcb.steps import save

MAY_NOT = "You can read who was there; the secretariat records it."
OVER = "This meeting was cancelled, so nobody was there."


@dataclass(frozen=True, slots=True)
class Place:
    """Somebody who may be at a meeting, and for which seat. `key` names them in a form."""

    key: str
    person: Person
    seat: Seat | None
    capacity: str

    @property
    def words(self) -> str:
        """ "Chair of the council: Member A, deputy who may decide"."""
        name = f"{self.seat.position}: {self.person.name}" if self.seat else self.person.name
        if self.capacity != Attendance.As.MEMBER:
            name += f", {Attendance.As(self.capacity).label.lower()}"
        return name


def expected(meeting: Meeting) -> list[Place]:
    """Who may come: the members and deputies of the seats of the meeting's terms, on its day, in the order of seats; then
    whoever else was put on its attendance list."""
    rows = Membership.objects.filter(seat__terms=meeting.terms_id, from_on__lte=meeting.on)
    rows = rows.exclude(until_on__lt=meeting.on).select_related("seat", "person")
    rows = rows.order_by("seat__order", "capacity", "person__name", "pk")
    places = [Place(str(each.pk), each.person, each.seat, each.capacity) for each in rows]
    known = [place.person.pk for place in places]
    others = Attendance.objects.filter(meeting=meeting).exclude(person__in=known).select_related("person", "seat")
    return places + [Place(f"p{row.person_id}", row.person, row.seat, row.capacity) for row in others]


@transaction.atomic
def record_attendance(*, by: Person, meeting: Meeting, place: Place, was: str, mode: str) -> Attendance:
    """Record where somebody is, who was shown as `was`. Effects: their line of the attendance list.

    Raises ValidationError where another minute-taker said something else meanwhile; nothing is written then.
    """
    meeting = _opened(meeting, by)
    if mode not in Attendance.Mode.values:
        refuse("Choose one of the places on the list.")
    row = Attendance.objects.filter(meeting=meeting, person=place.person).first()
    now = row.mode if row else Attendance.Mode.EXPECTED
    if now not in (was, mode):
        refuse(
            f"{place.person}: somebody set “{Attendance.Mode(now).label}” since you opened this page. Save again to change it."
        )
    if row is None:
        row = Attendance(meeting=meeting, person=place.person, seat=place.seat, capacity=place.capacity, mode=mode)
        row.full_clean()
        row.save()
        return row
    return save(row, mode=mode) if now != mode else row


@transaction.atomic
def add(*, by: Person, meeting: Meeting, person: Person, capacity: str, mode: str, seat: Seat | None = None):
    """Put somebody on the attendance list who is neither a member nor a deputy by name: a deputy for a seat, or a guest."""
    meeting = _opened(meeting, by)
    if capacity == Attendance.As.MEMBER:
        refuse("Members are on the list already. Name a new one under Terms of reference.", "capacity")
    if seat is not None and seat.terms_id != meeting.terms_id:
        refuse("This seat belongs to other terms of reference.", "seat")
    if capacity == Attendance.As.IN_ATTENDANCE and seat is not None:
        refuse(
            "Whoever is in attendance sits for no seat. Leave the seat empty, or choose what kind of deputy they are.",
            "seat",
        )
    if capacity != Attendance.As.IN_ATTENDANCE and seat is None:
        refuse("Choose the seat that the deputy sits for.", "seat")
    if any(place.person == person for place in expected(meeting)):
        refuse(f"{person} is on the list already. Change that line instead.", "person")
    row = Attendance(meeting=meeting, person=person, seat=seat, capacity=capacity, mode=mode)
    row.full_clean()
    row.save()
    return row


@transaction.atomic
def record_movement(*, by: Person, attendance: Attendance, item: AgendaItem, kind: str) -> Movement:
    """Record that somebody who is there came for an item or left before it. Said again, it is corrected."""
    meeting = _opened(attendance.meeting, by)
    if item.meeting_id != meeting.pk:
        refuse("This item belongs to another meeting.")
    if not attendance.is_present:
        refuse(f"{attendance.person} is not in the room or online. Record that first.")
    row = Movement.objects.filter(attendance=attendance, item=item).first()
    if row is not None:
        return save(row, kind=kind)
    row = Movement(attendance=attendance, item=item, kind=kind)
    row.full_clean()
    row.save()
    return row


def _opened(meeting: Meeting, by: Person) -> Meeting:
    access.require(access.may_prepare_meetings(by), MAY_NOT)
    row = Meeting.objects.select_for_update().get(pk=meeting.pk)
    if row.state == Meeting.State.CANCELLED:
        refuse(OVER)
    return row
