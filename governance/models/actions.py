"""What the Board asked somebody to do, and what became of it."""

from django.db import models
from django.db.models import Q

from governance.models.agenda import AgendaItem
from governance.models.decisions import Decision
from governance.models.meetings import Meeting
from jcb import access, dates
from jcb.history import AppendOnly, AuditedQuerySet, LogQuerySet, Record
from jcb.models import Person
from jcb.natural import NaturallyKeyed, keyed


class ActionQuerySet(AuditedQuerySet):
    def visible_to(self, person) -> models.QuerySet:
        """Actions from the items and decisions a person may see, and those that are theirs to do or to help with."""
        if not access.signed_in(person):
            return self.none()
        mine = Q(owner=person) | Q(pk__in=ActionHelper.objects.filter(person=person).values("action"))
        of_item = Q(item=None) | Q(item__in=AgendaItem.objects.visible_to(person))
        of_decision = Q(decision=None) | Q(decision__in=Decision.objects.visible_to(person))
        return self.filter(mine | (of_item & of_decision))

    def carried(self):
        """Those that come back at every meeting: the Board has not closed them."""
        return self.exclude(state=Action.State.CLOSED)


class Action(NaturallyKeyed, Record):
    """A task from a meeting, with one owner who answers for it. It comes back until the Board closes it."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        PROPOSED = "proposed done", "Proposed done"
        CLOSED = "closed", "Closed"

    NEXT = {
        State.OPEN: {State.PROPOSED, State.CLOSED},
        State.PROPOSED: {State.OPEN, State.CLOSED},
        State.CLOSED: {State.OPEN},
    }

    NATURAL_KEY = ("series", "number")
    series = models.CharField(max_length=7, editable=False, help_text="The month of its meeting: 2020-09.")
    number = models.PositiveSmallIntegerField(editable=False)
    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="actions")
    item = models.ForeignKey(AgendaItem, models.PROTECT, null=True, blank=True, related_name="actions")
    decision = models.ForeignKey(Decision, models.PROTECT, null=True, blank=True, related_name="actions")
    text = models.TextField("what is to be done")
    owner = models.ForeignKey(Person, models.PROTECT, related_name="actions")
    first_due_on = models.DateField("first due")
    due_on = models.DateField("due")
    state = models.CharField(max_length=15, choices=State, default=State.OPEN)
    closed_at_meeting = models.ForeignKey(Meeting, models.PROTECT, null=True, blank=True, related_name="actions_closed")
    closed_on = models.DateField(null=True, blank=True)
    by = models.ForeignKey(Person, models.PROTECT, related_name="actions_recorded")
    at = models.DateTimeField(default=dates.now)
    invented = models.BooleanField(default=False, editable=False)
    objects = keyed(ActionQuerySet)

    class Meta:
        ordering = ["series", "number"]
        constraints = [
            models.UniqueConstraint(fields=["series", "number"], name="one_action_per_number"),
            models.CheckConstraint(
                condition=(Q(state="closed") & Q(closed_on__isnull=False)) | (~Q(state="closed") & Q(closed_on=None)),
                name="closed_on_a_day",
                violation_error_message="Say on which day the Board closed it.",
            ),
        ]

    def __str__(self):
        return f"{self.ref}: {self.text[:80]}"

    @property
    def ref(self) -> str:
        """What it is called: "2020-09/05"."""
        return f"{self.series}/{self.number:02}"

    def can_become(self, state: str) -> bool:
        return self.State(state) in self.NEXT[self.State(self.state)]


class OfAnAction(AuditedQuerySet):
    def visible_to(self, person) -> models.QuerySet:
        if not access.signed_in(person):
            return self.none()
        return self.filter(action__in=Action.objects.visible_to(person))


class ActionHelper(NaturallyKeyed, Record):
    """Somebody who helps with an action; its owner answers for it all the same."""

    NATURAL_KEY = ("action__series", "action__number", "person__email")
    action = models.ForeignKey(Action, models.PROTECT, related_name="helpers")
    person = models.ForeignKey(Person, models.PROTECT, related_name="actions_helped")
    objects = keyed(OfAnAction)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["action", "person"], name="one_helper_per_action")]

    def __str__(self):
        return f"{self.person} helps with {self.action.ref}"


class ActionLog(LogQuerySet):
    def visible_to(self, person) -> models.QuerySet:
        if not access.signed_in(person):
            return self.none()
        return self.filter(action__in=Action.objects.visible_to(person))


class ActionUpdate(NaturallyKeyed, AppendOnly):
    """What was said of an action, or done to it."""

    class Kind(models.TextChoices):
        UPDATE = "update", "Update"
        PROPOSED = "proposed done", "Proposed done"
        CLOSED = "closed", "Closed by the Board"
        REOPENED = "reopened", "Opened again"
        DATE = "date", "Due date changed"
        PASSED_ON = "passed on", "Passed on"
        CORRECTED = "corrected", "Words corrected"

    NATURAL_KEY = ("action__series", "action__number", "number")
    action = models.ForeignKey(Action, models.PROTECT, related_name="updates")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=15, choices=Kind, default=Kind.UPDATE)
    text = models.TextField(blank=True)
    before = models.CharField(max_length=200, blank=True)
    after = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(Person, models.PROTECT, related_name="action_updates")
    at = models.DateTimeField(default=dates.now)
    invented = models.BooleanField(default=False, editable=False)
    objects = keyed(ActionLog)

    class Meta:
        ordering = ["action", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["action", "number"], name="one_action_update_per_number"),
            models.CheckConstraint(
                condition=~Q(kind__in=["update", "passed on"]) | ~Q(text=""),
                name="an_action_update_has_words",
                violation_error_message="Say how it stands, in a sentence.",
            ),
        ]

    def __str__(self):
        return f"{self.action.ref}, {self.get_kind_display().lower()}"
