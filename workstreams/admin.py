"""The reference records' screens for the programme: who owns what, themes, strategies, services, the key of statuses.

Progress is logged on a deliverable's own page, never here.
"""

import uuid

from django.contrib import admin

from jcb import dates
from jcb.reference import NEEDS, PROGRAMME, Gaps, RecordAdmin, RecordInline
from workstreams.models import (
    Alias,
    Deliverable,
    Lead,
    Measure,
    Milestone,
    Plan,
    Service,
    StatusDefinition,
    Strategy,
    Theme,
    Thread,
    Workstream,
)

IN_ORDER = {"order": "Its place in the list; no two have the same. To swap two, give one a free number first."}


class PlanFilter(admin.RelatedFieldListFilter):
    """By plan, naming each with its borough in one query."""

    def field_choices(self, field, request, model_admin):
        plans = Plan.objects.visible_to(request.user).select_related("area")
        return [(plan.pk, str(plan)) for plan in plans]


class LeadInline(RecordInline):
    model = Lead
    fields = ["person", "side", "from_on", "until_on"]
    autocomplete_fields = ["person"]
    may_delete = True
    verbose_name_plural = "Leads: one for the council, one for the NHS"
    helps = {
        "until_on": "Empty while they hold it. When a lead changes, end this row and add one, so that the past stays."
    }


class AliasInline(RecordInline):
    model = Alias
    fields = ["name", "where"]
    may_delete = True
    verbose_name_plural = "Other names in the papers"


@admin.register(Workstream)
class WorkstreamAdmin(RecordAdmin):
    group = PROGRAMME
    explains = "Who leads each workstream, and how it is commissioned"
    may_add = False
    inlines = [LeadInline, AliasInline]
    list_display = ["name", "number", "plan", "model"]
    list_display_links = ["name"]
    list_filter = [("plan", PlanFilter), "model"]
    list_select_related = ["plan__area"]
    ordering = ["plan", "number"]
    search_fields = ["name", "short_name", "aliases__name"]
    fields = ["plan", "number", "name", "short_name", "summary", "model"]
    readonly_fields = ["plan", "number", "name"]


class MilestoneInline(RecordInline):
    model = Milestone
    fields = ["order", "title", "due_on", "done_on"]
    may_delete = True
    verbose_name_plural = "Milestones"


@admin.register(Deliverable)
class DeliverableAdmin(RecordAdmin):
    group = PROGRAMME
    explains = "Who owns each deliverable, what will be different, and its milestones"
    may_add = False
    inlines = [MilestoneInline]
    list_display = ["short_title", "reference", "plan", "lead", "deputy", "partner"]
    list_filter = [("workstream__plan", PlanFilter), ("lead", Gaps), ("deputy", Gaps), ("partner", Gaps)]
    list_select_related = ["workstream__plan__area", "lead", "deputy", "partner"]
    search_fields = ["title", "short_title", "workstream__name", "lead__name", "deputy__name", "partner__name"]
    autocomplete_fields = ["lead", "deputy", "partner"]
    fieldsets = [
        (
            "What the plan promises",
            {
                "fields": ["plan", "reference", "title", "detail", "agreed_on"],
                "description": "As the plan has it. The agreed date changes only by a decision of the Board.",
            },
        ),
        ("Who answers for it", {"fields": ["lead", "deputy", "partner"]}),
        ("What will be different", {"fields": ["difference"]}),
    ]
    readonly_fields = ["plan", "reference", "title", "detail", "agreed_on"]
    helps = {
        "lead": "The owner: logs progress and is asked for it.",
        "deputy": "May log progress in the owner’s place.",
        "partner": "The organisation that owns it: its commissioners may log progress too.",
        "difference": "For children and families, when it is done.",
    }

    @admin.display(description="Plan", ordering="workstream__plan")
    def plan(self, deliverable):
        return deliverable.workstream.plan

    @admin.display(description="Agreed date")
    def agreed_on(self, deliverable):
        return dates.say_day(deliverable.agreed_on)

    @admin.display(description="Reference", ordering="workstream__number")
    def reference(self, deliverable):
        return deliverable.reference


@admin.register(Theme)
class ThemeAdmin(RecordAdmin):
    group = PROGRAMME
    explains = "What every workstream considers in every project"
    fixed = ("plan", "key")
    may_delete = True
    list_display = ["name", "short_name", "order", "plan"]
    list_filter = [("plan", PlanFilter)]
    list_select_related = ["plan__area"]
    search_fields = ["name", "description"]
    prepopulated_fields = {"key": ["name"]}
    fields = ["plan", "order", "name", "short_name", "key", "description"]
    helps = {"key": "Used in files and addresses; it never changes.", **IN_ORDER}


@admin.register(Strategy)
class StrategyAdmin(RecordAdmin):
    group = PROGRAMME
    explains = "Strategies that support a plan"
    fixed = ("plan",)
    may_delete = True
    list_display = ["title", "order", "plan"]
    list_filter = [("plan", PlanFilter)]
    list_select_related = ["plan__area"]
    search_fields = ["title"]
    fields = ["plan", "order", "title"]
    helps = IN_ORDER


@admin.register(Service)
class ServiceAdmin(RecordAdmin):
    group = PROGRAMME
    explains = "Services, by who commissions them"
    fixed = ("plan",)
    may_delete = True
    list_display = ["name", "commissioner", "order", "plan"]
    list_filter = ["commissioner", ("plan", PlanFilter)]
    list_select_related = ["plan__area"]
    search_fields = ["name"]
    fields = ["plan", "commissioner", "order", "name"]
    helps = IN_ORDER


@admin.register(StatusDefinition)
class StatusDefinitionAdmin(RecordAdmin):
    group = PROGRAMME
    explains = "What each status means: the key on screen and in print"
    may_add = False
    list_display = ["status", "letter", "meaning", "needs"]
    fields = ["status", "letter", "meaning", "needs", "order"]
    readonly_fields = ["status"]
    helps = {"order": "Its place in the key."}


class LinkAdmin(RecordAdmin):
    """A link between two records. Its key is for files; nobody has to think of one."""

    group = NEEDS
    may_delete = True

    def save_model(self, request, obj, form, change):
        obj.key = obj.key or uuid.uuid4().hex
        super().save_model(request, obj, form, change)


@admin.register(Thread)
class ThreadAdmin(LinkAdmin):
    explains = "Which need each workstream, deliverable or theme answers, and why"
    list_display = ["__str__", "why"]
    list_select_related = [
        "finding__theme",
        "statement",
        "workstream__plan__area",
        "deliverable__workstream__plan__area",
        "theme__plan__area",
    ]
    search_fields = ["finding__text", "statement__text", "deliverable__short_title", "workstream__name", "why"]
    autocomplete_fields = ["finding", "workstream", "deliverable", "theme"]
    fieldsets = [
        ("The need", {"fields": ["finding", "statement"], "description": "One finding, or one statement of families."}),
        (
            "What answers it",
            {"fields": ["workstream", "deliverable", "theme", "why"], "description": "One of the three."},
        ),
    ]


@admin.register(Measure)
class MeasureAdmin(LinkAdmin):
    explains = "Which indicator shows whether a workstream or deliverable works"
    list_display = ["__str__"]
    list_select_related = ["indicator", "workstream__plan__area", "deliverable__workstream__plan__area"]
    search_fields = ["indicator__name", "deliverable__short_title", "workstream__name"]
    autocomplete_fields = ["indicator", "workstream", "deliverable"]
    fields = ["indicator", "workstream", "deliverable"]
