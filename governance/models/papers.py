"""What stands behind an agenda item: its front sheet, typed here, and its papers with their versions."""

from django.db import models
from django.db.models import Q

from governance.models.agenda import AgendaItem, BehindAnItem
from jcb import access, dates
from jcb.access import OpenLog
from jcb.history import AppendOnly, Record
from jcb.models import Person, StoredFile
from jcb.natural import NaturallyKeyed, keyed
from workstreams.models import Theme


class BehindAFrontSheet(BehindAnItem):
    ITEM = "front_sheet__item"


class BehindAPaper(OpenLog):
    def visible_to(self, person) -> models.QuerySet:
        """Of the papers of items that a person may see: what was published, and before that what is theirs. Members, whose
        co-chairs clear papers, read ahead, but for what the clerk has still to decide about."""
        if not access.signed_in(person):
            return self.none()
        rows = self.filter(paper__item__in=AgendaItem.objects.visible_to(person))
        if access.is_secretariat(person):
            return rows
        theirs = Q(by=person) | Q(paper__author=person) | Q(paper__item__presenter=person)
        if access.sees_restricted_items(person):
            theirs |= Q(blocked=False)
        return rows.filter(Q(in_packs__isnull=False) | theirs).distinct()


class FrontSheet(NaturallyKeyed, Record):
    """What every item says before its paper: what is asked, why, and what it means for money, law and families."""

    NATURAL_KEY = ("item__meeting__key", "item__order")
    item = models.OneToOneField(AgendaItem, models.PROTECT, related_name="front_sheet")
    summary = models.TextField()
    been_before = models.TextField("where it has been before", blank=True)
    money = models.TextField(blank=True)
    legal = models.TextField(blank=True)
    equality = models.TextField("equality and impact on children", blank=True)
    risk = models.TextField(blank=True)
    co_production = models.TextField("co-production", blank=True)
    next_steps = models.TextField(blank=True)
    author = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="front_sheets")
    director = models.CharField("responsible director", max_length=120, blank=True)
    cleared_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="front_sheets_cleared")
    cleared_at = models.DateTimeField(null=True, blank=True)
    invented = models.BooleanField(default=False, editable=False)
    objects = keyed(BehindAnItem)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(cleared_by=None, cleared_at=None) | Q(cleared_by__isnull=False, cleared_at__isnull=False),
                name="cleared_by_someone_at_some_time",
                violation_error_message="Say who cleared it and when, or neither.",
            )
        ]

    def __str__(self):
        return f"Front sheet: {self.item}"


class Recommendation(NaturallyKeyed, Record):
    """What the Board is asked to decide: numbered, and the draft of the decision."""

    NATURAL_KEY = ("front_sheet__item__meeting__key", "front_sheet__item__order", "number")
    front_sheet = models.ForeignKey(FrontSheet, models.PROTECT, related_name="recommendations")
    number = models.PositiveSmallIntegerField()
    text = models.TextField()
    objects = keyed(BehindAFrontSheet)

    class Meta:
        ordering = ["front_sheet", "number"]
        constraints = [models.UniqueConstraint(fields=["front_sheet", "number"], name="one_recommendation_per_number")]

    def __str__(self):
        return f"{self.number}. {self.text[:80]}"


class ThemeConsidered(NaturallyKeyed, Record):
    """A cross-cutting theme that a paper considered, and how."""

    NATURAL_KEY = ("front_sheet__item__meeting__key", "front_sheet__item__order", "theme__plan__slug", "theme__order")
    front_sheet = models.ForeignKey(FrontSheet, models.PROTECT, related_name="themes_considered")
    theme = models.ForeignKey(Theme, models.PROTECT, related_name="front_sheets")
    note = models.TextField(blank=True)
    objects = keyed(BehindAFrontSheet)

    class Meta:
        verbose_name_plural = "themes considered"
        constraints = [models.UniqueConstraint(fields=["front_sheet", "theme"], name="one_theme_per_front_sheet")]

    def __str__(self):
        return f"{self.front_sheet}: {self.theme}"


