"""Where the golden thread is broken. A gap is a question for the Board, not a fault."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Exists, Max, OuterRef, Q
from django.urls import reverse

from jcb import dates
from needs.models import Finding, Indicator, Observation, Statement
from workstreams.models import Consideration, Deliverable, Measure, Plan, Theme, Thread, Workstream

A_YEAR = dt.timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is missing: what it is, where it stands, and its page."""

    words: str
    where: str
    url: str


@dataclass(frozen=True, slots=True)
class Gap:
    """A kind of gap with everything in it; `what` for one and for several."""

    key: str
    one: str
    many: str
    items: tuple[Item, ...]

    @property
    def what(self) -> str:
        return self.one if len(self.items) == 1 else self.many


def gaps(plans: list[Plan], day: dt.date) -> list[Gap]:
    """Every kind of gap in some plans and in what is known, as at a day. Its queries do not grow with the records."""
    return [
        Gap(
            "needs",
            "Need that no deliverable answers",
            "Needs that no deliverable answers",
            (*_findings(plans), *_statements(plans)),
        ),
        Gap(
            "unexplained",
            "Deliverable that no need explains",
            "Deliverables that no need explains",
            _deliverables(plans, ~Exists(Thread.objects.filter(deliverable=OuterRef("pk")))),
        ),
        Gap(
            "owners",
            "Deliverable without an owner",
            "Deliverables without an owner",
            _deliverables(plans, Q(lead=None)),
        ),
        Gap(
            "unmeasured",
            "Deliverable without an indicator",
            "Deliverables without an indicator",
            _deliverables(plans, ~Exists(Measure.objects.filter(deliverable=OuterRef("pk")))),
        ),
        Gap("replies", "Statement without a reply", "Statements without a reply", _without_reply()),
        Gap(
            "themes",
            "Workstream and theme not yet considered together",
            "Workstreams and themes not yet considered together",
            _not_considered(plans),
        ),
        Gap(
            "old",
            "Indicator without a figure of the last year",
            "Indicators without a figure of the last year",
            _not_updated(day),
        ),
    ]


def headline(found: list[Gap]) -> str:
    """The two largest gaps in a sentence."""
    largest = sorted((gap for gap in found if gap.items), key=lambda gap: -len(gap.items))[:2]
    said = [f"{len(gap.items)} {gap.what[0].lower()}{gap.what[1:]}" for gap in largest]
    return f"{'; '.join(said)}." if said else "The thread has no gap."


def _findings(plans: list[Plan]) -> tuple[Item, ...]:
    """Findings of the plans' boroughs: each leads to the plan of its own."""
    answered = Thread.objects.filter(finding=OuterRef("pk"), deliverable__workstream__plan__in=plans)
    rows = Finding.objects.filter(~Exists(answered), theme__area__in=[plan.area_id for plan in plans])
    url = reverse("governance:findings")
    return tuple(
        Item(
            row.text,
            f"Needs assessment of {row.found_in}, {row.theme.area}",
            f"{url}#f{row.theme.area.key}-{row.theme.number}-{row.number}",
        )
        for row in rows.select_related("theme__area").order_by("theme__area__name", "theme__number", "number")
    )


def _statements(plans: list[Plan]) -> tuple[Item, ...]:
    answered = Thread.objects.filter(statement=OuterRef("pk"), deliverable__workstream__plan__in=plans)
    return _statement_items(Statement.objects.filter(~Exists(answered)))


def _without_reply() -> tuple[Item, ...]:
    return _statement_items(Statement.objects.filter(responses=None))


def _statement_items(rows) -> tuple[Item, ...]:
    url = reverse("governance:said")
    return tuple(
        Item(
            row.text,
            f"Parents and carers, {row.get_setting_display().lower()}, "
            + " and ".join(sorted(place.area.name for place in row.areas.all())),
            f"{url}#s{row.number}",
        )
        for row in rows.prefetch_related("areas__area").order_by("number")
    )


def _deliverables(plans: list[Plan], missing: Q) -> tuple[Item, ...]:
    rows = Deliverable.objects.filter(missing, workstream__plan__in=plans).select_related("workstream__plan__area")
    return tuple(
        Item(
            f"{row.reference} {row.short_title}",
            str(row.workstream.plan.area),
            reverse("workstreams:deliverable", args=[row.workstream.plan.slug, row.workstream.number, row.number]),
        )
        for row in rows.order_by("workstream__plan__area__name", "workstream__number", "number")
    )


def _not_considered(plans: list[Plan]) -> tuple[Item, ...]:
    considered = set(Consideration.objects.filter(workstream__plan__in=plans).values_list("workstream_id", "theme_id"))
    streams = list(Workstream.objects.filter(plan__in=plans).select_related("plan__area").order_by("plan", "number"))
    themes = list(Theme.objects.filter(plan__in=plans).order_by("order"))
    return tuple(
        Item(
            f"{stream.number}. {stream.short_name} with {theme.short_name}",
            str(stream.plan.area),
            reverse("workstreams:themes", args=[stream.plan.slug]),
        )
        for stream in streams
        for theme in themes
        if theme.plan_id == stream.plan_id and (stream.pk, theme.pk) not in considered
    )


def _not_updated(day: dt.date) -> tuple[Item, ...]:
    """Indicators whose latest counted figure is of a year ago or more, and those that never had one."""
    latest = (
        Observation.objects.filter(definition__indicator=OuterRef("pk"), is_projection=False)
        .values("definition__indicator")
        .annotate(last=Max("period_end"))
        .values("last")
    )
    rows = Indicator.objects.annotate(last=latest).filter(Q(last=None) | Q(last__lt=day - A_YEAR))
    return tuple(
        Item(
            row.name,
            f"Latest figure: {dates.say_month(row.last)}" if row.last else "No figure yet",
            reverse("needs:indicator", args=[row.key]),
        )
        for row in rows.order_by("order", "name")
    )
