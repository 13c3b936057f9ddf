"""What is kept of a meeting in the room: who was there for which item, and which interests were declared."""

from django.db import models
from django.db.models import F, Q

from governance.models.agenda import AgendaItem
from governance.models.meetings import Meeting
from governance.models.terms import Seat
from jcb import access, dates
from jcb.access import OpenToMembers
from jcb.history import AppendOnly, AuditedQuerySet, LogQuerySet, Record
from jcb.models import Person
from jcb.natural import NaturallyKeyed, keyed


class Attendance(NaturallyKeyed, Record):
    """A person at a meeting: for which seat, as what, and whether in the room, online, or not at all."""

    class As(models.TextChoices):
        MEMBER = "member", "Member"
        DEPUTY_DECIDES = "deputy decides", "Deputy who may decide"
        DEPUTY_SPEAKS = "deputy speaks", "Deputy who may only speak"
        IN_ATTENDANCE = "in attendance", "In attendance"

    class Mode(models.TextChoices):
        EXPECTED = "expected", "Not here yet"
        IN_ROOM = "in the room", "In the room"
        ONLINE = "online", "Online"
        APOLOGIES = "apologies", "Sent apologies"
        ABSENT = "absent", "Absent without apologies"

    PRESENT = (Mode.IN_ROOM, Mode.ONLINE)
    DECIDES = (As.MEMBER, As.DEPUTY_DECIDES)

    NATURAL_KEY = ("meeting__key", "person__email")
    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="attendances")
    person = models.ForeignKey(Person, models.PROTECT, related_name="attendances")
    seat = models.ForeignKey(Seat, models.PROTECT, null=True, blank=True, related_name="attendances")
    capacity = models.CharField("as", max_length=15, choices=As, default=As.MEMBER)
    mode = models.CharField("where", max_length=12, choices=Mode, default=Mode.EXPECTED)
    invented = models.BooleanField(default=False, editable=False)
    objects = keyed(OpenToMembers)

    class Meta:
        ordering = ["meeting", "seat__order", "person__name"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "person"],
                name="one_attendance_per_person",
                violation_error_message="This person is on the attendance list already. Change that line instead.",
            ),
            models.CheckConstraint(
                condition=(Q(seat=None) & Q(capacity="in attendance"))
                | (Q(seat__isnull=False) & ~Q(capacity="in attendance")),
                name="attends_for_a_seat_or_beside",
                violation_error_message="Choose the seat that this person attends for, or “In attendance” without one.",
            ),
        ]

    def __str__(self):
        return f"{self.person}, {self.meeting}: {self.get_mode_display().lower()}"

    @property
    def is_present(self) -> bool:
        return self.mode in self.PRESENT


class Movement(NaturallyKeyed, Record):
    """Somebody came or left in the middle of a meeting: they were there from this item on, or no longer."""

    class Kind(models.TextChoices):
        ARRIVED = "arrived", "Came for this item"
        LEFT = "left", "Left before this item"

    NATURAL_KEY = ("attendance__meeting__key", "attendance__person__email", "item__order")
    attendance = models.ForeignKey(Attendance, models.PROTECT, related_name="movements")
    item = models.ForeignKey(AgendaItem, models.PROTECT, related_name="movements")
    kind = models.CharField(max_length=8, choices=Kind)
    at = models.DateTimeField(default=dates.now)
    objects = keyed(OpenToMembers)

    class Meta:
        ordering = ["attendance", "item__taken_as_read", "item__order"]
        constraints = [models.UniqueConstraint(fields=["attendance", "item"], name="one_movement_per_item")]

    def __str__(self):
        return f"{self.attendance.person}: {self.get_kind_display().lower()} ({self.item})"


class InterestQuerySet(AuditedQuerySet):
    def visible_to(self, person) -> models.QuerySet:
        """Declared in the meeting, so open to whoever may see the item; and a person's own."""
        if not access.signed_in(person):
            return self.none()
        if access.is_secretariat(person):
            return self
        return self.filter(Q(person=person) | Q(item=None) | Q(item__in=AgendaItem.objects.visible_to(person)))


