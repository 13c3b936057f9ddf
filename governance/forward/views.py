"""The forward plan on screen and in print."""

import re

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.conflicts import conflict_page
from governance.forward import operations
from governance.forward.forms import ForwardItemForm, IdeaForm
from governance.forward.plan import build
from governance.models import AgendaItem, ForwardItem, Meeting
from jcb import access, dates, pdf
from jcb.history import Conflict

MONTH = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")


@require_safe
def forward(request):
    """Every coming meeting with what is planned for it, the deep dives, what comes in its month, and parked ideas."""
    page = {
        "plan": build(dates.today(), request.user),
        "may_prepare": access.may_prepare_meetings(request.user),
        "may_propose": access.may_propose_items(request.user),
        "may_print": pdf.typeface_is_there(),
    }
    return render(request, "governance/forward/forward.html", page)


@require_safe
def forward_pdf(request):
    """The forward plan as a PDF: the same for every reader, made when it is asked for and not kept."""
    html = render_to_string("print/forward_plan.html", {"forward": build(dates.today())})
    try:
        rendered = pdf.render_pdf(html)
    except pdf.PdfError as problem:
        messages.error(request, str(problem))
        return redirect("governance:forward")
    name = f"forward-plan-{dates.today().isoformat()}.pdf"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(rendered.content, content_type="application/pdf", headers=headers)


@require_http_methods(["GET", "HEAD", "POST"])
def add(request):
    """Put an item on the forward plan; who may not, but takes part, proposes an idea instead."""
    if not access.may_prepare_meetings(request.user):
        return _propose(request)
    form = ForwardItemForm(request.POST or None, initial=_asked(request), reader=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            item = operations.plan_item(by=request.user, item=form.instance)
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, f"On the forward plan now: {item.title}.")
            return redirect("governance:forward")
    return render(request, "governance/forward/item_form.html", {"form": form}, status=422 if form.errors else 200)


def _propose(request):
    access.require(access.may_propose_items(request.user), operations.MAY_NOT_PROPOSE)
    form = IdeaForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        item = operations.propose(by=request.user, **form.cleaned_data)
        messages.success(request, f"Thank you. “{item.title}” is among the parked ideas, with your name.")
        return redirect("governance:forward")
    return render(request, "governance/forward/idea_form.html", {"form": form}, status=422 if form.errors else 200)


def _asked(request) -> dict:
    """What a link into the form asks for: a meeting or a month, a kind, a theme, a title."""
    asked = {}
    if (kind := request.GET.get("kind", "")) in ForwardItem.Kind.values:
        asked["kind"] = kind
    if title := request.GET.get("title", "").replace("\0", "").strip()[:150]:
        asked["title"] = title
    theme = request.GET.get("theme", "")
    if theme.isdecimal() and len(theme) < 10:
        asked["theme"] = int(theme)
    if MONTH.fullmatch(month := request.GET.get("month", "")):
        asked["place"] = f"month {month}"
    if key := request.GET.get("meeting", "").replace("\0", "")[:50]:
        meeting = Meeting.objects.visible_to(request.user).filter(key=key).first()
        asked |= {"place": f"meeting {meeting.pk}"} if meeting else {}
    return asked


@require_http_methods(["GET", "HEAD", "POST"])
def item(request, key):
    """One item: the secretariat changes or moves it, everyone else reads it. Two who save at once: the second sees both
    texts (409)."""
    rows = ForwardItem.objects.visible_to(request.user)
    row = get_object_or_404(rows.select_related("meeting", "theme", "workstream", "presenter", "proposed_by"), key=key)
    if not access.may_prepare_meetings(request.user):
        access.require(request.method != "POST", operations.MAY_NOT)
        return render(request, "governance/forward/item.html", {"item": row})
    was_at = row.meeting
    form = ForwardItemForm(request.POST or None, instance=row, reader=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            saved = operations.edit_planned(
                by=request.user, item=form.instance, seen=form.cleaned_data["seen"], changed=form.changed()
            )
        except Conflict as conflict:
            page = conflict_page(form, conflict) | {"item": conflict.theirs}
            return render(request, "governance/forward/conflict.html", page, status=409)
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, f"Saved: {saved.title}.{_still_on(request.user, saved, was_at)}")
            return redirect("governance:forward")
    page = {"form": form, "item": row}
    return render(request, "governance/forward/item_form.html", page, status=422 if form.errors else 200)


def _still_on(person, row: ForwardItem, was_at: Meeting | None) -> str:
    """A reminder where an item has moved on from a meeting whose agenda still has it."""
    if was_at is None or row.meeting_id == was_at.pk:
        return ""
    on_agenda = AgendaItem.objects.visible_to(person).filter(meeting=was_at, forward=row, withdrawn_because="")
    if not on_agenda.exists():
        return ""
    return f" It still stands on the agenda of {dates.say_day(was_at.starts_at)}: take it off there."


@require_POST
def spread(request):
    """Give every deep dive without a place a meeting."""
    placed = operations.spread_deep_dives(by=request.user)
    if placed:
        days = ", ".join(f"{each.theme.short_name} on {dates.say_day(each.meeting.starts_at)}" for each in placed)
        messages.success(request, f"Placed: {days}.")
    else:
        messages.error(request, "Nothing was placed: every deep dive has its place, or no meeting of the year is free.")
    return redirect("governance:forward")
