"""Risks, issues and dependencies of the workstreams, and the themes that the High Cost Placement Panel passes on."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from governance.models.meetings import Meeting
from jcb import dates
from jcb.access import OpenLog, OpenToMembers
from jcb.history import AppendOnly, Record
from jcb.models import Person
from jcb.natural import NaturallyKeyed, keyed
from workstreams.models import Workstream

ONE_TO_FIVE = [MinValueValidator(1), MaxValueValidator(5)]


class Risk(NaturallyKeyed, Record):
    """Something that threatens a workstream, has gone wrong in it, or that it depends on."""

    class Kind(models.TextChoices):
        RISK = "risk", "Risk"
        ISSUE = "issue", "Issue"
        DEPENDENCY = "dependency", "Dependency"

    class State(models.TextChoices):
        OPEN = "open", "Open"
        CLOSED = "closed", "Closed"

    NATURAL_KEY = ("workstream__plan__slug", "workstream__number", "number")
    workstream = models.ForeignKey(Workstream, models.PROTECT, related_name="risks")
    number = models.PositiveSmallIntegerField(editable=False)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.RISK)
    title = models.CharField(max_length=150)
    text = models.TextField("cause and effect", blank=True)
    owner = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="risks")
    mitigation = models.TextField(blank=True)
    state = models.CharField(max_length=6, choices=State, default=State.OPEN)
    escalated_to = models.CharField(max_length=150, blank=True)
    escalated_on = models.DateField(null=True, blank=True)
    answer = models.TextField("the answer to the escalation", blank=True)
    answered_on = models.DateField(null=True, blank=True)
    invented = models.BooleanField(default=False, editable=False)
    objects = keyed(OpenToMembers)

    class Meta:
        ordering = ["workstream", "number"]
        constraints = [
            models.UniqueConstraint(fields=["workstream", "number"], name="one_risk_per_number"),
            models.CheckConstraint(
                condition=(Q(escalated_to="") & Q(escalated_on=None) & Q(answer="") & Q(answered_on=None))
                | (~Q(escalated_to="") & Q(escalated_on__isnull=False)),
                name="escalated_to_someone_on_a_day",
                violation_error_message="Say to whom it was escalated and on which day.",
            ),
            models.CheckConstraint(
                condition=(Q(answer="") & Q(answered_on=None)) | (~Q(answer="") & Q(answered_on__isnull=False)),
                name="an_escalation_is_answered_on_a_day",
                violation_error_message="Give the answer and the date on which it came.",
            ),
        ]

    def __str__(self):
        return self.title

    @property
    def ref(self) -> str:
        """What it is called within its plan: "R3.2"."""
        return f"R{self.workstream.number}.{self.number}"


class RiskScore(NaturallyKeyed, AppendOnly):
    """How likely a risk was thought to be, and how bad, on a day; the latest one counts, and the one before it shows the trend."""

    NATURAL_KEY = ("risk__workstream__plan__slug", "risk__workstream__number", "risk__number", "number")
    risk = models.ForeignKey(Risk, models.PROTECT, related_name="scores")
    number = models.PositiveSmallIntegerField()
    likelihood = models.PositiveSmallIntegerField(validators=ONE_TO_FIVE)
    impact = models.PositiveSmallIntegerField(validators=ONE_TO_FIVE)
    note = models.TextField(blank=True)
    by = models.ForeignKey(Person, models.PROTECT, related_name="risk_scores")
    at = models.DateTimeField(default=dates.now)
    invented = models.BooleanField(default=False, editable=False)
    objects = keyed(OpenLog)

    class Meta:
        ordering = ["risk", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["risk", "number"], name="one_score_per_number"),
            models.CheckConstraint(
                condition=Q(likelihood__range=(1, 5)) & Q(impact__range=(1, 5)),
                name="risk_scores_from_1_to_5",
                violation_error_message="Choose likelihood and impact from 1 to 5.",
            ),
        ]

    def __str__(self):
        return f"{self.risk}: {self.score}"

    @property
    def score(self) -> int:
        return self.likelihood * self.impact


class PanelTheme(NaturallyKeyed, Record):
    """A theme that the High Cost Placement Panel noticed: never a case, and nothing that could identify a child."""

    NATURAL_KEY = ("key",)
    key = models.SlugField(unique=True, max_length=80)
    noticed_on = models.DateField("date of the panel")
    title = models.CharField("theme", max_length=150)
    text = models.TextField("what the Board should know", blank=True)
    meeting = models.ForeignKey(
        Meeting,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="panel_themes",
        help_text="The meeting that takes it; empty until it has been on an agenda.",
    )
    by = models.ForeignKey(Person, models.PROTECT, related_name="panel_themes")
    invented = models.BooleanField(default=False, editable=False)
    objects = keyed(OpenToMembers)

    class Meta:
        ordering = ["-noticed_on", "key"]

    def __str__(self):
        return self.title
