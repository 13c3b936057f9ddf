"""Who is at a meeting: read by everyone who may see it, recorded by the secretariat."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.conflicts import put_refusal
from governance.decisions.pages import of_item as decisions_of
from governance.decisions.pages import undecided
from governance.interests.pages import declared
from governance.minutes import operations as minutes
from governance.minutes.progress import is_written, unminuted
from governance.models import Action, AgendaItem, Attendance, Meeting, Movement
from governance.room import operations
from governance.room.forms import AddForm, AttendanceForm, MinuteForm, MovementForm
from governance.room.operations import Place
from governance.room.presence import attendances, presence
from jcb import access, dates
from jcb.history import Conflict
from jcb.steps import LARGEST, Step, answer


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
        "interests": declared(request.user, meeting),
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


def _save(request, meeting: Meeting, changed: list[tuple[Place, str, str]]) -> list[str]:
    problems = []
    for place, was, mode in changed:
        try:
            operations.record_attendance(by=request.user, meeting=meeting, place=place, was=was, mode=mode)
        except ValidationError as refusal:
            problems += refusal.messages
    return problems


@require_POST
def move(request, key):
    """Record that somebody came for an item or left before it."""
    meeting = _meeting(request, key)
    access.require(access.may_prepare_meetings(request.user), operations.MAY_NOT)
    form = MovementForm(request.POST, meeting=meeting, person=request.user)
    back = f"{reverse('governance:attendance', args=[key])}#moving"
    if form.is_valid():
        if "room" in request.POST:
            back = reverse("governance:room_item", args=[key, form.cleaned_data["item"].pk])
        try:
            row = operations.record_movement(by=request.user, **form.cleaned_data)
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
        else:
            there = presence(meeting, row.item)
            messages.success(request, f"{row.attendance.person}: {row.get_kind_display().lower()}. {there.words}.")
    else:
        messages.error(request, " ".join(problem for problems in form.errors.values() for problem in problems))
    return redirect(back)


@require_http_methods(["GET", "HEAD", "POST"])
def add(request, key):
    """Put a guest, or a deputy who was not named before, on the attendance list."""
    meeting = _meeting(request, key)
    access.require(access.may_prepare_meetings(request.user), operations.MAY_NOT)
    form = AddForm(request.POST or None, meeting=meeting)
    where = reverse("governance:attendance", args=[key])

    def does():
        row = operations.add(by=request.user, meeting=meeting, **form.cleaned_data)
        return f"{row.person} is on the attendance list. {presence(meeting).words}.", where

    crumbs = ((reverse("governance:meeting", args=[key]), str(meeting)), (where, "Attendance"))
    return answer(
        request,
        form,
        Step("Somebody else is here", "Put them on the list", where, f"Meeting of {meeting}", "", crumbs),
        does,
    )


# The room -------------------------------------------------------------------------------------------------------------


@require_safe
def enter(request, key):
    """Go to the first item of which nothing is minuted yet."""
    meeting = _meeting(request, key)
    access.require(access.may_prepare_meetings(request.user), minutes.MAY_NOT)
    missing = unminuted(meeting)
    first = missing[0] if missing else AgendaItem.objects.visible_to(request.user).filter(meeting=meeting).first()
    if first is None:
        messages.error(request, "There is nothing on the agenda yet, so there is nothing to minute.")
        return redirect("governance:agenda", key)
    return redirect("governance:room_item", key, first.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def item(request, key, pk):
    """One item in the room: what was said, decided and asked for; who is there; how far the minutes are.

    Where another minute-taker changed the same words meanwhile, both texts are shown (409) and nothing is lost.
    """
    meeting = _meeting(request, key)
    access.require(access.may_prepare_meetings(request.user), minutes.MAY_NOT)
    if pk > LARGEST:
        raise Http404
    rows = AgendaItem.objects.visible_to(request.user).filter(meeting=meeting).select_related("minute__by", "presenter")
    items = list(rows.prefetch_related("decisions", "actions").in_order())
    here = next((each for each in items if each.pk == pk), None)
    if here is None:
        raise Http404
    after = items[items.index(here) + 1 :]
    following = next((each for each in after if not each.is_withdrawn and not each.taken_as_read), None)
    minute = getattr(here, "minute", None)
    form = MinuteForm(request.POST or None, row=minute)
    theirs, status = None, 200
    if request.method == "POST" and form.is_valid():
        try:
            minutes.write(by=request.user, item=here, **form.cleaned_data)
        except Conflict as conflict:
            theirs, status = conflict.theirs, 409
            form.see(theirs)
        except ValidationError as refusal:
            put_refusal(form, refusal)
        else:
            messages.success(request, f"Saved: {here.title}.")
            goes_on = following is not None and request.POST.get("then") == "next"
            return redirect("governance:room_item", key, following.pk if goes_on else pk)
    attending = attendances(meeting)
    page = {
        "meeting": meeting,
        "item": here,
        "minute": minute,
        "saved": f"{dates.say_instant(minute.at)}, {minute.by}" if minute else "",
        "theirs": theirs,
        "form": form,
        "following": following,
        "items": [(each, _how_far(each)) for each in items],
        "quorum": presence(meeting, here, attending, items),
        "here": [(row, row in presence(meeting, here, attending, items).present) for row in attending],
        "moving": MovementForm(meeting=meeting, person=request.user),
        "interests": [each for each in declared(request.user, meeting) if each.item_pk in (None, here.pk)],
        "missing": len(unminuted(meeting)),
        "decisions": decisions_of(request.user, here),
        "actions": Action.objects.visible_to(request.user).filter(item=here).select_related("owner"),
        "undecided": undecided(request.user, here),
    }
    return render(
        request, "governance/room/item.html", page, status=status if theirs else (422 if form.errors else 200)
    )


def _how_far(item: AgendaItem) -> str:
    if item.is_withdrawn:
        return "Withdrawn"
    if item.taken_as_read:
        return "Taken as read"
    if item.decisions.all():
        return "Decided"
    return "Minuted" if is_written(item) or item.actions.all() else ""
