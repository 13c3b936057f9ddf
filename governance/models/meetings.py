"""The Board's meetings, the days that stand in their way, and the addresses of personal calendars."""

import datetime as dt

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from governance.models.terms import Terms
from jcb import access, dates
from jcb.access import OpenLog, OpenToMembers, OwnRecords
from jcb.history import AppendOnly, Record
from jcb.models import Area, Person
from jcb.natural import NaturallyKeyed, keyed


class ClosedDay(NaturallyKeyed, Record):
    """A day on which nobody works, beside England's usual bank holidays: a one-off royal holiday, for example."""

    NATURAL_KEY = ("on",)
    on = models.DateField("date", unique=True)
    name = models.CharField(max_length=100)
    objects = keyed(OpenToMembers)

    class Meta:
        ordering = ["on"]

    def __str__(self):
        return f"{self.name}, {dates.say_day(self.on)}"


class Caution(NaturallyKeyed, Record):
    """A stretch of days that warns and never moves a meeting: school holidays, the weeks before an election."""

    class Kind(models.TextChoices):
        SCHOOL_HOLIDAY = "school holiday", "School holiday"
        PRE_ELECTION = "pre-election", "Pre-election period"

    NATURAL_KEY = ("kind", "name", "first_on", "area__key")
    kind = models.CharField(max_length=15, choices=Kind)
    name = models.CharField(max_length=100)
    area = models.ForeignKey(
        Area, models.PROTECT, null=True, blank=True, related_name="cautions", help_text="Empty: both boroughs."
    )
    first_on = models.DateField("first day")
    last_on = models.DateField("last day")
    objects = keyed(OpenToMembers)

    class Meta:
        ordering = ["first_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_on__gte=F("first_on")),
                name="caution_ends_after_it_starts",
                violation_error_message="The last day cannot be before the first. Check both dates.",
            ),
            # Two rules, since SQL holds that no area differs from no area.
            models.UniqueConstraint(fields=["kind", "name", "first_on", "area"], name="one_caution_of_a_name_and_day"),
            models.UniqueConstraint(
                fields=["kind", "name", "first_on"],
                condition=Q(area=None),
                name="one_caution_of_both_boroughs",
                violation_error_message="Both boroughs have this one already. Change that one instead.",
            ),
        ]

    def __str__(self):
        return f"{self.name}, {dates.say_day(self.first_on)} to {dates.say_day(self.last_on)}"


class MeetingQuerySet(OpenToMembers):
    def coming(self, now: dt.datetime):
        """Meetings that are still to be held, soonest first."""
        return self.filter(starts_at__gte=now).exclude(state=Meeting.State.CANCELLED).order_by("starts_at")

    def held(self, before: dt.datetime):
        """Meetings held before an instant, latest first."""
        return self.filter(state__in=[Meeting.State.HELD, Meeting.State.AGREED], starts_at__lt=before).order_by(
            "-starts_at"
        )


