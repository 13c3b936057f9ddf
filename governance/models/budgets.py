"""Agreements to align or pool budgets: between whom, on what basis, and what each year was to cost, is expected to and did."""

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from jcb import dates
from jcb.access import OpenLog, OpenToMembers
from jcb.history import AppendOnly, Record
from jcb.models import Partner, Person
from jcb.natural import NaturallyKeyed, keyed
from workstreams.models import Workstream

NOT_NEGATIVE = [MinValueValidator(Decimal(0), "Give an amount that is not less than nothing.")]
PER_CENT = [MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(100))]
POUNDS = {"max_digits": 12, "decimal_places": 2, "validators": NOT_NEGATIVE}
FIRST_YEAR, LAST_YEAR = 2000, 2100


class Agreement(NaturallyKeyed, Record):
    """Partners agree to pool money, to line up their budgets, or that one of them buys or pays for another."""

    class Kind(models.TextChoices):
        POOLED = "pooled", "Pooled budget"
        LEAD = "lead", "Lead commissioning"
        ALIGNED = "aligned", "Aligned budgets"
        TO_COUNCIL = "to council", "Grant from the NHS to a council"
        TO_NHS = "to nhs", "Grant from a council to the NHS"

    class Basis(models.TextChoices):
        S75 = "s75", "Section 75, National Health Service Act 2006"
        S256 = "s256", "Section 256, National Health Service Act 2006"
        S76 = "s76", "Section 76, National Health Service Act 2006"
        S10 = "s10", "Section 10, Children Act 2004"
        S26 = "s26", "Section 26, Children and Families Act 2014"
        NONE = "none", "No statute: a memorandum of understanding"

    class Status(models.TextChoices):
        PROPOSED = "proposed", "Proposed"
        AGREED = "agreed", "Agreed"
        IN_FORCE = "in force", "In force"
        REVIEW = "under review", "Under review"
        ENDED = "ended", "Ended"

    # What each kind may rest on; the first is the usual one.
    BASES = {
        Kind.POOLED: (Basis.S75, Basis.S10),
        Kind.LEAD: (Basis.S75,),
        Kind.ALIGNED: (Basis.S26, Basis.S10, Basis.NONE),
        Kind.TO_COUNCIL: (Basis.S256,),
        Kind.TO_NHS: (Basis.S76,),
    }
    HOSTED = (Kind.POOLED, Kind.LEAD)  # one partner holds the money for all
    BOTH_SIDES = (Basis.S75, Basis.S256, Basis.S76)  # these powers join a council and an NHS body
    NEXT = {
        Status.PROPOSED: (Status.AGREED, Status.IN_FORCE, Status.ENDED),
        Status.AGREED: (Status.IN_FORCE, Status.PROPOSED, Status.ENDED),
        Status.IN_FORCE: (Status.REVIEW, Status.ENDED),
        Status.REVIEW: (Status.IN_FORCE, Status.ENDED),
        Status.ENDED: (),
    }

    NATURAL_KEY = ("number",)
    number = models.PositiveSmallIntegerField(unique=True, editable=False)
    title = models.CharField(max_length=150)
    about = models.TextField("what it pays for", blank=True)
    kind = models.CharField(max_length=10, choices=Kind)
    basis = models.CharField("legal basis", max_length=4, choices=Basis)
    workstream = models.ForeignKey(Workstream, models.PROTECT, null=True, blank=True, related_name="agreements")
    host = models.ForeignKey(Partner, models.PROTECT, null=True, blank=True, related_name="agreements_hosted")
    risk_share = models.TextField("who bears an overspend, and who keeps an underspend", blank=True)
    reporting_body = models.CharField("body it is reported to", max_length=150, blank=True)
    starts_on = models.DateField("starts")
    ends_on = models.DateField("last day", null=True, blank=True)
    review_on = models.DateField("review due", null=True, blank=True)
    status = models.CharField(max_length=12, choices=Status, default=Status.PROPOSED)
    ended_because = models.TextField("why it ended", blank=True)
    invented = models.BooleanField(default=False, editable=False)
    objects = keyed(OpenToMembers)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")) | Q(status="ended"),  # given up before
                name="agreement_ends_after_it_starts",
                violation_error_message="The last day cannot be before the first. Check both dates.",
            ),
            models.CheckConstraint(
                condition=~Q(status="ended") | Q(ends_on__isnull=False),
                name="an_ended_agreement_has_a_last_day",
                violation_error_message="Say on which day it ended.",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["pooled", "lead"]) | Q(host__isnull=False),
                name="pooled_money_has_a_host",
                violation_error_message="Choose the host: one of the partners holds the money for all.",
            ),
            models.CheckConstraint(
                condition=Q(kind="pooled", basis__in=["s75", "s10"])
                | Q(kind="lead", basis="s75")
                | Q(kind="aligned", basis__in=["s26", "s10", "none"])
                | Q(kind="to council", basis="s256")
                | Q(kind="to nhs", basis="s76"),
                name="agreement_rests_on_a_power_for_it",
                violation_error_message="This kind of agreement does not rest on that power. Change one of them.",
            ),
        ]

    def __str__(self):
        return self.title

    @property
    def ref(self) -> str:
        """What it is called in papers: "B3"."""
        return f"B{self.number}"

    @property
    def is_running(self) -> bool:
        """Whether it still has to be reviewed and reported: not merely proposed, and not ended."""
        return self.status not in {self.Status.PROPOSED, self.Status.ENDED}

    def can_become(self, status: str) -> bool:
        return status == self.status or self.Status(status) in self.NEXT[self.Status(self.status)]


