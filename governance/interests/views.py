"""Interests: declared for a meeting, and the register."""

from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from governance.interests import forms, operations, pages
from governance.models import AgendaItem, Interest, Meeting, RegisteredInterest
from jcb import access
from jcb.steps import LARGEST, Step, answer

read_or_write = require_http_methods(["GET", "HEAD", "POST"])


def _crumbs(key: str = "", meeting: Meeting | None = None) -> tuple[tuple[str, str], ...]:
    above = ((reverse("governance:meetings"), "Meetings"),)
    return (*above, (reverse("governance:meeting", args=[key]), str(meeting))) if meeting else above


@read_or_write
def declare(request, key):
    """Declare an interest for a meeting or an item. `?item=` and `?room=` say where the page was opened."""
    meeting = get_object_or_404(Meeting.objects.visible_to(request.user), key=key)
    access.require(access.may_declare_interest(request.user, request.user), operations.MAY_NOT_DECLARE)
    asked = request.GET.get("item", "")
    items = AgendaItem.objects.visible_to(request.user).filter(meeting=meeting)
    item = items.filter(pk=int(asked)).first() if asked.isdecimal() and len(asked) < 10 else None
    form = forms.DeclareForm(request.POST or None, meeting=meeting, by=request.user, initial={"item": item})
    where = reverse("governance:attendance", args=[key])
    if item and "room" in request.GET and access.may_prepare_meetings(request.user):
        where = reverse("governance:room_item", args=[key, item.pk])

    def does():
        row = operations.declare(by=request.user, meeting=meeting, **form.written())
        return f"The interest is declared: {row.person}, {row.get_kind_display().lower()}.", where

    says = "It is read out at the meeting and minuted. The secretariat may keep the item’s paper from you."
    shown = Step("Declare an interest", "Declare it", where, f"Meeting of {meeting}", says, _crumbs(key, meeting))
    return answer(request, form, shown, does)


@read_or_write
def manage(request, key, number):
    """How a declared interest was managed, and whether its item is withheld."""
    if number > LARGEST:
        raise Http404
    rows = Interest.objects.visible_to(request.user).select_related("meeting", "item", "person")
    row = get_object_or_404(rows, meeting__key=key, number=number)
    access.require(access.may_prepare_meetings(request.user), operations.MAY_NOT_MANAGE)
    form = forms.ManageForm(request.POST or None, row=row)
    where = reverse("governance:attendance", args=[key])

    def does():
        operations.manage(by=request.user, interest=row, **form.written())
        return "Saved.", where

    caption = f"{row.person}: {row.get_kind_display().lower()}, {row.item.title if row.item else 'the whole meeting'}"
    shown = Step("How the interest is managed", "Save", where, caption, row.text, _crumbs(key, row.meeting))
    return answer(request, form, shown, does)


@require_safe
def register(request):
    """The register of interests: the Board's members and its secretariat read all of it, everyone else their own part."""
    page = {
        "holders": pages.register(request.user),
        "whole": access.sees_restricted_items(request.user),
        "may": access.may_declare_interest(request.user, request.user),
        "days": operations.DAYS_TO_REGISTER,
        "crumbs": _crumbs(),
    }
    return render(request, "governance/interests/register.html", page)


def _step(request, form, title: str, button: str, does, says: str = "", caption: str = ""):
    where = reverse("governance:interests")
    crumbs = (*_crumbs(), (where, "Register of interests"))

    def saves():
        does()
        return "Saved.", where

    return answer(request, form, Step(title, button, where, caption, says, crumbs), saves)


@read_or_write
def enter(request):
    """Enter a lasting interest."""
    access.require(access.may_declare_interest(request.user, request.user), operations.MAY_NOT_REGISTER)
    form = forms.RegisterForm(request.POST or None, by=request.user)
    says = "Enter a new interest within 28 days. Everyone’s entries are confirmed once a year."
    does = lambda: operations.register(by=request.user, **form.written())  # noqa: E731
    return _step(request, form, "Enter an interest in the register", "Enter it", does, says)


@read_or_write
def end(request, pk):
    """Record the last day of a lasting interest."""
    if pk > LARGEST:
        raise Http404
    row = get_object_or_404(RegisteredInterest.objects.visible_to(request.user).select_related("person"), pk=pk)
    access.require(access.may_declare_interest(request.user, row.person), operations.MAY_NOT_REGISTER)
    form = forms.EndForm(request.POST or None, row=row)
    does = lambda: operations.end(by=request.user, entry=row, **form.written())  # noqa: E731
    return _step(request, form, "No longer held", "Save", does, row.text, row.person.name)


@read_or_write
def confirm(request):
    """The yearly return."""
    access.require(access.may_declare_interest(request.user, request.user), operations.MAY_NOT_REGISTER)
    form = forms.ConfirmForm(request.POST if request.method == "POST" else None, by=request.user)
    says = "You say that the entries in the register are complete as of today. Enter what is missing first."
    does = lambda: operations.confirm(by=request.user, **form.written())  # noqa: E731
    return _step(request, form, "Confirm the register for the year", "The entries are complete", does, says)
