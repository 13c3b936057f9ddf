"""The steps that a dispute climbs, and the routes of redress for families."""

from django.db import models

from governance.models.terms import Terms
from jcb.access import OpenToMembers
from jcb.history import Record
from jcb.models import Area
from jcb.natural import NaturallyKeyed, keyed


class Ladder(NaturallyKeyed, Record):
    """A version of the steps that a dispute climbs."""

    NATURAL_KEY = ("key",)
    key = models.SlugField(unique=True)
    title = models.CharField(max_length=150)
    in_force_from = models.DateField()
    stands_in = models.CharField(max_length=200, help_text="The clause it comes from.")
    terms = models.ForeignKey(Terms, models.PROTECT, null=True, blank=True, related_name="ladders")
    note = models.TextField(blank=True)
    objects = keyed(OpenToMembers)

    def __str__(self):
        return self.title


class Rung(NaturallyKeyed, Record):
    """A step of a ladder: who tries to settle it, and within how many days, where the clause says."""

    NATURAL_KEY = ("ladder__key", "order")
    ladder = models.ForeignKey(Ladder, models.PROTECT, related_name="rungs")
    order = models.PositiveSmallIntegerField()
    key = models.SlugField()
    name = models.CharField(max_length=60)
    who = models.CharField(max_length=250)
    text = models.TextField(help_text="What the clause asks for, in plain words.")
    days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="The period in calendar days; empty where none is stated."
    )
    days_from = models.CharField(max_length=150, blank=True, help_text="The event the days run from.")
    statement_days = models.PositiveSmallIntegerField(null=True, blank=True)
    report_days = models.PositiveSmallIntegerField(null=True, blank=True)
    may_extend = models.BooleanField(default=False)
    objects = keyed(OpenToMembers)

    class Meta:
        ordering = ["ladder", "order"]
        constraints = [models.UniqueConstraint(fields=["ladder", "order"], name="one_rung_per_place")]

    def __str__(self):
        return f"{self.order}. {self.name}"


class RedressRule(NaturallyKeyed, Record):
    """A route of redress for families, apart from disputes between partners: who, when, and within how long."""

    NATURAL_KEY = ("key",)
    key = models.SlugField(unique=True)
    order = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=150)
    text = models.TextField()
    provider = models.CharField(max_length=150, blank=True)
    period_weeks = models.PositiveSmallIntegerField(null=True, blank=True)
    copied_to = models.CharField(max_length=200, blank=True)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="redress_rules")
    objects = keyed(OpenToMembers)

    class Meta:
        ordering = ["order"]

    def __str__(self):
        return self.title
