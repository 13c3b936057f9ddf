"""The Board's terms of reference, its seats and the people who hold them."""

import datetime as dt

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q

from jcb import dates
from jcb.access import OpenLog, OpenToMembers
from jcb.history import AppendOnly, Record
from jcb.models import Partner, Person
from jcb.natural import NaturallyKeyed, keyed


class TermsQuerySet(OpenToMembers):
    def in_force(self, on: dt.date):
        """The terms in force on a day, newest first; the first is the one that counts."""
        return self.filter(in_force_from__lte=on).order_by("-in_force_from")


class Terms(NaturallyKeyed, Record):
    """A version of the Board's terms of reference, in force from its date."""

    class Every(models.TextChoices):
        MONTHS = "months", "months"
        WEEKS = "weeks", "weeks"

    class Notice(models.TextChoices):
        DAYS = "days", "days"
        HOURS = "hours", "hours"

    class Venue(models.TextChoices):
        ALTERNATE = "alternate", "Alternately at the council and at the NHS commissioner"
        USUAL = "usual", "Usually at one place"

    NATURAL_KEY = ("key",)
    key = models.SlugField(unique=True)
    title = models.CharField(max_length=150)
    in_force_from = models.DateField(unique=True)
    in_force_assumed = models.BooleanField("date is assumed", default=False)
    dated_on = models.DateField(null=True, blank=True)
    every_number = models.PositiveSmallIntegerField("meets every", validators=[MinValueValidator(1)])
    every_unit = models.CharField(max_length=6, choices=Every)
    length_minutes = models.PositiveSmallIntegerField(validators=[MinValueValidator(15)])
    venue_rule = models.CharField(max_length=10, choices=Venue)
    venue_first = models.CharField(max_length=150, help_text="The usual place, or where the first meeting is.")
    venue_second = models.CharField(max_length=150, blank=True)
    notice_number = models.PositiveSmallIntegerField("papers out before the meeting", validators=[MinValueValidator(1)])
    notice_unit = models.CharField(max_length=5, choices=Notice)
    notice_note = models.TextField(blank=True)
    authors_working_days = models.PositiveSmallIntegerField(
        "authors' deadline, working days before circulation", default=5
    )
    quorum_council = models.PositiveSmallIntegerField("quorum, council side", default=1)
    quorum_nhs = models.PositiveSmallIntegerField("quorum, NHS side", default=1)
    quorum_note = models.CharField(max_length=200, blank=True)
    review_months = models.PositiveSmallIntegerField("reviewed at least every, months", default=12)
    purpose = models.TextField()
    membership_note = models.TextField(blank=True)
    objects = keyed(TermsQuerySet)

    class Meta:
        verbose_name_plural = "terms of reference"
        ordering = ["-in_force_from"]

    def __str__(self):
        return self.title


class TermsReview(AppendOnly):
    """A review of the terms by the Board: on which day, and what came of it."""

    terms = models.ForeignKey(Terms, models.PROTECT, related_name="reviews")
    on = models.DateField("date")
    outcome = models.TextField("what came of it")
    by = models.ForeignKey(Person, models.PROTECT, related_name="terms_reviews")
    at = models.DateTimeField(default=dates.now)
    objects = OpenLog.as_manager()

    class Meta:
        ordering = ["terms", "-on"]
        constraints = [
            models.UniqueConstraint(
                fields=["terms", "on"],
                name="one_terms_review_a_day",
                violation_error_message="A review of these terms on this day is recorded already. Choose another day.",
            )
        ]

    def __str__(self):
        return f"{self.terms}, reviewed on {dates.say_day(self.on)}"


class TermsParty(NaturallyKeyed, Record):
    """An organisation on whose behalf the Board acts under these terms."""

    NATURAL_KEY = ("terms__key", "partner__key")
    terms = models.ForeignKey(Terms, models.PROTECT, related_name="parties")
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="terms")
    order = models.PositiveSmallIntegerField()
    objects = keyed(OpenToMembers)

    class Meta:
        verbose_name_plural = "terms parties"
        ordering = ["terms", "order"]
        constraints = [models.UniqueConstraint(fields=["terms", "partner"], name="one_party_per_terms")]

    def __str__(self):
        return f"{self.partner} ({self.terms})"


class Clause(NaturallyKeyed, Record):
    """A numbered clause of the terms: a principle, a responsibility, a reporting line, a rule."""

    class Kind(models.TextChoices):
        PRINCIPLE = "principle", "Principle"
        RESPONSIBILITY = "responsibility", "Responsibility"
        MEETING = "meeting", "Meeting arrangement"
        REPORTING = "reporting", "Reporting"
        DISPUTE = "dispute", "Dispute"
        REVIEW = "review", "Review"

    NATURAL_KEY = ("terms__key", "kind", "order")
    terms = models.ForeignKey(Terms, models.PROTECT, related_name="clauses")
    kind = models.CharField(max_length=15, choices=Kind)
    order = models.PositiveSmallIntegerField()
    text = models.TextField()
    objects = keyed(OpenToMembers)

    class Meta:
        ordering = ["terms", "kind", "order"]
        constraints = [models.UniqueConstraint(fields=["terms", "kind", "order"], name="one_clause_per_place")]

    def __str__(self):
        return self.text[:80]


