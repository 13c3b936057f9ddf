"""The reporting round on screen: for the secretariat lead by lead, the highlights for who writes them, the report for all."""

import datetime as dt

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.conflicts import conflict_page
from governance.models import Highlight, Meeting, Round
from governance.rounds import operations, pages
from governance.rounds.forms import HighlightForm
from governance.rounds.highlight import build, since_meeting_before
from jcb import access, dates, pdf
from jcb.history import Conflict
from jcb.models import Person
from workstreams.models import Deliverable, Status, Workstream
from workstreams.standing import standings, worst_first

LARGEST = 2**31 - 1  # a number in an address beyond this names nothing, on either database


def _meeting(request, key: str) -> Meeting:
    return get_object_or_404(Meeting.objects.visible_to(request.user), key=key)


def _prepared(request) -> None:
    access.require(access.may_prepare_meetings(request.user), operations.MAY_NOT)


@require_safe
def whole_round(request, key):
    """Who has answered and who has not, lead by lead."""
    meeting = _meeting(request, key)
    _prepared(request)
    return render(request, "governance/rounds/round.html", pages.round_page(meeting, dates.now()))


@require_POST
def open_round(request, key):
    """Open the round; opening it again does nothing."""
    meeting = _meeting(request, key)
    _prepared(request)
    try:
        asked_in, is_new = operations.open_round(meeting=meeting, by=request.user)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        closes = dates.say_near(asked_in.closes_at)
        if is_new:
            messages.success(
                request, f"The round is open until {closes}, and every lead is told what is asked of them."
            )
        else:
            messages.success(request, f"The round was open already, until {closes}. Nobody was told again.")
    return redirect("governance:round", key)


@require_POST
def nudge(request, key):
    """Nudge one lead, or everyone who has not answered."""
    meeting = _meeting(request, key)
    _prepared(request)
    asked_in = get_object_or_404(Round.objects.visible_to(request.user).select_related("meeting"), meeting=meeting)
    named = request.POST.get("person", "")
    person = None
    if named != "everyone":
        if not (named.isascii() and named.isdecimal() and len(named) < 10):
            raise Http404
        person = get_object_or_404(Person.objects.visible_to(request.user), pk=int(named))
    try:
        told = operations.nudge(asked_in=asked_in, by=request.user, person=person)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return redirect("governance:round", key)
    if told:
        messages.success(request, f"Nudged by e-mail: {', '.join(each.name for each in told)}.")
    else:
        messages.success(request, "Nobody was told: they have answered, or were nudged today already.")
    return redirect("governance:round", key)


# The highlight report -------------------------------------------------------------------------------------------------


def _as_at(meeting: Meeting) -> dt.date:
    """Today, or the day of the meeting once that has passed."""
    return min(dates.today(), meeting.on)


@require_safe
def highlight(request, key):
    """The highlight report of a meeting, by workstream."""
    meeting = _meeting(request, key)
    streams = Workstream.objects.visible_to(request.user).prefetch_related("leads").select_related("plan")
    mine = set()
    if not meeting.is_over:
        today = dates.today()
        mine = {
            f"{stream.plan.slug}-{stream.number}"
            for stream in streams
            if access.may_write_highlight(request.user, stream, today)
        }
    page = {
        "meeting": meeting,
        "report": build(meeting, _as_at(meeting)),
        "mine": mine,
        "may_prepare": access.may_prepare_meetings(request.user),
        "may_print": pdf.typeface_is_there(),
    }
    return render(request, "governance/rounds/highlight.html", page)


@require_safe
def highlight_pdf(request, key):
    """The highlight report as a PDF, made when it is asked for and not kept: what is kept is the pack."""
    meeting = _meeting(request, key)
    html = render_to_string("print/highlight.html", {"report": build(meeting, _as_at(meeting))})
    try:
        rendered = pdf.render_pdf(html)
    except pdf.PdfError as problem:
        messages.error(request, str(problem))
        return redirect("governance:highlight", key)
    headers = {
        "Content-Disposition": f'attachment; filename="highlight-report-{meeting.key}.pdf"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(rendered.content, content_type="application/pdf", headers=headers)


@require_http_methods(["GET", "HEAD", "POST"])
def write_highlight(request, key, slug, number):
    """What a lead says of a workstream for a meeting. Two who save at once: the second sees both texts (409)."""
    if number > LARGEST:
        raise Http404
    meeting = _meeting(request, key)
    streams = Workstream.objects.visible_to(request.user).select_related("plan__area").prefetch_related("leads")
    stream = get_object_or_404(streams, plan__slug=slug, number=number)
    access.require(access.may_write_highlight(request.user, stream, dates.today()), operations.MAY_NOT_WRITE)
    written = Highlight.objects.visible_to(request.user).filter(meeting=meeting, workstream=stream).first()
    # A form that was opened before anything was written is about a new row, whoever was quicker meanwhile.
    is_first = written is None or (request.method == "POST" and not request.POST.get("seen"))
    rows = _standings(request, meeting, stream)
    if is_first:
        row = Highlight(meeting=meeting, workstream=stream)
        form = HighlightForm(request.POST or None, instance=row, initial=_start(rows))
    else:
        form = HighlightForm(request.POST or None, instance=written)
    page = {
        "meeting": meeting,
        "workstream": stream,
        "rows": rows,
        "since": since_meeting_before(meeting, dates.today()),
    }
    if request.method == "POST" and form.is_valid():
        try:
            operations.write_highlight(
                highlight=form.instance,
                by=request.user,
                seen=None if is_first else form.cleaned_data["seen"],
                changed=operations.EDITABLE if is_first else form.changed(),
            )
        except Conflict as conflict:
            return render(
                request, "governance/rounds/conflict.html", page | _both_texts(request, form, conflict), status=409
            )
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, f"Saved: the highlights of {stream.short_name}.")
            return redirect("governance:highlight", key)
    page |= {"form": form, "written": written}
    return render(request, "governance/rounds/write.html", page, status=422 if form.errors else 200)


def _standings(request, meeting: Meeting, stream: Workstream):
    rows = Deliverable.objects.visible_to(request.user).filter(workstream=stream).order_by("number")
    today = dates.today()
    return worst_first(standings(rows, day=today, since=since_meeting_before(meeting, today)))


def _start(rows) -> dict:
    """A new form starts with the worst status among the deliverables; the lead may say otherwise."""
    unclosed = [row.status for row in rows if row.status is not Status.CLOSED]
    return {"status": unclosed[0].value} if unclosed else {}


def _both_texts(request, form: HighlightForm, conflict: Conflict) -> dict:
    """Both texts; where the person had written a first one, the form is now about the one that is there."""
    if "seen" in form.fields:
        return conflict_page(form, conflict)
    typed = request.POST.copy()
    typed["seen"] = str(conflict.theirs.version)
    present = Highlight.objects.visible_to(request.user).get(pk=conflict.theirs.pk)
    answer = HighlightForm(typed, instance=present)
    answer.is_valid()
    return conflict_page(answer, conflict)
