"""The reference records' screens for what we know: sources and indicators. Figures come with the published plans."""

from django.contrib import admin

from jcb.reference import NEEDS, NamedValues, RecordAdmin, RecordInline
from needs.models import Definition, Indicator, Source


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