class Interest(NaturallyKeyed, Record):
    """An interest declared for a meeting or one of its items, and how it was managed."""

    class Kind(models.TextChoices):
        FINANCIAL = "financial", "Financial"
        PROFESSIONAL = "professional", "Professional, not financial"
        PERSONAL = "personal", "Personal"
        INDIRECT = "indirect", "Through somebody close"

    class Managed(models.TextChoices):
        NOT_YET = "", "Not decided yet"
        TOOK_PART = "took part", "Noted; took part"
        NO_DECISION = "no decision", "Spoke, and took no part in the decision"
        LEFT = "left", "Left for the item"
        WITHHELD = "withheld", "Left for the item, and did not get its paper"

    NATURAL_KEY = ("meeting__key", "number")
    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="interests")
    number = models.PositiveSmallIntegerField(editable=False)
    item = models.ForeignKey(
        AgendaItem,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="interests",
        help_text="Empty: for the whole meeting.",
    )
    person = models.ForeignKey(Person, models.PROTECT, related_name="interests_declared")
    kind = models.CharField(max_length=15, choices=Kind)
    text = models.TextField("what the interest is")
    managed = models.CharField("how it was managed", max_length=12, choices=Managed, blank=True)
    withholds = models.BooleanField(
        "withhold the item from this person",
        default=False,
        help_text="They see neither its front sheet nor its paper, in any pack, until this is taken off.",
    )
    declared_at = models.DateTimeField(default=dates.now)
    invented = models.BooleanField(default=False, editable=False)
    objects = keyed(InterestQuerySet)

    class Meta:
        ordering = ["meeting", "number"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "number"], name="one_interest_per_number"),
            models.CheckConstraint(
                condition=Q(withholds=False) | Q(item__isnull=False),
                name="withheld_is_an_item",
                violation_error_message="Choose the item that is withheld from this person.",
            ),
        ]

    def __str__(self):
        return f"{self.person}: {self.get_kind_display().lower()} interest"


class RegisteredInterestQuerySet(AuditedQuerySet):
    def visible_to(self, person) -> models.QuerySet:
        """The register is read by the Board's members and its secretariat; everyone reads their own entries."""
        if not access.signed_in(person):
            return self.none()
        return self if access.sees_restricted_items(person) else self.filter(person=person)


class RegisteredInterest(NaturallyKeyed, Record):
    """A lasting interest in the register, kept apart from what is declared in a meeting."""

    NATURAL_KEY = ("person__email", "number")
    person = models.ForeignKey(Person, models.PROTECT, related_name="registered_interests")
    number = models.PositiveSmallIntegerField(editable=False)
    kind = models.CharField(max_length=15, choices=Interest.Kind)
    text = models.TextField("what the interest is")
    held_from = models.DateField("held from")
    held_until = models.DateField("held until", null=True, blank=True)
    declared_on = models.DateField(default=dates.today)
    invented = models.BooleanField(default=False, editable=False)
    objects = keyed(RegisteredInterestQuerySet)

    class Meta:
        ordering = ["person__name", "number"]
        constraints = [
            models.UniqueConstraint(fields=["person", "number"], name="one_register_entry_per_number"),
            models.CheckConstraint(
                condition=Q(held_until=None) | Q(held_until__gte=F("held_from")),
                name="interest_ends_after_it_starts",
                violation_error_message="The last day cannot be before the first. Check both dates.",
            ),
        ]

    def __str__(self):
        return f"{self.person}: {self.text[:80]}"


class InterestsReturnQuerySet(LogQuerySet):
    def visible_to(self, person) -> models.QuerySet:
        if not access.signed_in(person):
            return self.none()
        return self if access.sees_restricted_items(person) else self.filter(person=person)


class InterestsReturn(NaturallyKeyed, AppendOnly):
    """A person's yearly word that their entries in the register are complete."""

    NATURAL_KEY = ("person__email", "on")
    person = models.ForeignKey(Person, models.PROTECT, related_name="interests_returns")
    on = models.DateField(default=dates.today)
    nothing_to_declare = models.BooleanField(default=False)
    by = models.ForeignKey(Person, models.PROTECT, related_name="interests_returns_recorded")
    at = models.DateTimeField(default=dates.now)
    objects = keyed(InterestsReturnQuerySet)

    class Meta:
        ordering = ["person__name", "-on"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "on"],
                name="one_interests_return_a_day",
                violation_error_message="This return is recorded for today already.",
            )
        ]

    def __str__(self):
        return f"{self.person}, {dates.say_day(self.on)}"
