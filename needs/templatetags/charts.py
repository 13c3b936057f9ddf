"""Charts of indicators on a page: one for a desk, one for a phone; a style sheet shows the one that fits. And sparklines,
of a series or of one as a published pack has kept it."""

from collections.abc import Mapping

from django import template
from django.utils.safestring import SafeString

from needs import pictures
from needs.figures import Figure
from needs.series import Series
from needs.series import kept as series_kept

register = template.Library()


@register.filter
def wide_chart(figure: Figure) -> SafeString:
    return pictures.chart(figure)


@register.filter
def narrow_chart(figure: Figure) -> SafeString:
    return pictures.chart(figure, pictures.NARROW)


@register.filter
def sparkline(series: Series | Mapping) -> SafeString:
    return pictures.sparkline(series_kept(series) if isinstance(series, Mapping) else series)