class Meeting(NaturallyKeyed, Record):
    """A meeting of the Board: when and where, under which terms, and by when its papers are due."""

    class State(models.TextChoices):
        PLANNED = "planned", "Planned"
        PUBLISHED = "published", "Pack published"
        HELD = "held", "Held"
        AGREED = "agreed", "Held, minutes agreed"
        CANCELLED = "cancelled", "Cancelled"

    class Kind(models.TextChoices):
        ORDINARY = "ordinary", "Ordinary"
        EXTRAORDINARY = "extraordinary", "Extraordinary"

    NEXT = {
        State.PLANNED: {State.PUBLISHED, State.HELD, State.CANCELLED},
        State.PUBLISHED: {State.HELD, State.CANCELLED},
        State.HELD: {State.AGREED},
        State.AGREED: set(),
        State.CANCELLED: set(),
    }

    NATURAL_KEY = ("key",)
    key = models.SlugField(
        unique=True, help_text="Its address: the date on which it was first planned, such as 2020-09-28."
    )
    terms = models.ForeignKey(Terms, models.PROTECT, related_name="meetings")
    kind = models.CharField(max_length=15, choices=Kind, default=Kind.ORDINARY)
    state = models.CharField(max_length=10, choices=State, default=State.PLANNED)
    starts_at = models.DateTimeField("starts")
    length_minutes = models.PositiveSmallIntegerField(validators=[MinValueValidator(15), MaxValueValidator(600)])
    venue = models.CharField(max_length=150)
    series_on = models.DateField(
        "date in the series", help_text="The date before it was moved; the series goes on from here."
    )
    moved_because = models.CharField("why it was moved", max_length=200, blank=True)
    authors_due_at = models.DateTimeField("papers due from authors")
    clearing_due_at = models.DateTimeField("cleared by the co-chairs")
    papers_due_at = models.DateTimeField("papers out to members")
    resumes_at = models.DateTimeField("adjourned until", null=True, blank=True)
    ended_at = models.DateTimeField("ended", null=True, blank=True, editable=False)
    quorate = models.BooleanField(null=True, blank=True, help_text="Empty until it was held.")
    chair = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="meetings_chaired")
    moved_to = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="took_over",
        help_text="The meeting that took over what a cancelled one had before it.",
    )
    note = models.TextField(blank=True)
    sequence = models.PositiveIntegerField(default=0, editable=False, help_text="How often its calendar entry changed.")
    invented = models.BooleanField(default=False, editable=False)
    objects = keyed(MeetingQuerySet)

    class Meta:
        ordering = ["starts_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(authors_due_at__lte=F("clearing_due_at"))
                & Q(clearing_due_at__lte=F("papers_due_at"))
                & Q(papers_due_at__lte=F("starts_at")),
                name="meeting_deadlines_in_order",
                violation_error_message="The deadlines are out of order: authors first, then clearing, then papers out, then the meeting.",
            ),
            models.CheckConstraint(
                condition=Q(moved_to=None) | Q(state="cancelled"),
                name="only_cancelled_meetings_pass_on",
                violation_error_message="Only a cancelled meeting passes its items on.",
            ),
            models.CheckConstraint(
                condition=Q(quorate=None) | Q(state__in=["held", "agreed"]),
                name="quorum_is_known_once_held",
                violation_error_message="Whether it was quorate is known once the meeting has been held.",
            ),
        ]

    def __str__(self):
        return f"{dates.say_day(self.starts_at)}"

    @property
    def on(self) -> dt.date:
        """The London day of the meeting."""
        return dates.london_day(self.starts_at)

    @property
    def ends_at(self) -> dt.datetime:
        return self.starts_at + dt.timedelta(minutes=self.length_minutes)

    @property
    def is_over(self) -> bool:
        return self.state in {self.State.HELD, self.State.AGREED, self.State.CANCELLED}

    def can_become(self, state: str) -> bool:
        return self.State(state) in self.NEXT[self.State(self.state)]


class MeetingChange(AppendOnly):
    """What was changed of a meeting and why: people were told, so it is kept as it was said."""

    class Kind(models.TextChoices):
        CALLED = "called", "Called"
        POSTPONED = "postponed", "Postponed"
        PLACE = "place", "Moved to another place"
        CANCELLED = "cancelled", "Cancelled"
        ADJOURNED = "adjourned", "Adjourned"
        INQUORATE = "inquorate", "Held without a quorum"
        HELD = "held", "Held"

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=10, choices=Kind)
    before = models.CharField(max_length=200, blank=True)
    after = models.CharField(max_length=200, blank=True)
    because = models.TextField(blank=True)
    by = models.ForeignKey(Person, models.PROTECT, related_name="meeting_changes")
    at = models.DateTimeField(default=dates.now)
    objects = OpenLog.as_manager()

    class Meta:
        ordering = ["meeting", "-at"]

    def __str__(self):
        return f"{self.meeting}: {self.get_kind_display().lower()}"


class CalendarFeed(Record):
    """A person's own calendar address. Only the hash of its secret is kept; it can be revoked."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="calendar_feeds")
    secret_sha256 = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(default=dates.now)
    revoked_at = models.DateTimeField(null=True, blank=True)
    objects = OwnRecords.as_manager()

    class Meta:
        ordering = ["-made_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(revoked_at=None), name="one_calendar_address_in_use"
            ),
        ]

    def __str__(self):
        return f"Calendar of {self.person}"

    @property
    def works(self) -> bool:
        return self.revoked_at is None and access.signed_in(self.person)