class AgreementParty(NaturallyKeyed, Record):
    """A partner in an agreement, in the order in which they are named, with its share of the risk where one is agreed."""

    NATURAL_KEY = ("agreement__number", "partner__key")
    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="parties")
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="agreements")
    order = models.PositiveSmallIntegerField()
    percent = models.DecimalField(
        "share of the risk, %", max_digits=5, decimal_places=2, null=True, blank=True, validators=PER_CENT
    )
    objects = keyed(OpenToMembers)

    class Meta:
        verbose_name_plural = "agreement parties"
        ordering = ["agreement", "order"]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "partner"], name="one_place_per_partner_of_an_agreement"),
            models.UniqueConstraint(fields=["agreement", "order"], name="one_partner_per_place_of_an_agreement"),
            models.CheckConstraint(
                condition=Q(percent=None) | Q(percent__range=(0, 100)),
                name="risk_is_shared_in_per_cent",
                violation_error_message="Give a share from 0 to 100 per cent.",
            ),
        ]

    def __str__(self):
        return f"{self.partner} in {self.agreement.ref}"


class AgreementYear(NaturallyKeyed, Record):
    """What an agreement was to cost in a financial year, what it is expected to, and what it did: a statement, no ledger."""

    NATURAL_KEY = ("agreement__number", "year")
    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="years")
    year = models.PositiveSmallIntegerField(
        "financial year begins in", validators=[MinValueValidator(FIRST_YEAR), MaxValueValidator(LAST_YEAR)]
    )
    agreed = models.DecimalField(**POUNDS)
    forecast = models.DecimalField(null=True, blank=True, **POUNDS)
    actual = models.DecimalField(null=True, blank=True, **POUNDS)
    note = models.TextField(blank=True)
    objects = keyed(OpenToMembers)

    class Meta:
        ordering = ["agreement", "year"]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "year"], name="one_row_per_year_of_an_agreement"),
            models.CheckConstraint(
                condition=Q(agreed__gte=0)
                & (Q(forecast=None) | Q(forecast__gte=0))
                & (Q(actual=None) | Q(actual__gte=0)),
                name="budgets_are_not_negative",
                violation_error_message="Give amounts that are not less than nothing.",
            ),
        ]

    def __str__(self):
        return f"{self.agreement.ref}, {self.said}"

    @property
    def said(self) -> str:
        """ "2019/20"."""
        return dates.say_financial_year(self.year)

    @property
    def variance(self) -> Decimal | None:
        """What it cost, or else is expected to, less what was agreed; None where neither is known. Never typed."""
        comes_to = self.forecast if self.actual is None else self.actual
        return None if comes_to is None else comes_to - self.agreed


class Contribution(NaturallyKeyed, Record):
    """What one party pays in a year. Those of a year add up to what was agreed, to the penny."""

    NATURAL_KEY = ("year__agreement__number", "year__year", "party__partner__key")
    year = models.ForeignKey(AgreementYear, models.PROTECT, related_name="contributions")
    party = models.ForeignKey(AgreementParty, models.PROTECT, related_name="contributions")
    amount = models.DecimalField(**POUNDS)
    objects = keyed(OpenToMembers)

    class Meta:
        ordering = ["year", "party__order"]
        constraints = [
            models.UniqueConstraint(fields=["year", "party"], name="one_contribution_per_party_and_year"),
            models.CheckConstraint(
                condition=Q(amount__gte=0),
                name="contributions_are_not_negative",
                violation_error_message="Give an amount that is not less than nothing.",
            ),
        ]

    def __str__(self):
        return f"{self.party}, {self.year.said}"


class AgreementReview(NaturallyKeyed, AppendOnly):
    """A review of an agreement: what came of it, and when the next one is due."""

    NATURAL_KEY = ("agreement__number", "number")
    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="reviews")
    number = models.PositiveSmallIntegerField()
    on = models.DateField("reviewed on")
    outcome = models.TextField()
    next_on = models.DateField("next review due", null=True, blank=True)
    by = models.ForeignKey(Person, models.PROTECT, related_name="agreement_reviews")
    at = models.DateTimeField(default=dates.now)
    objects = keyed(OpenLog)

    class Meta:
        ordering = ["agreement", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "number"], name="one_review_per_number"),
            models.CheckConstraint(
                condition=Q(next_on=None) | Q(next_on__gt=F("on")),
                name="the_next_review_comes_later",
                violation_error_message="The next review comes after this one. Choose a later day.",
            ),
        ]

    def __str__(self):
        return f"{self.agreement.ref}, reviewed on {dates.say_day(self.on)}"
