"""What we know, on screen: indicators, their figures, and where the papers and the figures do not agree."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from jcb import access, dates
from jcb.freshness import unless_unchanged
from jcb.spreadsheets import csv_text
from needs import pages
from needs.checking import doubts
from needs.models import Indicator


def _indicator(request, key: str) -> Indicator:
    return get_object_or_404(Indicator.objects.visible_to(request.user), key=key)


@require_safe
@unless_unchanged
def indicator_list(request):
    """Every indicator, with each borough's latest figure."""
    page = pages.list_page(Indicator.objects.visible_to(request.user))
    return render(request, "needs/indicator_list.html", {**page, "may_enter": access.may_enter_figures(request.user)})


@require_safe
@unless_unchanged
def indicator_detail(request, key):
    """One indicator: its charts, the figures beside them, and what it measures."""
    indicator = _indicator(request, key)
    measures = indicator.measures.visible_to(request.user).select_related(
        "workstream__plan", "deliverable__workstream__plan"
    )
    page = pages.indicator_page(indicator, measures)
    return render(request, "needs/indicator_detail.html", {**page, "may_enter": access.may_enter_figures(request.user)})


@require_safe
def indicator_csv(request, key):
    """All of an indicator's figures, for a spreadsheet."""
    indicator = _indicator(request, key)
    reply = HttpResponse(csv_text(pages.CSV_HEADER, pages.csv_rows(indicator)), content_type="text/csv; charset=utf-8")
    reply["Content-Disposition"] = f'attachment; filename="{indicator.key}.csv"'
    reply["Cache-Control"] = "private, no-store"
    return reply


@require_safe
def check(request):
    """What the papers said of figures and the figures do not give."""
    return render(request, "needs/check.html", {"doubts": doubts(dates.today())})
