"""The register of agreements on budgets, one agreement with its years, and what is done to it."""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from governance.budgets import operations, pages
from governance.budgets.forms import AddForm, AddYearForm, EditForm, EditYearForm, EndForm, ReviewForm
from governance.budgets.statement import PERSONAL, uptake
from governance.models import Agreement, AgreementReview
from jcb import access, dates
from jcb.spreadsheets import csv_text
from jcb.steps import LARGEST, SeenForm, Step, answer
from needs.models import Indicator

read_or_write = require_http_methods(["GET", "HEAD", "POST"])
ADDS_UP = "What the partners pay adds up to what was agreed, to the penny."


@dataclass(frozen=True, slots=True)
class Verb:
    form: type[SeenForm]
    does: Callable
    title: str
    button: str


VERBS = {
    "review": Verb(ReviewForm, operations.review, "Record a review", "Save the review"),
    "end": Verb(EndForm, operations.end, "Record its end", "It has ended"),
}


def _crumbs(*more: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    return ((reverse("governance:meetings"), "Meetings"), (reverse("governance:budgets"), "Budgets"), *more)


def _agreement(request, number: int) -> Agreement:
    if number > LARGEST:
        raise Http404
    rows = pages.visible(request.user).prefetch_related("workstream__leads")
    return get_object_or_404(rows, number=number)


def _kept(request, number: int) -> tuple[Agreement, str]:
    """An agreement that the reader may keep, and the address of its page."""
    row = _agreement(request, number)
    access.require(access.may_keep_budgets(request.user, row, dates.today()), operations.MAY_NOT)
    return row, reverse("governance:agreement", args=[number])


def _open(row: Agreement) -> None:
    """What has ended stays as it was: its forms are not there any more."""
    access.require(row.status != Agreement.Status.ENDED, operations.ENDED)


@require_safe
def register(request):
    """Every agreement to align or pool budgets, what they come to year by year, and who takes up personal budgets."""
    found = pages.AgreementFilter(request.GET, queryset=pages.visible(request.user), request=request)
    rows = list(found.qs)
    page = {
        "form": found.form,
        "lines": pages.lines(rows, dates.today()),
        "totals": pages.totals(rows),
        "this_year": dates.say_financial_year(dates.financial_year(dates.today())),
        "uptake": uptake(),
        "personal": Indicator.objects.visible_to(request.user).filter(key=PERSONAL).first(),
        "asked": request.GET.urlencode(),
        "may_propose": operations.may_propose(request.user),
        "crumbs": _crumbs()[:1],
    }
    return render(request, "governance/budgets/register.html", page)


@require_safe
def register_csv(request):
    """The register as it is filtered, as a spreadsheet: a row for each year of each agreement."""
    found = pages.AgreementFilter(request.GET, queryset=pages.visible(request.user), request=request)
    text = csv_text(pages.CSV_HEADER, pages.csv_rows(pages.lines(found.qs, dates.today())))
    reply = HttpResponse(text, content_type="text/csv; charset=utf-8")
    reply["Content-Disposition"] = f'attachment; filename="budgets-{dates.today().isoformat()}.csv"'
    reply["Cache-Control"] = "private, no-store"
    return reply


@require_safe
def detail(request, number):
    """One agreement: between whom and on what basis, its years with what each partner pays, and its reviews."""
    row = _agreement(request, number)
    may_keep = access.may_keep_budgets(request.user, row, dates.today())
    reviews = AgreementReview.objects.visible_to(request.user).filter(agreement=row).select_related("by")
    verbs = []
    if may_keep and row.status != Agreement.Status.ENDED:
        named = [("edit_agreement", "Change it"), *((f"{name}_agreement", each.title) for name, each in VERBS.items())]
        verbs = [(reverse(f"governance:{name}", args=[number]), words) for name, words in named]
    page = {
        "line": pages.line(row, dates.today()),
        "agreement": row,
        "reviews": [(each, dates.say_day(each.on), dates.say_day(each.next_on)) for each in reviews],
        "may_keep": may_keep,
        "verbs": verbs,
        "crumbs": _crumbs(),
    }
    return render(request, "governance/budgets/detail.html", page)


@read_or_write
def add(request):
    """Put an agreement on the register."""
    access.require(operations.may_propose(request.user), operations.MAY_NOT_PROPOSE)
    form = AddForm(request.POST or None, person=request.user)

    def does():
        made = operations.propose(by=request.user, **form.written())
        return f"{made.ref} is on the register. Now add its years.", reverse("governance:agreement", args=[made.number])

    shown = Step(
        "Put an agreement on the register", "Put it on the register", reverse("governance:budgets"), "",
        "It is a statement of what was agreed, not a ledger. Name no child and no family.", _crumbs(),
    )  # fmt: skip
    return answer(request, form, shown, does, "governance/budgets/form.html")


@read_or_write
def edit(request, number):
    """Change what was agreed, between whom, or how it stands."""
    row, where = _kept(request, number)
    _open(row)
    form = EditForm(request.POST or None, row=row, person=request.user)

    def does():
        operations.edit(by=request.user, agreement=row, **form.written())
        return "Saved.", where

    shown = Step("Change the agreement", "Save", where, f"{row.ref} {row.title}", "", _crumbs((where, row.ref)))
    return answer(request, form, shown, does, "governance/budgets/form.html")


@read_or_write
def step(request, number, verb):
    """One thing done to an agreement: a review of it, or its end."""
    row, where = _kept(request, number)
    _open(row)
    what = VERBS[verb]
    form = what.form(request.POST or None, row=row)

    def does():
        what.does(by=request.user, agreement=row, **form.written())
        return "Saved.", where

    shown = Step(what.title, what.button, where, f"{row.ref} {row.title}", "", _crumbs((where, row.ref)))
    return answer(request, form, shown, does)


@read_or_write
def add_year(request, number):
    """Add a financial year of an agreement, with what each partner pays."""
    row, where = _kept(request, number)
    form = AddYearForm(request.POST or None, agreement=row)

    def does():
        made = operations.add_year(by=request.user, agreement=row, **form.written())
        return f"{made.said} is on record.", where

    shown = Step("Add a year", "Save the year", where, f"{row.ref} {row.title}", ADDS_UP, _crumbs((where, row.ref)))
    return answer(request, form, shown, does)


@read_or_write
def edit_year(request, number, year):
    """Change what is said of a year."""
    row, where = _kept(request, number)
    told = next((each for each in row.years.all() if each.year == year), None)
    if told is None:
        raise Http404
    form = EditYearForm(request.POST or None, row=told, agreement=row)

    def does():
        operations.edit_year(by=request.user, row=told, **form.written())
        return f"{told.said} is saved.", where

    caption = f"{row.ref} {row.title}"
    shown = Step(f"Change {told.said}", "Save the year", where, caption, ADDS_UP, _crumbs((where, row.ref)))
    return answer(request, form, shown, does)
