"""Entering figures on screen: the list of what an indicator has, one figure, and a table with its check before it goes in."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from jcb import access
from jcb.models import BoardSettings
from jcb.spreadsheets import csv_text
from jcb.steps import LARGEST, SeenForm, Step, add_refusal, answer
from needs.entering import operations
from needs.entering.forms import CorrectForm, FigureForm, TableForm
from needs.entering.table import CHANGED, COLUMNS, MOST_TOLD, Checked, check
from needs.figures import say_period
from needs.models import Indicator, Observation
from needs.suppression import NOT_SHOWN, as_may_be_told, withheld

ON_A_PAGE = 100
read_or_write = require_http_methods(["GET", "HEAD", "POST"])


def _may(request) -> None:
    access.require(access.may_enter_figures(request.user), operations.MAY_NOT)


def _crumbs(indicator: Indicator) -> tuple[tuple[str, str], ...]:
    return (
        (reverse("needs:indicators"), "Needs"),
        (reverse("needs:indicator", args=[indicator.key]), indicator.name),
    )


def _indicator(request, key: str) -> Indicator:
    return get_object_or_404(Indicator.objects.visible_to(request.user), key=key)


def _observation(request, pk: int) -> Observation:
    if pk > LARGEST:
        raise Http404
    rows = Observation.objects.visible_to(request.user).select_related("definition__indicator", "area", "source")
    return get_object_or_404(rows, pk=pk)


@require_safe
def figure_list(request, key):
    """Every figure of an indicator, the latest first, each with the way to correct it."""
    indicator = _indicator(request, key)
    _may(request)
    rows = Observation.objects.visible_to(request.user).filter(definition__indicator=indicator)
    rows = rows.select_related("definition", "area", "source").order_by("-period_end", "area__name", "breakdown", "pk")
    shown = Paginator(rows, ON_A_PAGE).get_page(request.GET.get("page", "")[:9])
    told = as_may_be_told(shown.object_list, BoardSettings.current().smallest_figure)
    lines = [(o, say_period(o.period_start, o.period_end)) for o in told]
    return render(
        request,
        "needs/figures.html",
        {"indicator": indicator, "shown": shown, "lines": lines, "crumbs": _crumbs(indicator)},
    )


@read_or_write
def enter_figure(request, key):
    """Enter one figure of an indicator."""
    indicator = _indicator(request, key)
    _may(request)
    form = FigureForm(request.POST or None, indicator=indicator, person=request.user)

    def does():
        operations.enter(by=request.user, **form.written())
        return "Entered.", reverse("needs:indicator", args=[key])

    back = reverse("needs:indicator", args=[key])
    step = Step("Enter a figure", "Enter it", back, indicator.name, "", _crumbs(indicator))
    return answer(request, form, step, does)


@read_or_write
def correct_figure(request, pk):
    """Correct a figure."""
    row = _observation(request, pk)
    _may(request)
    indicator = row.definition.indicator
    hidden = withheld([indicator.pk], smallest=BoardSettings.current().smallest_figure, ends=[row.period_end])
    form = CorrectForm(request.POST or None, row=row, is_withheld=row.pk in hidden, person=request.user)
    where = reverse("needs:figures", args=[indicator.key])

    def does():
        operations.correct(by=request.user, observation=row, **form.written())
        return "Corrected.", where

    says = (
        f"{row.area.name}{', ' * bool(row.breakdown)}{row.breakdown}, {say_period(row.period_start, row.period_end)}."
    )
    step = Step("Correct a figure", "Save", where, indicator.name, says, (*_crumbs(indicator), (where, "Figures")))
    return answer(request, form, step, does)


@read_or_write
def remove_figure(request, pk):
    """Remove a figure that should not be there."""
    row = _observation(request, pk)
    _may(request)
    indicator = row.definition.indicator
    form = SeenForm(request.POST or None, row=row)
    where = reverse("needs:figures", args=[indicator.key])

    def does():
        operations.remove(by=request.user, observation=row, **form.written())
        return "Removed.", where

    says = (
        f"{row.area.name}{', ' * bool(row.breakdown)}{row.breakdown}, {say_period(row.period_start, row.period_end)}. "
        "Only a figure that should never have been entered is removed; a wrong one is corrected. Its history stays."
    )
    step = Step("Remove a figure", "Remove it", where, indicator.name, says, (*_crumbs(indicator), (where, "Figures")))
    return answer(request, form, step, does)


@read_or_write
def enter_table(request):
    """Bring in a table of figures: chosen or pasted, checked, shown, and brought in once it was seen."""
    _may(request)
    asked = request.GET.get("indicator", "").replace("\0", "")
    indicator = _indicator(request, asked) if asked else None
    form = TableForm(request.POST or None, request.FILES or None, person=request.user)
    back = reverse("needs:indicator", args=[indicator.key]) if indicator else reverse("needs:indicators")
    crumbs = _crumbs(indicator) if indicator else _crumbs_of_all()
    step = Step("Bring in a table of figures", "Check it", back, indicator.name if indicator else "", "", crumbs)
    page = {"columns": list(COLUMNS.values()), "indicator": indicator, "form": form, "step": step}
    if request.method == "POST" and form.is_valid():
        text, source = form.cleaned_data["text"], form.cleaned_data["source"]
        # What came in a file is checked from now on as it stands in the box.
        form.data = form.data.copy()
        form.data["table"] = text
        digest = "" if form.cleaned_data["file"] else form.cleaned_data["digest"]
        sent = {"text": text, "indicator": indicator, "source": source}
        try:
            found = operations.enter_table(by=request.user, digest=digest, **sent) if digest else check(**sent)
        except ValidationError as refusal:
            add_refusal(form, refusal)
        else:
            if found.went_in:
                messages.success(request, _said(found))
                return redirect(back)
            page |= preview(found) | {"changed_since": digest and operations.CHANGED_SINCE}
            form.data["digest"] = found.digest
            if found.problems:
                rows = _count(len(found.problems), "row")
                form.add_error(None, f"{rows} cannot go in, so nothing goes in yet. They are listed below.")
    return render(request, "needs/enter_table.html", page, status=422 if form.errors else 200)


def _crumbs_of_all() -> tuple[tuple[str, str], ...]:
    return ((reverse("needs:indicators"), "Needs"),)


def preview(found: Checked) -> dict:
    """What a checked table would do, row by row. What a small number was is not said."""
    changed = [line for line in found.lines if line.state == CHANGED]
    hidden = withheld(
        {line.definition.indicator_id for line in changed}, smallest=BoardSettings.current().smallest_figure
    )
    before = {line.row: (NOT_SHOWN if line.present.pk in hidden else line.present.as_printed) for line in changed}
    return {
        "checked": found,
        "lines": [(line, before.get(line.row, "")) for line in found.lines[:MOST_TOLD]],
        "problems": found.problems[:MOST_TOLD],
        "more_problems": max(0, len(found.problems) - MOST_TOLD),
        "more_lines": max(0, len(found.lines) - MOST_TOLD),
    }


def _said(found: Checked) -> str:
    return f"{_count(found.new, 'figure')} entered, {found.changed} changed, {found.same} as they were."


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


@require_safe
def table_template(request):
    """An empty table with the names of the columns."""
    _may(request)
    reply = HttpResponse(csv_text([title for title, _ in COLUMNS.values()], []), content_type="text/csv; charset=utf-8")
    reply["Content-Disposition"] = 'attachment; filename="figures-to-fill-in.csv"'
    return reply
