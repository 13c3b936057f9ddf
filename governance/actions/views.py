"""The register of actions, one action, and what is done to it."""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from governance.actions import forms, operations, pages
from governance.came_from import came_from
from governance.models import Action, ActionUpdate, AgendaItem
from jcb import access, dates
from jcb.spreadsheets import csv_text
from jcb.steps import LARGEST, SeenForm, Step, answer

read_or_write = require_http_methods(["GET", "HEAD", "POST"])


@dataclass(frozen=True, slots=True)
class Verb:
    """Something done to an action: its form, its operation, and its words."""

    form: type[SeenForm]
    does: Callable
    title: str
    button: str
    done: str
    owners_too: bool = False


VERBS = {
    "say": Verb(forms.SayForm, operations.say, "Say how it stands", "Save", "Saved.", owners_too=True),
    "close": Verb(forms.CloseForm, operations.close, "Record that the Board closed it", "Close it", "Closed."),
    "reopen": Verb(forms.ReopenForm, operations.reopen, "Open it again", "Open it again", "Open again."),
    "due": Verb(forms.DueForm, operations.change_due, "Change the due date", "Change it", "The due date is changed."),
    "pass": Verb(
        forms.PassOnForm, operations.pass_on, "Pass it on", "Pass it on", "Passed on, and the new owner is told."
    ),
}


def _action(request, series: str, number: int) -> Action:
    if number > LARGEST:
        raise Http404
    return get_object_or_404(pages.visible(request.user), series=series, number=number)


def _crumbs():
    return ((reverse("governance:meetings"), "Meetings"), (reverse("governance:actions"), "Actions"))


@require_safe
def register(request):
    """The actions a person may see: those the Board has not closed, unless they ask for more."""
    found = pages.ActionFilter(request.GET, queryset=pages.visible(request.user), request=request)
    page = {"form": found.form, "lines": pages.lines(found.qs, request.user), "asked": request.GET.urlencode()}
    return render(request, "governance/actions/register.html", page)


@require_safe
def register_csv(request):
    """The register as it is filtered, as a spreadsheet."""
    found = pages.ActionFilter(request.GET, queryset=pages.visible(request.user), request=request)
    text = csv_text(pages.CSV_HEADER, (pages.csv_row(each) for each in pages.lines(found.qs, request.user)))
    reply = HttpResponse(text, content_type="text/csv; charset=utf-8")
    reply["Content-Disposition"] = f'attachment; filename="actions-{dates.today().isoformat()}.csv"'
    reply["Cache-Control"] = "private, no-store"
    return reply


@require_safe
def detail(request, series, number):
    """One action: where it comes from, how it stands, what was said of it."""
    row = _action(request, series, number)
    updates = ActionUpdate.objects.visible_to(request.user).filter(action=row).select_related("by")
    page = {
        "line": pages.line(row, request.user),
        "action": row,
        "updates": [(each, dates.say_instant(each.at)) for each in updates],
        "verbs": [
            (reverse(f"governance:{name}_action", args=[series, number]), each.title)
            for name, each in VERBS.items()
            if _may(request.user, row, each) and pages.is_open_to(row, name)
        ],
        "follows": pages.follows_in_seat(row) if access.may_prepare_meetings(request.user) else "",
        "crumbs": _crumbs(),
    }
    return render(request, "governance/actions/detail.html", page)


def _may(person, row: Action, verb: Verb) -> bool:
    return access.may_update_action(person, row) if verb.owners_too else access.may_prepare_meetings(person)


@read_or_write
def step(request, series, number, verb):
    """One thing done to an action. What was typed stays where it is refused."""
    row, what = _action(request, series, number), VERBS[verb]
    refusal = operations.MAY_NOT_UPDATE if what.owners_too else operations.MAY_NOT
    access.require(_may(request.user, row, what), refusal)
    form = what.form(request.POST or None, row=row, initial={"due_on": row.due_on})
    where = reverse("governance:action", args=[series, number])

    def does():
        what.does(by=request.user, action=row, **form.written())
        return what.done, where

    shown = Step(
        what.title, what.button, where, f"Action {row.ref}: {row.text[:80]}", "", (*_crumbs(), (where, row.ref))
    )
    return answer(request, form, shown, does)


@read_or_write
def act(request, key, pk):
    """Record an action that came out of an item."""
    if pk > LARGEST:
        raise Http404
    items = AgendaItem.objects.visible_to(request.user).select_related("meeting")
    item = get_object_or_404(items, meeting__key=key, pk=pk)
    access.require(access.may_prepare_meetings(request.user), operations.MAY_NOT)
    form = forms.ActionForm(request.POST or None)
    where = came_from(request, key, pk)

    def does():
        data = dict(form.cleaned_data)
        name, email = data.pop("name"), data.pop("email")
        if data["owner"] is None:
            data["owner"] = operations.person_without_account(by=request.user, name=name, email=email)
        row = operations.record_action(by=request.user, meeting=item.meeting, item=item, **data)
        return f"Action {row.ref} is recorded for {row.owner}.", where

    crumbs = ((reverse("governance:meeting", args=[key]), str(item.meeting)), (where, "Agenda item"))
    shown = Step("Record an action", "Record the action", where, f"Meeting of {item.meeting}, {item.title}", "", crumbs)
    return answer(request, form, shown, does)
