"""The minutes of a meeting, from the first draft until they are agreed, and the summary for families made from them."""

from django.db import models
from django.db.models import Q

from governance.models.agenda import AgendaItem
from governance.models.meetings import Meeting
from jcb import access, dates
from jcb.history import AppendOnly, AuditedQuerySet, LogQuerySet, Record
from jcb.models import Person
from jcb.natural import NaturallyKeyed, keyed

OUT = ("circulated", "agreed", "not agreed")  # states of minutes that others than the clerk and the chair read


class MinutesQuerySet(AuditedQuerySet):
    def visible_to(self, person) -> models.QuerySet:
        """Circulated minutes are for everyone signed in, item by item; a draft is for the secretariat and its chair."""
        if not access.signed_in(person):
            return self.none()
        if access.is_secretariat(person):
            return self
        chaired = Q(meeting__chair=person)
        if person.role == access.BOARD_MEMBER:
            chaired |= Q(meeting__chair=None) | Q(meeting__chair__is_active=False)
        return self.filter(Q(state__in=OUT) | chaired)


class Minutes(NaturallyKeyed, Record):
    """The minutes of one meeting, and how far they are."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        CHECKED = "checked", "Checked by the chair"
        CIRCULATED = "circulated", "Out for comment"
        AGREED = "agreed", "Agreed"
        NOT_AGREED = "not agreed", "Not agreed; both positions recorded"

    class How(models.TextChoices):
        MEETING = "meeting", "At a meeting"
        CORRESPONDENCE = "correspondence", "By correspondence"

    NEXT = {
        State.DRAFT: {State.CHECKED},
        State.CHECKED: {State.DRAFT, State.CIRCULATED},
        State.CIRCULATED: {State.AGREED, State.NOT_AGREED},
        State.AGREED: set(),
        State.NOT_AGREED: {State.AGREED},
    }

    NATURAL_KEY = ("meeting__key",)
    meeting = models.OneToOneField(Meeting, models.PROTECT, related_name="minutes")
    state = models.CharField(max_length=12, choices=State, default=State.DRAFT)
    checked_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="minutes_checked")
    checked_at = models.DateTimeField(null=True, blank=True)
    circulated_at = models.DateTimeField(null=True, blank=True)
    comments_until = models.DateField(null=True, blank=True)
    agreed_on = models.DateField("agreed, or recorded as not agreed, on", null=True, blank=True)
    agreed_how = models.CharField(max_length=15, choices=How, blank=True)
    agreed_at_meeting = models.ForeignKey(Meeting, models.PROTECT, null=True, blank=True, related_name="minutes_agreed")
    positions = models.TextField("both positions, where they were not agreed", blank=True)
    data = models.JSONField(
        default=dict, blank=True, editable=False, help_text="What they say, item by item, as they were agreed."
    )
    invented = models.BooleanField(default=False, editable=False)
    objects = keyed(MinutesQuerySet)

    class Meta:
        verbose_name_plural = "minutes"
        constraints = [
            models.CheckConstraint(
                condition=Q(state="draft") | Q(checked_by__isnull=False, checked_at__isnull=False),
                name="minutes_are_checked_first",
                violation_error_message="The chair of the meeting checks the minutes before they go out.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "checked"]) | Q(circulated_at__isnull=False),
                name="minutes_are_circulated_first",
                violation_error_message="Minutes are agreed after they were circulated.",
            ),
            models.CheckConstraint(
                condition=(Q(state__in=["agreed", "not agreed"]) & Q(agreed_on__isnull=False) & ~Q(agreed_how=""))
                | (~Q(state__in=["agreed", "not agreed"]) & Q(agreed_on=None) & Q(agreed_how="")),
                name="minutes_agreed_on_a_day",
                violation_error_message="Say when and how the minutes were agreed.",
            ),
            models.CheckConstraint(
                condition=~Q(agreed_how="meeting") | Q(agreed_at_meeting__isnull=False),
                name="minutes_agreed_at_a_meeting",
                violation_error_message="Say which meeting agreed the minutes.",
            ),
            models.CheckConstraint(
                condition=~Q(state="not agreed") | ~Q(positions=""),
                name="both_positions_are_recorded",
                violation_error_message="Record both positions.",
            ),
        ]

    def __str__(self):
        return f"Minutes, {self.meeting}"

    @property
    def is_confirmed(self) -> bool:
        return self.state == self.State.AGREED

    def can_become(self, state: str) -> bool:
        return self.State(state) in self.NEXT[self.State(self.state)]


class MinuteQuerySet(AuditedQuerySet):
    def visible_to(self, person) -> models.QuerySet:
        """What was minuted of the items a person may see, in minutes they may read."""
        if not access.signed_in(person):
            return self.none()
        if access.is_secretariat(person):
            return self
        return self.filter(
            minutes__in=Minutes.objects.visible_to(person), item__in=AgendaItem.objects.visible_to(person)
        )


class Minute(NaturallyKeyed, Record):
    """What was said on one item: the key discussion, a paragraph to a line left empty between."""

    NATURAL_KEY = ("item__meeting__key", "item__order")
    minutes = models.ForeignKey(Minutes, models.PROTECT, related_name="items")
    item = models.OneToOneField(AgendaItem, models.PROTECT, related_name="minute")
    text = models.TextField("key discussion", blank=True)
    nothing_to_minute = models.BooleanField("nothing to minute", default=False)
    by = models.ForeignKey(Person, models.PROTECT, related_name="minutes_taken")
    at = models.DateTimeField("last saved", default=dates.now)
    invented = models.BooleanField(default=False, editable=False)
    objects = keyed(MinuteQuerySet)

    class Meta:
        ordering = ["minutes", "item__taken_as_read", "item__order"]

    def __str__(self):
        return f"{self.item}, {self.minutes}"

    @property
    def is_written(self) -> bool:
        return bool(self.text) or self.nothing_to_minute


class OfAMinute(AuditedQuerySet):
    def visible_to(self, person) -> models.QuerySet:
        if not access.signed_in(person):
            return self.none()
        return self.filter(minute__in=Minute.objects.visible_to(person))


class MinuteComment(NaturallyKeyed, Record):
    """A comment on one paragraph of circulated minutes, and what the secretariat made of it."""

    class Outcome(models.TextChoices):
        OPEN = "", "Not answered yet"
        TAKEN = "taken", "Taken in"
        KEPT = "kept", "The words stay"
        DISPUTED = "disputed", "Disputed, for the meeting"

    NATURAL_KEY = ("minute__item__meeting__key", "minute__item__order", "number")
    minute = models.ForeignKey(Minute, models.PROTECT, related_name="comments")
    number = models.PositiveSmallIntegerField(editable=False)
    paragraph = models.PositiveSmallIntegerField(help_text="The first is 1.")
    words = models.TextField("the paragraph as it stood", editable=False)
    text = models.TextField("comment")
    by = models.ForeignKey(Person, models.PROTECT, related_name="minute_comments")
    at = models.DateTimeField(default=dates.now)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="minute_comments_answered"
    )
    invented = models.BooleanField(default=False, editable=False)
    objects = keyed(OfAMinute)

    class Meta:
        ordering = ["minute", "number"]
        constraints = [
            models.UniqueConstraint(fields=["minute", "number"], name="one_comment_per_number"),
            models.CheckConstraint(
                condition=~Q(outcome__in=["kept", "disputed"]) | ~Q(answer=""),
                name="a_refused_comment_has_an_answer",
                violation_error_message="Say why the words stay as they are.",
            ),
        ]

    def __str__(self):
        return f"{self.by} on paragraph {self.paragraph}, {self.minute.item}"


class MinuteCorrectionQuerySet(LogQuerySet):
    def visible_to(self, person) -> models.QuerySet:
        if not access.signed_in(person):
            return self.none()
        rows = self.filter(minutes__in=Minutes.objects.visible_to(person))
        return rows.filter(Q(item=None) | Q(item__in=AgendaItem.objects.visible_to(person)))


class MinuteCorrection(NaturallyKeyed, AppendOnly):
    """A dated note on top of agreed minutes: what they should have said. The minutes themselves stay as agreed."""

    NATURAL_KEY = ("minutes__meeting__key", "number")
    minutes = models.ForeignKey(Minutes, models.PROTECT, related_name="corrections")
    number = models.PositiveSmallIntegerField()
    item = models.ForeignKey(AgendaItem, models.PROTECT, null=True, blank=True, related_name="minute_corrections")
    text = models.TextField("what the minutes should have said")
    by = models.ForeignKey(Person, models.PROTECT, related_name="minute_corrections")
    at = models.DateTimeField(default=dates.now)
    objects = keyed(MinuteCorrectionQuerySet)

    class Meta:
        ordering = ["minutes", "number"]
        constraints = [models.UniqueConstraint(fields=["minutes", "number"], name="one_correction_per_number")]

    def __str__(self):
        return f"Correction {self.number} of {self.minutes}"


class FamilySummaryQuerySet(AuditedQuerySet):
    def public(self):
        return self.filter(state=FamilySummary.State.PUBLIC)

    def visible_to(self, person) -> models.QuerySet:
        """Before it is public it is read by the Board's members and its secretariat. Anyone reads `public()`."""
        if not access.signed_in(person):
            return self.none()
        return self if access.sees_restricted_items(person) else self.public()


class FamilySummary(NaturallyKeyed, Record):
    """A meeting in plain words for families, from its unrestricted items: edited, approved, then public."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        APPROVED = "approved", "Approved"
        PUBLIC = "public", "Public"

    NATURAL_KEY = ("meeting__key",)
    meeting = models.OneToOneField(Meeting, models.PROTECT, related_name="family_summary")
    title = models.CharField(max_length=150)
    text = models.TextField("the summary")
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    approved_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="summaries_approved")
    approved_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    invented = models.BooleanField(default=False, editable=False)
    objects = keyed(FamilySummaryQuerySet)

    class Meta:
        verbose_name_plural = "family summaries"
        ordering = ["-meeting__starts_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="draft") | Q(approved_by__isnull=False, approved_at__isnull=False),
                name="summaries_are_approved_first",
                violation_error_message="A summary is approved before it is public.",
            ),
            models.CheckConstraint(
                condition=~Q(state="public") | Q(published_at__isnull=False),
                name="public_since_an_instant",
                violation_error_message="Say since when the summary is public.",
            ),
        ]

    def __str__(self):
        return self.title
