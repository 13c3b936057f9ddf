"""Disputes between partners, who stands for each of them, and the register of redress for families."""

import datetime as dt

from django.db import models
from django.db.models import F, Q

from governance.models.agenda import AgendaItem
from governance.models.decisions import Decision
from governance.models.ladders import Ladder, RedressRule, Rung
from jcb import access, dates
from jcb.history import AppendOnly, AuditedQuerySet, LogQuerySet, Record
from jcb.models import Document, Partner, Person, StoredFile
from jcb.natural import NaturallyKeyed, keyed


class DisputeQuerySet(AuditedQuerySet):
    def visible_to(self, person) -> models.QuerySet:
        """Disputes in which a person stands for a party, and for the secretariat all of them. Everyone else knows of a
        dispute no more than that it exists: see `known()`."""
        if not access.signed_in(person):
            return self.none()
        if access.is_secretariat(person):
            return self
        return self.filter(pk__in=Representation.objects.in_force(person, dates.today()).values("dispute"))

    def known(self):
        """How many are open, with nothing that says what they are about."""
        return self.filter(state=Dispute.State.OPEN)


class Dispute(NaturallyKeyed, Record):
    """A matter on which partners cannot agree, climbing the ladder that was in force, or chosen, when it was raised."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        RESOLVED = "settled", "Resolved"
        SUCCESSION = "succession", "Ended by succession"
        WITHDRAWN = "withdrawn", "Withdrawn"

    NATURAL_KEY = ("key",)
    key = models.SlugField(unique=True, help_text="Its reference and address: 2019-02.")
    subject = models.CharField(max_length=150)
    text = models.TextField("what it is about", blank=True)
    about = models.CharField("clause or decision it is about", max_length=200)
    decision = models.ForeignKey(Decision, models.PROTECT, null=True, blank=True, related_name="disputes")
    ladder = models.ForeignKey(Ladder, models.PROTECT, related_name="disputes")
    ladder_because = models.TextField("why this ladder", blank=True)
    rung = models.ForeignKey(Rung, models.PROTECT, related_name="disputes")
    raised_on = models.DateField()
    raised_by = models.ForeignKey(Person, models.PROTECT, related_name="disputes_raised")
    state = models.CharField(max_length=12, choices=State, default=State.OPEN)
    ended_on = models.DateField(null=True, blank=True)
    terms_of_resolution = models.TextField(blank=True)
    returned_as = models.ForeignKey(
        AgendaItem,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="disputes_returned",
        help_text="The agenda item by which its resolution comes back to the Board.",
    )
    invented = models.BooleanField(default=False, editable=False)
    objects = keyed(DisputeQuerySet)

    class Meta:
        ordering = ["-raised_on", "key"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(state="open") & Q(ended_on=None)) | (~Q(state="open") & Q(ended_on__isnull=False)),
                name="a_dispute_ends_on_a_day",
                violation_error_message="Say on which day it ended.",
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("raised_on")),
                name="a_dispute_ends_after_it_was_raised",
                violation_error_message="It cannot have ended before it was raised. Check both dates.",
            ),
            models.CheckConstraint(
                condition=~Q(state="settled") | ~Q(terms_of_resolution=""),
                name="a_resolution_has_terms",
                violation_error_message="Write down what was agreed.",
            ),
        ]

    def __str__(self):
        return f"{self.key}: {self.subject}"

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN


class OfADispute(AuditedQuerySet):
    def visible_to(self, person) -> models.QuerySet:
        if not access.signed_in(person):
            return self.none()
        return self.filter(dispute__in=Dispute.objects.visible_to(person))


class DisputeParty(NaturallyKeyed, Record):
    """A partner in a dispute, in the order in which they are named."""

    NATURAL_KEY = ("dispute__key", "partner__key")
    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="parties")
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="disputes")
    order = models.PositiveSmallIntegerField()
    objects = keyed(OfADispute)

    class Meta:
        verbose_name_plural = "dispute parties"
        ordering = ["dispute", "order"]
        constraints = [
            models.UniqueConstraint(fields=["dispute", "partner"], name="one_party_per_dispute"),
            models.UniqueConstraint(fields=["dispute", "order"], name="one_party_per_place"),
        ]

    def __str__(self):
        return f"{self.partner} in {self.dispute.key}"


class RepresentationQuerySet(OfADispute):
    def in_force(self, person: Person, on: dt.date):
        """The parties that a person stands for on a day."""
        return self.filter(Q(until_on=None) | Q(until_on__gte=on), person=person, from_on__lte=on)


class Representation(NaturallyKeyed, Record):
    """A person stands for a party of a dispute over dates. This, and not employer, seat or role, opens its papers."""

    NATURAL_KEY = ("dispute__key", "person__email")
    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="representations")
    party = models.ForeignKey(DisputeParty, models.PROTECT, related_name="representations")
    person = models.ForeignKey(Person, models.PROTECT, related_name="representations")
    from_on = models.DateField("from")
    until_on = models.DateField("until", null=True, blank=True)
    named_by = models.ForeignKey(Person, models.PROTECT, related_name="representations_named")
    objects = keyed(RepresentationQuerySet)

    class Meta:
        ordering = ["party", "from_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["dispute", "person"],
                name="one_party_per_representative",
                violation_error_message="This person stands for a party of this dispute already. Choose somebody else.",
            ),
            models.CheckConstraint(
                condition=Q(until_on=None) | Q(until_on__gte=F("from_on")),
                name="representation_ends_after_it_starts",
                violation_error_message="The last day cannot be before the first. Check both dates.",
            ),
        ]

    def __str__(self):
        return f"{self.person} for {self.party}"


class OfADisputeLog(LogQuerySet):
    def visible_to(self, person) -> models.QuerySet:
        if not access.signed_in(person):
            return self.none()
        return self.filter(dispute__in=Dispute.objects.visible_to(person))


class DisputeEvent(NaturallyKeyed, AppendOnly):
    """Something that happened in a dispute, with the date that followed from it under the rule of that day."""

    class Kind(models.TextChoices):
        RAISED = "raised", "Raised"
        REFERRAL = "referral", "Referred to the next rung"
        EXTENSION = "extension", "Period extended by all parties"
        PROCEDURE = "procedure", "Mediator’s procedure noted"
        STATEMENT_PERIOD = "statement_period", "Another period for statements agreed"
        STARTS = "mediation_starts", "Mediation starts"
        CONCLUDED = "mediation_concluded", "Mediation concluded"
        FAILED = "mediation_failed", "Mediation failed"
        REPORT = "report", "Mediator’s report received"
        FEE = "fee", "Mediator’s fee shared"
        EXCHANGE = "exchange", "Ready to exchange statements"
        PROCEEDINGS = "proceedings", "Proceedings issued"
        RELIEF = "relief", "Interim relief asked for"
        RESOLVED = "settled", "Resolved"
        SUCCESSION = "succession", "Ended by succession"
        WITHDRAWN = "withdrawn", "Withdrawn"

    class Mark(models.TextChoices):
        NONE = "", ""
        EARLY = "early", "Early"
        LATE = "late", "Late"

    NATURAL_KEY = ("dispute__key", "number")
    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="events")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=20, choices=Kind)
    rung = models.ForeignKey(Rung, models.PROTECT, related_name="events")
    on = models.DateField("date")
    open_from = models.DateField(
        null=True, blank=True, help_text="Of a referral: the first day on which the rung was open."
    )
    due_on = models.DateField(null=True, blank=True, help_text="The date that followed from it, as reckoned then.")
    days = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Of a period that the mediator agreed.")
    rule = models.JSONField(default=dict, help_text="The rule it was reckoned by.")
    mark = models.CharField(max_length=5, choices=Mark, blank=True)
    text = models.TextField(blank=True)
    party = models.ForeignKey(DisputeParty, models.PROTECT, null=True, blank=True, related_name="events")
    by = models.ForeignKey(Person, models.PROTECT, related_name="dispute_events")
    at = models.DateTimeField(default=dates.now)
    objects = keyed(OfADisputeLog)

    class Meta:
        ordering = ["dispute", "number"]
        constraints = [
            models.UniqueConstraint(fields=["dispute", "number"], name="one_event_per_number"),
            models.UniqueConstraint(
                fields=["dispute", "rung"], condition=Q(kind="referral"), name="one_referral_per_rung"
            ),
            models.CheckConstraint(
                condition=~Q(kind="referral") | Q(open_from=None) | Q(on__gte=F("open_from")),
                name="no_referral_before_the_rung_is_open",
                violation_error_message="This rung is not open yet. Wait for the day from which it is.",
            ),
        ]

    def __str__(self):
        return f"{self.dispute.key}: {self.get_kind_display().lower()}, {dates.say_day(self.on)}"


class Extension(NaturallyKeyed, AppendOnly):
    """One party proposes a later last day for a rung. It takes effect once every party has confirmed it."""

    NATURAL_KEY = ("dispute__key", "number")
    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="extensions")
    number = models.PositiveSmallIntegerField()
    rung = models.ForeignKey(Rung, models.PROTECT, related_name="extensions")
    period_ends_on = models.DateField(help_text="The last day without it.")
    last_day = models.DateField()
    party = models.ForeignKey(DisputeParty, models.PROTECT, related_name="extensions_proposed")
    by = models.ForeignKey(Person, models.PROTECT, related_name="extensions_proposed")
    at = models.DateTimeField(default=dates.now)
    objects = keyed(OfADisputeLog)

    class Meta:
        ordering = ["dispute", "number"]
        constraints = [
            models.UniqueConstraint(fields=["dispute", "number"], name="one_extension_per_number"),
            models.CheckConstraint(
                condition=Q(last_day__gt=F("period_ends_on")),
                name="an_extension_is_longer",
                violation_error_message="An extension ends later than the period does without it. Choose a later day.",
            ),
        ]

    def __str__(self):
        return f"{self.dispute.key}: until {dates.say_day(self.last_day)}"


class OfAnExtension(LogQuerySet):
    def visible_to(self, person) -> models.QuerySet:
        if not access.signed_in(person):
            return self.none()
        return self.filter(extension__dispute__in=Dispute.objects.visible_to(person))


class Confirmation(NaturallyKeyed, AppendOnly):
    """A party says yes to the very day that was proposed, each through a person of its own."""

    NATURAL_KEY = ("extension__dispute__key", "extension__number", "party__partner__key")
    extension = models.ForeignKey(Extension, models.PROTECT, related_name="confirmations")
    party = models.ForeignKey(DisputeParty, models.PROTECT, related_name="confirmations")
    by = models.ForeignKey(Person, models.PROTECT, related_name="confirmations")
    at = models.DateTimeField(default=dates.now)
    objects = keyed(OfAnExtension)

    class Meta:
        ordering = ["extension", "at"]
        constraints = [
            models.UniqueConstraint(fields=["extension", "party"], name="one_confirmation_per_party"),
            models.UniqueConstraint(
                fields=["extension", "by"],
                name="one_confirmation_per_person",
                violation_error_message="Each party confirms through a person of its own.",
            ),
        ]

    def __str__(self):
        return f"{self.party} confirms {self.extension}"


class CaseStatementQuerySet(AuditedQuerySet):
    def visible_to(self, person) -> models.QuerySet:
        """A party's own statement for those who stand for it; once released, for all who may see the dispute."""
        if not access.signed_in(person):
            return self.none()
        own = Representation.objects.in_force(person, dates.today()).values("party")
        released = Q(released_at__isnull=False, party__dispute__in=Dispute.objects.visible_to(person))
        return self.filter(Q(party__in=own) | released)


