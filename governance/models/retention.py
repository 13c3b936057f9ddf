"""Decisions on records that are past the period for which they are kept."""

from django.db import models
from django.db.models import F, Q

from jcb import access, dates
from jcb.history import AppendOnly, LogQuerySet
from jcb.models import Person
from jcb.natural import NaturallyKeyed, keyed


class AppraisalQuerySet(LogQuerySet):
    """Read by those who decide what becomes of old records."""

    def visible_to(self, person) -> models.QuerySet:
        return self.all() if access.may_appraise(person) else self.none()


class Appraisal(NaturallyKeyed, AppendOnly):
    """That somebody looked at records past their period, and decided to keep them longer or to dispose of them. It is about
    those of one kind whose period began on the days from `first_on` to `last_on`; the latest decision on a day counts."""

    class Decision(models.TextChoices):
        KEEP = "keep", "Keep until a day"
        DISPOSE = "dispose", "Dispose of"

    NATURAL_KEY = ("number",)
    number = models.PositiveIntegerField(unique=True)
    kind = models.CharField(max_length=30)
    first_on = models.DateField("from")
    last_on = models.DateField("to")
    decision = models.CharField(max_length=7, choices=Decision)
    keep_until = models.DateField("keep until", null=True, blank=True)
    because = models.TextField("why")
    by = models.ForeignKey(Person, models.PROTECT, related_name="appraisals")
    at = models.DateTimeField(default=dates.now)
    objects = keyed(AppraisalQuerySet)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_on__gte=F("first_on")),
                name="appraised_from_a_day_to_a_later_one",
                violation_error_message="The last day cannot be before the first. Check both dates.",
            ),
            models.CheckConstraint(
                condition=(Q(decision="keep") & Q(keep_until__isnull=False))
                | (Q(decision="dispose") & Q(keep_until=None)),
                name="what_is_kept_is_kept_until_a_day",
                violation_error_message="Give the day until which they are kept, or decide to dispose of them.",
            ),
        ]

    def __str__(self):
        return f"{self.kind}, {dates.say_day(self.first_on)} to {dates.say_day(self.last_on)}: {self.decision}"