class Paper(NaturallyKeyed, Record):
    """A paper for an item, and how far it is."""

    class State(models.TextChoices):
        COMMISSIONED = "commissioned", "Commissioned"
        RECEIVED = "received", "Received"
        CLEARED = "cleared", "Cleared"
        TO_FOLLOW = "to follow", "To follow"
        VERBAL = "verbal", "Verbal report"
        TABLED = "tabled", "Tabled at the meeting"
        DEFERRED = "deferred", "Deferred"
        WITHDRAWN = "withdrawn", "Withdrawn"

    # What a paper in a state can become. A new version makes it received again.
    NEXT = {
        State.COMMISSIONED: {State.RECEIVED, State.TO_FOLLOW, State.VERBAL, State.TABLED, State.DEFERRED, State.WITHDRAWN},
        State.RECEIVED: {State.CLEARED, State.COMMISSIONED, State.TABLED, State.DEFERRED, State.WITHDRAWN},
        State.CLEARED: {State.RECEIVED, State.COMMISSIONED, State.TABLED, State.DEFERRED, State.WITHDRAWN},
        State.TO_FOLLOW: {State.RECEIVED, State.COMMISSIONED, State.VERBAL, State.TABLED, State.DEFERRED, State.WITHDRAWN},
        State.VERBAL: {State.RECEIVED, State.COMMISSIONED, State.TO_FOLLOW, State.TABLED, State.DEFERRED, State.WITHDRAWN},
        State.TABLED: {State.RECEIVED, State.COMMISSIONED, State.CLEARED, State.WITHDRAWN},
        State.DEFERRED: {State.COMMISSIONED, State.RECEIVED, State.WITHDRAWN},
        State.WITHDRAWN: {State.COMMISSIONED},
    }  # fmt: skip
    NATURAL_KEY = ("item__meeting__key", "item__order", "order")
    item = models.ForeignKey(AgendaItem, models.PROTECT, related_name="papers")
    order = models.PositiveSmallIntegerField(default=1)
    title = models.CharField(max_length=150)
    state = models.CharField(max_length=12, choices=State, default=State.COMMISSIONED)
    author = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="papers_written")
    invented = models.BooleanField(default=False, editable=False)
    objects = keyed(BehindAnItem)

    class Meta:
        ordering = ["item", "order"]
        constraints = [models.UniqueConstraint(fields=["item", "order"], name="one_paper_per_place")]

    def __str__(self):
        return self.title

    def can_become(self, state: str) -> bool:
        return self.State(state) in self.NEXT[self.State(self.state)]

    @property
    def latest(self) -> "PaperVersion | None":
        return self.versions.order_by("-number").first()


class PaperVersion(AppendOnly):
    """What was handed in: the original as it came, the pages it became, and what was found in it."""

    paper = models.ForeignKey(Paper, models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    original = models.ForeignKey(StoredFile, models.PROTECT, related_name="paper_originals")
    original_name = models.CharField(max_length=150)
    pages = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="paper_pages")
    page_count = models.PositiveIntegerField(default=0)
    is_tagged = models.BooleanField(default=False)
    findings = models.JSONField(
        default=list, help_text="Sentences about what was found: tracked changes, hidden sheets, a scan."
    )
    blocked = models.BooleanField(
        default=False, help_text="Something hidden was found, and the clerk has not decided yet."
    )
    clerk_decided = models.TextField(blank=True, help_text="What the clerk decided about what was found.")
    by = models.ForeignKey(Person, models.PROTECT, related_name="paper_versions")
    at = models.DateTimeField(default=dates.now)
    objects = BehindAPaper.as_manager()

    class Meta:
        ordering = ["paper", "-number"]
        constraints = [models.UniqueConstraint(fields=["paper", "number"], name="one_version_per_number")]

    def __str__(self):
        return f"{self.paper}, version {self.number}"
