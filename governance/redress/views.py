"""Redress for families: the register, its counts, and what is recorded of a case."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from governance.models import RedressCase
from governance.redress import documents, forms, operations, pages
from jcb import access, pdf
from jcb.steps import LARGEST, SeenForm, Step, answer

read_or_write = require_http_methods(["GET", "HEAD", "POST"])


@dataclass(frozen=True, slots=True)
class Verb:
    form: type[SeenForm]
    does: Callable
    title: str
    button: str


VERBS = {
    "decide": Verb(forms.DecideForm, operations.decide, "Record the decision", "Save"),
    "reply": Verb(forms.ReplyForm, operations.reply, "Record the written reply", "Save"),
    "close": Verb(forms.CloseForm, operations.close, "Close the case", "Close it"),
}


def _case(request, pk: int) -> RedressCase:
    if pk > LARGEST:
        raise Http404
    return get_object_or_404(pages.visible(request.user), pk=pk)


def _crumbs() -> tuple[tuple[str, str], ...]:
    return ((reverse("governance:redress"), "Redress for families"),)


@require_safe
def register(request):
    """Counts by quarter for everyone; the cases, by reference only, for those who may read them."""
    kinds, quarters = pages.quarters()
    page = {
        "kinds": kinds,
        "quarters": quarters,
        "rules": pages.rules(),
        "whole": access.sees_restricted_items(request.user),
        "may": access.may_keep_redress(request.user),
        "rows": [(row.pk, pages.line(row)) for row in pages.visible(request.user)],
    }
    return render(request, "governance/redress/register.html", page)


@require_safe
def detail(request, pk):
    """One case."""
    row = _case(request, pk)
    may = access.may_keep_redress(request.user)
    args = [pk]
    page = {
        "row": row,
        "line": pages.line(row),
        "verbs": [(reverse(f"governance:{verb}_redress", args=args), words) for verb, words in pages.verbs(row)]
        if may
        else [],
        "letter": may and row.decided_on and row.reply_due_on,
        "crumbs": _crumbs(),
    }
    return render(request, "governance/redress/detail.html", page)


@read_or_write
def open_case(request):
    """Put a case on the register."""
    access.require(access.may_keep_redress(request.user), operations.MAY_NOT)
    form = forms.OpenForm(request.POST or None)
    back = reverse("governance:redress")

    def does():
        row = operations.open_case(by=request.user, **form.cleaned_data)
        return f"{row.reference} is on the register.", reverse("governance:redress_case", args=[row.pk])

    return answer(request, form, Step("Open a case", "Open it", back, "", forms.NOBODY, _crumbs()), does)


@read_or_write
def step(request, pk, verb):
    """One thing recorded of a case."""
    row, what = _case(request, pk), VERBS[verb]
    access.require(access.may_keep_redress(request.user), operations.MAY_NOT)
    form = what.form(request.POST or None, row=row)
    where = reverse("governance:redress_case", args=[pk])

    def does():
        what.does(by=request.user, case=row, **form.written())
        return "Saved.", where

    shown = Step(what.title, what.button, where, f"Case {row.reference}", forms.NOBODY, _crumbs())
    return answer(request, form, shown, does)


@require_safe
def letter(request, pk):
    """The letter of the written reply, with room for the family's name and the reasons."""
    row = _case(request, pk)
    access.require(access.may_keep_redress(request.user), operations.MAY_NOT)
    where = reverse("governance:redress_case", args=[pk])
    if row.decided_on is None:
        messages.error(request, "Record the decision that the letter answers first.")
        return redirect(where)
    try:
        content = documents.letter_pdf(row)
    except pdf.PdfError as problem:
        messages.error(request, str(problem))
        return redirect(where)
    reply = HttpResponse(content, content_type="application/pdf")
    reply["Content-Disposition"] = f'attachment; filename="reply-{pk}.pdf"'
    reply["Cache-Control"] = "private, no-store"
    return reply
