"""Who is at a meeting: read by everyone who may see it, recorded by the secretariat."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from governance.models import AgendaItem, Attendance, Meeting, Membership, Movement
from governance.room import operations
from governance.room.forms import AttendanceForm, MovementForm
from governance.room.presence import attendances, presence
from jcb import access


def _meeting(request, key: str) -> Meeting:
    return get_object_or_404(Meeting.objects.visible_to(request.user).select_related("terms"), key=key)


@require_http_methods(["GET", "HEAD", "POST"])
def attendance(request, key):
    """The attendance list, with the quorum as it stands. A place that somebody else changed meanwhile is named, and the
    others are saved all the same."""
    meeting = _meeting(request, key)
    may = access.may_prepare_meetings(request.user)
    access.require(may or request.method != "POST", operations.MAY_NOT)
    rows = attendances(meeting)
    there = {row.person_id: row.mode for row in rows}
    form = AttendanceForm(request.POST or None, expected=operations.expected(meeting), there=there)
    if request.method == "POST" and form.is_valid():
        problems = _save(request, meeting, form.changed())
        for problem in problems:
            messages.error(request, problem)
        if not problems:
            messages.success(request, f"The attendance list is saved. {presence(meeting).words}.")
        return redirect("governance:attendance", key)
    items = AgendaItem.objects.visible_to(request.user).filter(meeting=meeting)
    seen = dict(items.values_list("pk", "title"))
    page = {
        "meeting": meeting,
        "form": form,
        "moving": MovementForm(meeting=meeting, person=request.user),
        "rows": [(row, _moves(row, seen)) for row in rows],
        "quorum": presence(meeting, rows=rows),
        "may": may and meeting.state != Meeting.State.CANCELLED,
    }
    return render(request, "governance/room/attendance.html", page, status=422 if form.errors else 200)


def _moves(row: Attendance, seen: dict[int, str]) -> list[str]:
    """Where somebody came or left, by the titles of the items that the reader may see; of others, not even that."""
    return [
        f"{Movement.Kind(move.kind).label}: {seen[move.item_id]}"
        for move in row.movements.all()
        if move.item_id in seen
    ]


def _save(request, meeting: Meeting, changed: list[tuple[Membership, str, str]]) -> list[str]:
    problems = []
    for membership, was, mode in changed:
        try:
            operations.record_attendance(by=request.user, meeting=meeting, membership=membership, was=was, mode=mode)
        except ValidationError as refusal:
            problems += refusal.messages
    return problems


@require_POST
def move(request, key):
    """Record that somebody came for an item or left before it."""
    meeting = _meeting(request, key)
    access.require(access.may_prepare_meetings(request.user), operations.MAY_NOT)
    form = MovementForm(request.POST, meeting=meeting, person=request.user)
    if form.is_valid():
        try:
            row = operations.record_movement(by=request.user, **form.cleaned_data)
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
        else:
            there = presence(meeting, row.item)
            messages.success(request, f"{row.attendance.person}: {row.get_kind_display().lower()}. {there.words}.")
    else:
        messages.error(request, " ".join(problem for problems in form.errors.values() for problem in problems))
    return redirect(f"{reverse('governance:attendance', args=[key])}#moving")
