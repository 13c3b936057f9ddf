"""The plan's pictures, drawn in its templates from the document's data."""

from django import template
from django.utils.safestring import SafeString

from governance import pictures
from needs import pictures as charts
from needs.figures import Figure
from workstreams.pages import NUMBERS

register = template.Library()


@register.filter
def number_word(number: int) -> str:
    """{{ themes|length|number_word }}: "five"; in figures from thirteen on."""
    return NUMBERS.get(number, str(number))


@register.filter
def chart(figure: Figure) -> SafeString:
    """{{ figure|chart }}: an indicator as bars or lines; empty where it cannot be drawn."""
    return charts.chart(figure)


@register.filter
def cycle_picture(records) -> SafeString:
    return pictures.cycle(records.stages, records.middle)


@register.filter
def status_strip_picture(records) -> SafeString:
    return pictures.status_strip(records.rows)


@register.filter
def programme_picture(records) -> SafeString:
    return pictures.programme(records.streams, records.themes)


@register.filter
def lineage_picture(records) -> SafeString:
    return pictures.lineage(records)


@register.filter
def reporting_picture(records) -> SafeString:
    return pictures.reporting(records)


@register.filter
def ladder_picture(records) -> SafeString:
    return pictures.ladder(records.rungs)
