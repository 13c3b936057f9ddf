"""What is recorded of a meeting in the room: who is there, and who came or left in the middle of it."""

from django.db import transaction

from governance.models import AgendaItem, Attendance, Meeting, Membership, Movement
from governance.steps import save
from jcb import access
from jcb.history import refuse
from jcb.models import Person

MAY_NOT = "You can read who was there; the secretariat records it."
OVER = "This meeting was cancelled, so nobody was there."


def expected(meeting: Meeting) -> list[Membership]:
    """Who may come: the members and deputies of the seats of the meeting's terms, on its day, in the order of seats."""
    rows = Membership.objects.filter(seat__terms=meeting.terms_id, from_on__lte=meeting.on)
    rows = rows.exclude(until_on__lt=meeting.on).select_related("seat", "person")
    return list(rows.order_by("seat__order", "capacity", "person__name", "pk"))


@transaction.atomic
def record_attendance(*, by: Person, meeting: Meeting, membership: Membership, was: str, mode: str) -> Attendance:
    """Record where somebody is, who was shown as `was`. Effects: their line of the attendance list.

    Raises ValidationError where another minute-taker said something else meanwhile; nothing is written then.
    """
    meeting = _opened(meeting, by)
    if mode not in Attendance.Mode.values:
        refuse("Choose one of the places on the list.")
    row = Attendance.objects.filter(meeting=meeting, person=membership.person).first()
    now = row.mode if row else Attendance.Mode.EXPECTED
    if now not in (was, mode):
        refuse(
            f"{membership.person}: somebody set “{Attendance.Mode(now).label}” since you opened this page. Save again to change it."
        )
    if row is None:
        row = Attendance(
            meeting=meeting, person=membership.person, seat=membership.seat, capacity=membership.capacity, mode=mode
        )
        row.full_clean()
        row.save()
        return row
    return save(row, mode=mode) if now != mode else row


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