class ReportsTo(NaturallyKeyed, Record):
    """A body that the Board answers or reports to under these terms."""

    NATURAL_KEY = ("terms__key", "body")
    terms = models.ForeignKey(Terms, models.PROTECT, related_name="reports_to")
    body = models.CharField(max_length=150)
    order = models.PositiveSmallIntegerField(default=1)
    note = models.TextField(blank=True)
    objects = keyed(OpenToMembers)

    class Meta:
        verbose_name = "reporting line"
        ordering = ["terms", "order"]
        constraints = [models.UniqueConstraint(fields=["terms", "body"], name="one_line_per_body")]

    def __str__(self):
        return self.body


class StandingItem(NaturallyKeyed, Record):
    """An item that comes back: at every meeting, every so many, when due, or when there is something."""

    class Frequency(models.TextChoices):
        EVERY = "every meeting", "Every meeting"
        NTH = "every nth", "Every so many meetings"
        DUE = "when due", "When due"
        NOT_EMPTY = "when not empty", "When there is something to say"

    NATURAL_KEY = ("terms__key", "order")
    terms = models.ForeignKey(Terms, models.PROTECT, related_name="standing_items")
    order = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=150)
    frequency = models.CharField(max_length=15, choices=Frequency, default=Frequency.EVERY)
    every_nth = models.PositiveSmallIntegerField(null=True, blank=True)
    for_information = models.BooleanField("taken as read", default=False)
    from_practice = models.BooleanField(default=True, help_text="Off where the terms themselves ask for it.")
    objects = keyed(OpenToMembers)

    class Meta:
        ordering = ["terms", "order"]
        constraints = [
            models.UniqueConstraint(fields=["terms", "order"], name="one_standing_item_per_place"),
            models.CheckConstraint(
                condition=(Q(frequency="every nth") & Q(every_nth__isnull=False) & Q(every_nth__gte=2))
                | (~Q(frequency="every nth") & Q(every_nth=None)),
                name="nth_has_a_number",
                violation_error_message="Say every how many meetings, 2 or more; leave it empty for the other frequencies.",
            ),
        ]

    def __str__(self):
        return self.title


class Seat(NaturallyKeyed, Record):
    """A place on the Board: a position, its side and partner, core or by invitation."""

    class Kind(models.TextChoices):
        CORE = "core", "Core member"
        INVITED = "invited", "By invitation"

    NATURAL_KEY = ("terms__key", "order")
    terms = models.ForeignKey(Terms, models.PROTECT, related_name="seats")
    order = models.PositiveSmallIntegerField()
    position = models.CharField(max_length=150)
    lead_for = models.CharField("role", max_length=150, blank=True)
    side = models.CharField(
        max_length=10, choices=[("council", "Council"), ("nhs", "NHS"), ("", "Not stated")], blank=True
    )
    side_as_printed = models.CharField(
        max_length=60, blank=True, help_text="As the terms name it: CCG, LA, Bi-Borough."
    )
    partner = models.ForeignKey(Partner, models.PROTECT, null=True, blank=True, related_name="seats")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.CORE)
    co_chair = models.BooleanField(default=False)
    objects = keyed(OpenToMembers)

    class Meta:
        ordering = ["terms", "order"]
        constraints = [models.UniqueConstraint(fields=["terms", "order"], name="one_seat_per_place")]

    def __str__(self):
        return self.position


class Membership(NaturallyKeyed, Record):
    """A person in a seat over dates, in their own right or as a deputy who decides or only speaks."""

    class As(models.TextChoices):
        MEMBER = "member", "Member"
        DEPUTY_DECIDES = "deputy decides", "Deputy who may decide"
        DEPUTY_SPEAKS = "deputy speaks", "Deputy who may only speak"

    NATURAL_KEY = ("seat__terms__key", "seat__order", "person__email", "from_on")
    seat = models.ForeignKey(Seat, models.PROTECT, related_name="memberships")
    person = models.ForeignKey(Person, models.PROTECT, related_name="memberships")
    capacity = models.CharField(max_length=15, choices=As, default=As.MEMBER)
    from_on = models.DateField("from")
    until_on = models.DateField("until", null=True, blank=True)
    objects = keyed(OpenToMembers)

    class Meta:
        ordering = ["seat", "from_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until_on=None) | Q(until_on__gte=F("from_on")),
                name="membership_ends_after_it_starts",
                violation_error_message="The last day cannot be before the first. Check both dates.",
            )
        ]

    def __str__(self):
        return f"{self.person}, {self.seat}"