class CaseStatement(Record):
    """A party's written statement of its case to the mediator, sealed until that party releases it."""

    party = models.ForeignKey(DisputeParty, models.PROTECT, related_name="statements")
    number = models.PositiveSmallIntegerField()
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="case_statements")
    file_name = models.CharField(max_length=150)
    filed_on = models.DateField()
    due_on = models.DateField(null=True, blank=True)
    by = models.ForeignKey(Person, models.PROTECT, related_name="case_statements")
    at = models.DateTimeField(default=dates.now)
    released_at = models.DateTimeField(null=True, blank=True)
    released_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="case_statements_released"
    )
    objects = CaseStatementQuerySet.as_manager()

    class Meta:
        ordering = ["party", "number"]
        constraints = [
            models.UniqueConstraint(fields=["party", "number"], name="one_statement_per_number"),
            models.CheckConstraint(
                condition=Q(released_at=None, released_by=None)
                | Q(released_at__isnull=False, released_by__isnull=False),
                name="released_by_someone_at_some_time",
                violation_error_message="Say who released the statement and when, or neither.",
            ),
        ]

    def __str__(self):
        return f"Statement {self.number} of {self.party}"

    @property
    def is_late(self) -> bool:
        return bool(self.due_on and self.filed_on > self.due_on)


