"""Charts of indicators on a page: one for a desk, one for a phone; a style sheet shows the one that fits."""

from django import template
from django.utils.safestring import SafeString

from needs import pictures
from needs.figures import Figure

register = template.Library()


@register.filter
def wide_chart(figure: Figure) -> SafeString:
    return pictures.chart(figure)


@register.filter
def narrow_chart(figure: Figure) -> SafeString:
    return pictures.chart(figure, pictures.NARROW)
