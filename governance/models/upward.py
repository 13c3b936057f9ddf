"""Reports to the bodies above the Board and beside it, each with its own meetings and paper deadlines."""

import datetime as dt

from django.db import models
from django.db.models import F, Q

from governance.models.meetings import Meeting
from jcb import access, dates
from jcb.access import OpenToMembers
from jcb.history import AuditedQuerySet, Record
from jcb.models import Document, Partner, Person
from jcb.natural import NaturallyKeyed, keyed


class ParentBody(NaturallyKeyed, Record):
    """A body that hears from the Board: the one it answers to, or a party's own board or committee."""

    NATURAL_KEY = ("key",)
    key = models.SlugField(unique=True)
    name = models.CharField(max_length=150, unique=True)
    partner = models.ForeignKey(
        Partner,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="own_bodies",
        help_text="Whose body it is; empty where it belongs to nobody alone.",
    )
    email = models.EmailField("where reports are sent", blank=True)
    paper_days = models.PositiveSmallIntegerField("papers due, days before its meeting", default=10)
    note = models.TextField(blank=True)
    invented = models.BooleanField(default=False, editable=False)
    objects = keyed(OpenToMembers)

    class Meta:
        verbose_name_plural = "parent bodies"
        ordering = ["name"]

    def __str__(self):
        return self.name


class BodyMeeting(NaturallyKeyed, Record):
    """A day on which a parent body meets, and by when it wants papers."""

    NATURAL_KEY = ("body__key", "on")
    body = models.ForeignKey(ParentBody, models.PROTECT, related_name="meetings")
    on = models.DateField("date")
    papers_due_on = models.DateField("papers due")
    invented = models.BooleanField(default=False, editable=False)
    objects = keyed(OpenToMembers)

    class Meta:
        ordering = ["on"]
        constraints = [
            models.UniqueConstraint(fields=["body", "on"], name="one_body_meeting_a_day"),
            models.CheckConstraint(
                condition=Q(papers_due_on__lte=F("on")),
                name="papers_before_the_body_meets",
                violation_error_message="Papers are due on or before the day of the meeting. Check both dates.",
            ),
        ]

    def __str__(self):
        return f"{self.body}, {dates.say_day(self.on)}"

    @property
    def is_late_on(self) -> dt.date:
        """The first day on which a report for it is late."""
        return self.papers_due_on + dt.timedelta(days=1)


class UpwardReportQuerySet(AuditedQuerySet):
    def visible_to(self, person) -> models.QuerySet:
        """Drafts are the secretariat's and the members'; what was sent is read by everyone signed in."""
        if not access.signed_in(person):
            return self.none()
        return self if access.sees_restricted_items(person) else self.filter(state=UpwardReport.State.SENT)


class UpwardReport(NaturallyKeyed, Record):
    """One page on a meeting for a parent body: alert, advise, assure; whether it was quorate; what it decided."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        SENT = "sent", "Sent"

    NATURAL_KEY = ("meeting__key", "body__key")
    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="upward_reports")
    body = models.ForeignKey(ParentBody, models.PROTECT, related_name="reports")
    for_meeting = models.ForeignKey(BodyMeeting, models.PROTECT, null=True, blank=True, related_name="reports")
    alert = models.TextField("alert: what needs the body’s attention", blank=True)
    advise = models.TextField("advise: what it should know", blank=True)
    assure = models.TextField("assure: what is under control", blank=True)
    state = models.CharField(max_length=6, choices=State, default=State.DRAFT)
    sent_at = models.DateTimeField(null=True, blank=True)
    sent_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="upward_reports_sent")
    sent_to = models.EmailField(blank=True)
    document = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, editable=False, related_name="upward_reports"
    )
    invented = models.BooleanField(default=False, editable=False)
    objects = keyed(UpwardReportQuerySet)

    class Meta:
        ordering = ["-meeting__starts_at", "body__name"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "body"], name="one_report_per_body"),
            models.CheckConstraint(
                condition=(Q(state="sent") & Q(sent_at__isnull=False, sent_by__isnull=False))
                | (Q(state="draft") & Q(sent_at=None, sent_by=None)),
                name="sent_by_someone_at_some_time",
                violation_error_message="Say who sent the report and when.",
            ),
        ]

    def __str__(self):
        return f"Report to {self.body} on {self.meeting}"