class RedressCaseQuerySet(AuditedQuerySet):
    def visible_to(self, person) -> models.QuerySet:
        """The register is the secretariat's and the Board's members'; others see counts."""
        if not access.signed_in(person):
            return self.none()
        return self if access.sees_restricted_items(person) else self.none()


class RedressCase(NaturallyKeyed, Record):
    """A case of redress for a family, by reference only: never a name, and nothing that could identify a child."""

    class Kind(models.TextChoices):
        DISAGREEMENT = "disagreement", "Disagreement resolution"
        MEDIATION = "mediation", "Mediation"
        TRIBUNAL = "tribunal", "Tribunal recommendation"

    class Accepted(models.TextChoices):
        NOT_YET = "", "Not decided yet"
        YES = "yes", "Accepted"
        IN_PART = "in part", "Accepted in part"
        NO = "no", "Not accepted"

    NATURAL_KEY = ("reference",)
    reference = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=15, choices=Kind)
    rule = models.ForeignKey(RedressRule, models.PROTECT, null=True, blank=True, related_name="cases")
    partner = models.ForeignKey(
        Partner, models.PROTECT, null=True, blank=True, related_name="redress_cases", verbose_name="commissioner"
    )
    opened_on = models.DateField()
    decided_on = models.DateField("decision or recommendation of", null=True, blank=True)
    accepted = models.CharField(max_length=10, choices=Accepted, blank=True)
    reply_due_on = models.DateField("written reply due", null=True, blank=True)
    replied_on = models.DateField("written reply sent", null=True, blank=True)
    letter = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="redress_letters")
    copied_to_tribunal_on = models.DateField(null=True, blank=True)
    copied_to_evaluator_on = models.DateField(null=True, blank=True)
    closed_on = models.DateField(null=True, blank=True)
    lesson = models.TextField("what the Board should learn", blank=True)
    invented = models.BooleanField(default=False, editable=False)
    objects = keyed(RedressCaseQuerySet)

    class Meta:
        ordering = ["-opened_on", "reference"]
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_on=None) | Q(decided_on__gte=F("opened_on")),
                name="decided_after_it_was_opened",
                violation_error_message="The decision cannot be earlier than the case. Check both dates.",
            ),
            models.CheckConstraint(
                condition=Q(reply_due_on=None) | Q(decided_on__isnull=False),
                name="a_reply_follows_a_decision",
                violation_error_message="Give the date of the decision that the reply answers.",
            ),
        ]

    def __str__(self):
        return f"{self.reference}, {self.get_kind_display().lower()}"
