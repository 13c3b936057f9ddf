"""What the Board decided, and what each party said of it."""

from django.db import models
from django.db.models import Q

from governance.models.agenda import AgendaItem
from governance.models.meetings import Meeting
from governance.models.papers import Recommendation
from jcb import access, dates
from jcb.history import AppendOnly, AuditedQuerySet, LogQuerySet, Record
from jcb.models import Partner, Person
from jcb.natural import NaturallyKeyed, keyed
from workstreams.models import Deliverable


class DecisionQuerySet(AuditedQuerySet):
    def visible_to(self, person) -> models.QuerySet:
        """Decisions on the items a person may see; those without an item are open unless they are restricted. One that began
        with a recommendation is seen with the item of that recommendation too."""
        if not access.signed_in(person):
            return self.none()
        open_ones = Q(item=None) if access.sees_restricted_items(person) else Q(item=None, restricted=False)
        items = AgendaItem.objects.visible_to(person)
        begun = Q(recommendation=None) | Q(recommendation__front_sheet__item__in=items)
        return self.filter((open_ones | Q(item__in=items)) & begun)


class Decision(NaturallyKeyed, Record):
    """A decision of the Board: at a meeting, between meetings, or recommended by one without a quorum."""

    class Basis(models.TextChoices):
        MEETING = "meeting", "At a meeting"
        INQUORATE = "inquorate", "Recommended by a meeting without a quorum"
        CHAIRS = "chairs", "Chairs’ action between meetings"
        CORRESPONDENCE = "correspondence", "By correspondence between meetings"

    class Ratification(models.TextChoices):
        NOT_NEEDED = "not needed", "Needs no ratifying"
        WAITING = "waiting", "Provisional until a meeting ratifies it"
        RATIFIED = "ratified", "Ratified"
        REFUSED = "refused", "Not ratified"

    BETWEEN_MEETINGS = (Basis.CHAIRS, Basis.CORRESPONDENCE)

    NATURAL_KEY = ("series", "number")
    series = models.CharField(max_length=7, editable=False, help_text="The month it was made in: 2020-09.")
    number = models.PositiveSmallIntegerField(editable=False)
    meeting = models.ForeignKey(Meeting, models.PROTECT, null=True, blank=True, related_name="decisions")
    item = models.ForeignKey(AgendaItem, models.PROTECT, null=True, blank=True, related_name="decisions")
    recommendation = models.ForeignKey(
        Recommendation, models.PROTECT, null=True, blank=True, related_name="decisions", help_text="Where it started."
    )
    restricted = models.BooleanField(
        default=False, help_text="Of a decision without an item: only members and the secretariat see it."
    )
    text = models.TextField("what was decided")
    basis = models.CharField(max_length=15, choices=Basis, default=Basis.MEETING)
    could_not_wait = models.TextField("why it could not wait", blank=True)
    decided_on = models.DateField()
    ratification = models.CharField(max_length=12, choices=Ratification, default=Ratification.NOT_NEEDED)
    ratified_at = models.ForeignKey(
        Meeting, models.PROTECT, null=True, blank=True, related_name="decisions_ratified", verbose_name="taken up at"
    )
    by = models.ForeignKey(Person, models.PROTECT, related_name="decisions_recorded")
    at = models.DateTimeField(default=dates.now)
    invented = models.BooleanField(default=False, editable=False)
    objects = keyed(DecisionQuerySet)

    class Meta:
        ordering = ["-decided_on", "series", "number"]
        constraints = [
            models.UniqueConstraint(fields=["series", "number"], name="one_decision_per_number"),
            models.CheckConstraint(
                condition=(Q(basis__in=["meeting", "inquorate"]) & Q(meeting__isnull=False))
                | (Q(basis__in=["chairs", "correspondence"]) & Q(meeting=None) & ~Q(could_not_wait="")),
                name="decided_at_a_meeting_or_could_not_wait",
                violation_error_message="Say at which meeting it was decided, or why it could not wait for one.",
            ),
            models.CheckConstraint(
                condition=(Q(basis="meeting") & Q(ratification="not needed"))
                | (~Q(basis="meeting") & ~Q(ratification="not needed")),
                name="other_decisions_are_ratified",
                violation_error_message="What was not decided by a meeting with a quorum is provisional until one ratifies it.",
            ),
            models.CheckConstraint(
                condition=(Q(ratification__in=["ratified", "refused"]) & Q(ratified_at__isnull=False))
                | (Q(ratification__in=["not needed", "waiting"]) & Q(ratified_at=None)),
                name="ratified_at_a_meeting",
                violation_error_message="Say which meeting took it up.",
            ),
        ]

    def __str__(self):
        return f"{self.ref}: {self.text[:80]}"

    @property
    def ref(self) -> str:
        """What it is called: "2020-09/D3"."""
        return f"{self.series}/D{self.number}"

    @property
    def is_provisional(self) -> bool:
        return self.ratification == self.Ratification.WAITING


