"""What the pages of risks, and the highlight report, show of them."""

from collections.abc import Iterable
from dataclasses import dataclass

import django_filters as filters
from django import forms

from governance.models import Risk, RiskScore
from jcb import dates
from jcb.models import Person

HIGH, MEDIUM = 15, 8  # of 25: from which score a risk counts as high, and as medium
RISING, FALLING, STEADY, NEW = "rising", "falling", "steady", "new"


@dataclass(frozen=True, slots=True)
class Line:
    """A risk in a list: "16 of 25, high, rising"."""

    risk: Risk
    ref: str
    kind: str
    score: int
    level: str
    trend: str
    owner: str
    escalated: str
    scored: str

    @property
    def words(self) -> str:
        return f"{self.score} of 25, {self.level}, {self.trend}"


class RiskFilter(filters.FilterSet):
    """The register's filters, in the address."""

    kind = filters.ChoiceFilter(choices=Risk.Kind.choices, label="Kind", empty_label="All")
    plan = filters.CharFilter(field_name="workstream__plan__slug", label="Plan", max_length=60)
    state = filters.ChoiceFilter(
        choices=[("all", "All, closed ones too"), ("closed", "Closed")], method="by_state", label="How it stands", empty_label="Open"
    )  # fmt: skip

    class Meta:
        model = Risk
        fields: list[str] = []

    def __init__(self, data, *, queryset, request):
        super().__init__(data, queryset=queryset, request=request)
        plans = queryset.order_by("workstream__plan__slug").values_list(
            "workstream__plan__slug", "workstream__plan__area__name"
        )
        self.filters["plan"] = filters.ChoiceFilter(
            field_name="workstream__plan__slug", choices=list(dict.fromkeys(plans)), label="Plan", empty_label="All"
        )
        for field in self.form.fields.values():
            field.widget.attrs["class"] = "govuk-select" if isinstance(field.widget, forms.Select) else "govuk-input"

    @property
    def qs(self):
        rows = super().qs
        asked = self.form.cleaned_data.get("state") if self.form.is_bound and self.form.is_valid() else ""
        return rows if asked else rows.filter(state=Risk.State.OPEN)

    def by_state(self, rows, name, value):
        return rows if value == "all" else rows.filter(state=Risk.State.CLOSED)


def visible(person: Person):
    """The risks a person may see, with what a list shows of them."""
    rows = Risk.objects.visible_to(person).select_related("workstream__plan__area", "owner")
    return rows.prefetch_related("scores__by")


def lines(rows: Iterable[Risk]) -> list[Line]:
    """The rows as lines, the worst first."""
    return sorted(
        (line(row) for row in rows), key=lambda each: (-each.score, each.risk.workstream_id, each.risk.number)
    )


def line(row: Risk) -> Line:
    scores = list(row.scores.all())
    now = scores[0].score if scores else 0
    escalated = ""
    if row.escalated_to:
        escalated = f"Escalated to {row.escalated_to} on {dates.say_day(row.escalated_on)}"
        escalated += f"; answered on {dates.say_day(row.answered_on)}" if row.answered_on else "; no answer yet"
    return Line(
        risk=row,
        ref=row.ref,
        kind=row.get_kind_display(),
        score=now,
        level=level(now),
        trend=trend(scores),
        owner=row.owner.name if row.owner else "No owner yet",
        escalated=escalated,
        scored=dates.say_day(scores[0].at) if scores else "",
    )


def level(score: int) -> str:
    """ "High", "medium" or "low", of a score from 1 to 25."""
    return "high" if score >= HIGH else "medium" if score >= MEDIUM else "low"


def trend(scores: list[RiskScore]) -> str:
    """How the last score compares with the one before it; the latest comes first."""
    if len(scores) < 2:
        return NEW
    now, before = scores[0].score, scores[1].score
    return RISING if now > before else FALLING if now < before else STEADY


CSV_HEADER = [
    "Number", "Plan", "Workstream", "Kind", "Risk", "Cause and effect", "Score", "Level", "Trend", "Owner", "Mitigation",
    "Escalated", "Answer", "State",
]  # fmt: skip


def csv_row(each: Line) -> list:
    row = each.risk
    return [
        each.ref, row.workstream.plan.slug, row.workstream.name, each.kind, row.title, row.text, each.score, each.level,
        each.trend, each.owner, row.mitigation, each.escalated, row.answer, row.get_state_display(),
    ]  # fmt: skip
