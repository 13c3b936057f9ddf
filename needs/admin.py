"""The reference records' screens for what we know: sources, indicators, and what the needs assessment found. Figures have
pages of their own."""

from django.contrib import admin

from jcb.reference import NEEDS, NamedValues, RecordAdmin, RecordInline
from needs.models import ActionTaken, Definition, Finding, Indicator, JsnaTheme, Source


@admin.register(Source)
class SourceAdmin(RecordAdmin):
    group = NEEDS
    explains = "Where figures were published, and when they were looked at"
    fixed = ("key",)
    may_delete = True
    list_display = ["title", "publisher", "published_on", "accessed_on"]
    list_filter = [("publisher", NamedValues)]
    search_fields = ["title", "publisher", "address"]
    prepopulated_fields = {"key": ["title"]}
    fields = ["title", "key", "publisher", "address", "published_on", "accessed_on", "note"]
    helps = {
        "key": "Used in files and addresses; it never changes.",
        "address": "The web address of the publication.",
        "accessed_on": "When somebody last saw the figures there.",
    }


class DefinitionInline(RecordInline):
    model = Definition
    fields = ["number", "text", "unit", "from_period"]
    verbose_name_plural = "What it counts, from when"
    helps = {
        "number": "1 for the first; a new definition is a new row, so that no line is drawn across the change.",
        "from_period": "The first day of the period from which it counts this.",
    }


@admin.register(Indicator)
class IndicatorAdmin(RecordAdmin):
    group = NEEDS
    explains = "Measures the Board follows, what each counts, and its target"
    fixed = ("key",)
    may_delete = True
    inlines = [DefinitionInline]
    list_display = ["name", "good_direction", "frequency", "target", "target_on", "on_dashboard"]
    list_filter = ["on_dashboard", "good_direction", ("frequency", NamedValues)]
    search_fields = ["name", "denominator", "collected_by"]
    prepopulated_fields = {"key": ["name"]}
    fieldsets = [
        (None, {"fields": ["name", "key", "good_direction", "denominator", "collected_by", "frequency"]}),
        ("Target", {"fields": ["target", "target_on", "target_note"]}),
        ("Where it is shown", {"fields": ["on_dashboard", "order"]}),
    ]
    helps = {
        "key": "Used in files and addresses; it never changes.",
        "denominator": "What a share is a share of, such as all pupils of the borough’s schools.",
        "frequency": "How often there is a new figure.",
        "order": "Its place in lists; equal numbers go by name.",
    }


@admin.register(JsnaTheme)
class JsnaThemeAdmin(RecordAdmin):
    group = NEEDS
    explains = "Themes of the needs assessment"
    fixed = ("area",)
    may_delete = True
    list_display = ["title", "number", "area"]
    list_select_related = ["area"]
    search_fields = ["title"]
    fields = ["area", "number", "title"]


class ActionTakenInline(RecordInline):
    model = ActionTaken
    fields = ["number", "text", "on"]
    may_delete = True
    verbose_name_plural = "What was done about it"


@admin.register(Finding)
class FindingAdmin(RecordAdmin):
    group = NEEDS
    explains = "What the needs assessment found under a theme, and what was done about it"
    fixed = ("theme",)
    may_delete = True
    inlines = [ActionTakenInline]
    list_display = ["text", "kind", "theme", "found_in"]
    list_filter = ["kind", "found_in"]
    list_select_related = ["theme__area"]
    search_fields = ["text", "theme__title"]
    fields = ["theme", "number", "kind", "text", "found_in"]
    helps = {"number": "Its place under the theme.", "found_in": "The year of the assessment."}