class OfADecision(AuditedQuerySet):
    def visible_to(self, person) -> models.QuerySet:
        if not access.signed_in(person):
            return self.none()
        return self.filter(decision__in=Decision.objects.visible_to(person))


class Stance(NaturallyKeyed, Record):
    """What one party said of a decision; a reservation waits for the answer of the body it names."""

    class Kind(models.TextChoices):
        AGREES = "agrees", "Agrees"
        SUBJECT_TO = "subject to", "Agrees subject to"
        RESERVES = "reserves", "Reserves its position"
        DISAGREES = "does not agree", "Does not agree"
        ABSENT = "absent", "Absent"
        NOT_AFFECTED = "not affected", "Not affected"

    NATURAL_KEY = ("decision__series", "decision__number", "partner__key")
    decision = models.ForeignKey(Decision, models.PROTECT, related_name="stances")
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="stances")
    kind = models.CharField("position", max_length=15, choices=Kind)
    words = models.TextField("condition, reason or words used", blank=True)
    spoken_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="stances", help_text="Who spoke for the party."
    )
    parent_body = models.CharField("body it must be put to", max_length=150, blank=True)
    answer_due_on = models.DateField("answer expected", null=True, blank=True)
    key_decision = models.BooleanField("a key decision of that body", default=False)
    answer = models.TextField("the answer", blank=True)
    answered_on = models.DateField(null=True, blank=True)
    effective_on = models.DateField("takes effect", null=True, blank=True)
    objects = keyed(OfADecision)

    class Meta:
        ordering = ["decision", "partner__name"]
        constraints = [
            models.UniqueConstraint(fields=["decision", "partner"], name="one_stance_per_party"),
            models.CheckConstraint(
                condition=~Q(kind="subject to") | ~Q(words=""),
                name="a_condition_has_words",
                violation_error_message="Say what the agreement is subject to.",
            ),
            models.CheckConstraint(
                condition=~Q(kind="reserves") | (~Q(parent_body="") & Q(answer_due_on__isnull=False)),
                name="a_reservation_names_body_and_date",
                violation_error_message="A reservation names the body it is put to and the date its answer is expected.",
            ),
            models.CheckConstraint(
                condition=(Q(answer="") & Q(answered_on=None) & Q(effective_on=None))
                | (~Q(answer="") & Q(answered_on__isnull=False)),
                name="an_answer_has_words_and_a_date",
                violation_error_message="Give the answer and the date on which it came.",
            ),
        ]

    def __str__(self):
        return f"{self.partner}: {self.get_kind_display().lower()}"

    @property
    def waits_for_answer(self) -> bool:
        return self.kind == self.Kind.RESERVES and not self.answer


class DateChangeQuerySet(LogQuerySet):
    def visible_to(self, person) -> models.QuerySet:
        """A deliverable's dates are open; so is what they were before, though not the decision behind a restricted item."""
        return self.all() if access.signed_in(person) else self.none()


class DateChange(NaturallyKeyed, AppendOnly):
    """A decision gave a deliverable another agreed date. The first one is where the first change began."""

    NATURAL_KEY = (
        "decision__series",
        "decision__number",
        "deliverable__workstream__plan__slug",
        "deliverable__workstream__number",
        "deliverable__number",
    )
    decision = models.ForeignKey(Decision, models.PROTECT, related_name="date_changes")
    deliverable = models.ForeignKey(Deliverable, models.PROTECT, related_name="date_changes")
    before_on = models.DateField()
    after_on = models.DateField()
    by = models.ForeignKey(Person, models.PROTECT, related_name="date_changes_recorded")
    at = models.DateTimeField(default=dates.now)
    objects = keyed(DateChangeQuerySet)

    class Meta:
        ordering = ["deliverable", "at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["decision", "deliverable"],
                name="one_date_per_decision",
                violation_error_message="This decision has changed the date of this deliverable already.",
            ),
        ]

    def __str__(self):
        return f"{self.deliverable}: {dates.say_day(self.before_on)} to {dates.say_day(self.after_on)}"
