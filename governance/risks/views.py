"""The register of risks, one risk, and what is done to it."""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from governance.models import Risk, RiskScore
from governance.risks import operations, pages
from governance.risks.forms import AddForm, AnswerForm, EditForm, EscalateForm, ScoreForm
from jcb import access, dates
from jcb.spreadsheets import csv_text
from jcb.steps import LARGEST, SeenForm, Step, answer
from workstreams.models import Plan, Workstream

read_or_write = require_http_methods(["GET", "HEAD", "POST"])


@dataclass(frozen=True, slots=True)
class Verb:
    form: type[SeenForm]
    does: Callable
    title: str
    button: str


VERBS = {
    "score": Verb(ScoreForm, operations.score, "Score it again", "Save the score"),
    "edit": Verb(EditForm, operations.edit, "Change it or close it", "Save"),
    "escalate": Verb(EscalateForm, operations.escalate, "Record that it was escalated", "Save"),
    "answer": Verb(AnswerForm, operations.answer, "Record the answer", "Save"),
}


def _crumbs() -> tuple[tuple[str, str], ...]:
    return ((reverse("governance:meetings"), "Meetings"), (reverse("governance:risks"), "Risks"))


def _risk(request, slug: str, stream: int, number: int) -> Risk:
    if stream > LARGEST or number > LARGEST:
        raise Http404
    rows = pages.visible(request.user)
    return get_object_or_404(rows, workstream__plan__slug=slug, workstream__number=stream, number=number)


@require_safe
def register(request):
    """Every open risk, issue and dependency, the worst first."""
    found = pages.RiskFilter(request.GET, queryset=pages.visible(request.user), request=request)
    streams = (
        Workstream.objects.visible_to(request.user).filter(plan__state=Plan.State.LIVE).select_related("plan__area")
    )
    today = dates.today()
    page = {
        "form": found.form,
        "lines": pages.lines(found.qs),
        "asked": request.GET.urlencode(),
        "streams": [each for each in streams.prefetch_related("leads") if _may(request, each, today)],
        "crumbs": _crumbs()[:1],
    }
    return render(request, "governance/risks/register.html", page)


def _may(request, stream: Workstream, day) -> bool:
    return access.may_keep_risks(request.user, stream, day)


@require_safe
def register_csv(request):
    """The register as it is filtered, as a spreadsheet."""
    found = pages.RiskFilter(request.GET, queryset=pages.visible(request.user), request=request)
    text = csv_text(pages.CSV_HEADER, (pages.csv_row(each) for each in pages.lines(found.qs)))
    reply = HttpResponse(text, content_type="text/csv; charset=utf-8")
    reply["Content-Disposition"] = f'attachment; filename="risks-{dates.today().isoformat()}.csv"'
    reply["Cache-Control"] = "private, no-store"
    return reply


@require_safe
def detail(request, slug, stream, number):
    """One risk: how it stands, its scores, to whom it was escalated and what they said."""
    row = _risk(request, slug, stream, number)
    scores = RiskScore.objects.visible_to(request.user).filter(risk=row).select_related("by")
    args = [slug, stream, number]
    verbs = []
    if _may(request, row.workstream, dates.today()):
        verbs = [
            (reverse(f"governance:{name}_risk", args=args), each.title)
            for name, each in VERBS.items()
            if (name != "answer" or row.escalated_to) and (name != "score" or row.state == Risk.State.OPEN)
        ]
    page = {
        "line": pages.line(row),
        "risk": row,
        "scores": [(each, pages.level(each.score), dates.say_day(each.at)) for each in scores],
        "verbs": verbs,
        "crumbs": _crumbs(),
    }
    return render(request, "governance/risks/detail.html", page)


@read_or_write
def add(request, slug, stream):
    """Put a risk on the register."""
    if stream > LARGEST:
        raise Http404
    row = get_object_or_404(Workstream.objects.visible_to(request.user), plan__slug=slug, number=stream)
    access.require(_may(request, row, dates.today()), operations.MAY_NOT)
    form = AddForm(request.POST or None)

    def does():
        made = operations.add(by=request.user, workstream=row, **form.cleaned_data)
        return f"{made.ref} is on the register.", reverse("governance:risk", args=[slug, stream, made.number])

    back = reverse("governance:risks")
    shown = Step(
        "Add a risk, an issue or a dependency", "Add it", back, str(row), "Name no child and no family.", _crumbs()
    )
    return answer(request, form, shown, does)


@read_or_write
def step(request, slug, stream, number, verb):
    """One thing done to a risk."""
    row, what = _risk(request, slug, stream, number), VERBS[verb]
    access.require(_may(request, row.workstream, dates.today()), operations.MAY_NOT)
    form = what.form(request.POST or None, row=row)
    where = reverse("governance:risk", args=[slug, stream, number])

    def does():
        what.does(by=request.user, risk=row, **form.written())
        return "Saved.", where

    shown = Step(what.title, what.button, where, f"{row.ref} {row.title}", "", (*_crumbs(), (where, row.ref)))
    return answer(request, form, shown, does)
