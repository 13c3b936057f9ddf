"""The terms of reference on screen: both versions, one of them, what changed, a new one, a review."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from governance.conflicts import conflict_page, put_refusal
from governance.models import Terms
from governance.terms import operations, pages
from governance.terms.forms import ArrangementsForm, ClausesForm, ReviewForm, VersionForm
from jcb import access, dates
from jcb.asked import asked_day
from jcb.history import Conflict

read_or_write = require_http_methods(["GET", "HEAD", "POST"])


def _terms(request, key: str) -> Terms:
    return get_object_or_404(Terms.objects.visible_to(request.user), key=key)


def _kept(request) -> None:
    access.require(access.may_keep_terms(request.user), operations.MAY_NOT)


def _say(request, done: str, followed: list[str]) -> None:
    """What was done, and how many coming meetings follow."""
    if followed:
        many = f"{len(followed)} coming meeting{'' if len(followed) == 1 else 's'}"
        done = f"{done} {many} changed with it, and everyone concerned is told."
    messages.success(request, done)


@require_safe
def index(request):
    """Every version with its dates, which is in force, the vacancies and the review."""
    return render(request, "governance/terms/index.html", pages.index_page(request.user, dates.today()))


@require_safe
def detail(request, key):
    """One version whole, with who holds its seats on the day asked for."""
    asked = asked_day(request)
    page = pages.terms_page(_terms(request, key), request.user, asked.day, asked.today)
    return render(request, "governance/terms/detail.html", page | {"asked": asked})


@require_safe
def compare(request, key, other):
    """What changed between two versions, clause by clause."""
    if key == other:
        raise Http404
    page = pages.compare_page(_terms(request, key), _terms(request, other))
    return render(request, "governance/terms/compare.html", page)


@read_or_write
def new(request):
    """Start a new version from the last one."""
    _kept(request)
    form = VersionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            terms, followed = operations.start_version(by=request.user, **form.cleaned_data)
        except ValidationError as refusal:
            put_refusal(form, refusal)
        else:
            _say(request, f"“{terms}” start as a copy. Change now what is to be different.", followed)
            return redirect("governance:terms", terms.key)
    last = Terms.objects.visible_to(request.user).order_by("-in_force_from").first()
    page = {"form": form, "last": last}
    return render(request, "governance/terms/new.html", page, status=422 if form.errors else 200)


@read_or_write
def edit(request, key):
    """The rules of a version. Two who save at once: the second sees both texts (409)."""
    terms = _terms(request, key)
    _kept(request)
    settled = operations.is_settled(terms)
    form = ArrangementsForm(request.POST or None, instance=terms, settled=settled)
    if request.method == "POST" and form.is_valid():
        try:
            saved, followed = operations.edit_arrangements(
                by=request.user, terms=form.instance, seen=form.cleaned_data["seen"], changed=form.changed()
            )
        except Conflict as conflict:
            page = conflict_page(form, conflict) | {"terms": conflict.theirs}
            return render(request, "governance/terms/conflict.html", page, status=409)
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            _say(request, f"Saved: {saved}.", followed)
            return redirect("governance:terms", key)
    page = {"form": form, "key": key, "title": _terms(request, key).title, "settled": settled}
    return render(request, "governance/terms/edit.html", page, status=422 if form.errors else 200)


@read_or_write
def clauses(request, key):
    """The clauses of a version that is not settled."""
    terms = _terms(request, key)
    _kept(request)
    if operations.is_settled(terms):
        messages.error(request, operations.SETTLED)
        return redirect("governance:terms", key)
    form = ClausesForm(request.POST or None, terms=terms)
    if request.method == "POST" and form.is_valid():
        try:
            changed = operations.reword(by=request.user, terms=terms, seen=form.seen(), clauses=form.clauses())
        except ValidationError as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, f"{changed} clause{'' if changed == 1 else 's'} changed.")
            return redirect("governance:terms", key)
    boxes = [(form[kind], form[f"seen_{kind}"], form.standing[kind]) for kind in form.standing]
    page = {"form": form, "boxes": boxes, "terms": terms}
    return render(request, "governance/terms/clauses.html", page, status=422 if form.errors else 200)


@read_or_write
def review(request, key):
    """Record that the Board reviewed its terms."""
    terms = _terms(request, key)
    _kept(request)
    form = ReviewForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            operations.record_review(by=request.user, terms=terms, **form.cleaned_data)
        except ValidationError as refusal:
            put_refusal(form, refusal)
        else:
            messages.success(request, "The review is recorded. The next one counts from it.")
            return redirect("governance:terms", key)
    return render(
        request, "governance/terms/review.html", {"form": form, "terms": terms}, status=422 if form.errors else 200
    )
