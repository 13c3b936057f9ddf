"""Summaries for families: written and approved inside, read by anyone outside."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.families import operations
from governance.families.draft import published, sections
from governance.models import FamilySummary, Meeting
from jcb import access, dates, pdf
from jcb.models import BoardSettings
from jcb.steps import SeenForm, Step, answer, words

State = FamilySummary.State
VERBS = {"approve": operations.approve, "publish": operations.publish, "withdraw": operations.withdraw}
DONE = {"approve": "Approved.", "publish": "It is public now.", "withdraw": "It is off the public pages."}


class SummaryForm(SeenForm):
    """The words of a summary."""

    title = forms.CharField(label="Title", max_length=150, error_messages={"required": "Give the summary a title."})
    text = words(
        "Summary",
        "In plain words, for families. A line that begins with ## is a heading; one that begins with - is in a list.",
        "Write the summary.",
        18,
        max_length=20_000,
    )


# Inside ---------------------------------------------------------------------------------------------------------------


def _summary(request, key: str) -> tuple[Meeting, FamilySummary | None]:
    meeting = get_object_or_404(Meeting.objects.visible_to(request.user), key=key)
    return meeting, FamilySummary.objects.visible_to(request.user).filter(meeting=meeting).first()


@require_http_methods(["GET", "HEAD", "POST"])
def summary(request, key):
    """The summary of a meeting as it stands: read by the Board, begun and edited by the secretariat."""
    meeting, row = _summary(request, key)
    writes = access.may_prepare_meetings(request.user)
    if row is None:
        if request.method == "POST":
            return _begin(request, meeting)
        return render(request, "governance/families/none.html", {"meeting": meeting, "may": writes})
    access.require(writes or request.method != "POST", operations.MAY_NOT)
    form = SummaryForm(request.POST or None, row=row, initial={"title": row.title, "text": row.text})
    where = reverse("governance:family_summary", args=[key])

    def does():
        operations.edit(by=request.user, summary=row, **form.written())
        return "Saved. A member of the Board approves it before it is public.", where

    crumbs = (
        (reverse("governance:meetings"), "Meetings"),
        (reverse("governance:meeting", args=[key]), str(meeting)),
    )
    step = Step(
        row.title, "Save", reverse("governance:meeting", args=[key]), f"Summary for families, {meeting}", "", crumbs
    )
    page = {
        "summary": row,
        "sections": sections(row.text),
        "may": writes and row.state != State.PUBLIC,
        "verbs": _verbs(request.user, row),
        "is_public": row.state == State.PUBLIC and BoardSettings.current().public_pages,
        "switched_off": not BoardSettings.current().public_pages,
    }
    return answer(request, form, step, does, "governance/families/summary.html", **page)


def _begin(request, meeting: Meeting):
    try:
        operations.begin(by=request.user, meeting=meeting)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return redirect("governance:minutes", meeting.key)
    messages.success(request, "The draft is made from the agreed minutes. Put it into plain words.")
    return redirect("governance:family_summary", meeting.key)


def _verbs(person, row: FamilySummary) -> list[tuple[str, str]]:
    found = []
    if row.state == State.DRAFT and access.may_approve_summary(person):
        found.append(("approve", "Approve it for publication"))
    if access.may_prepare_meetings(person):
        if row.state == State.APPROVED:
            found.append(("publish", "Publish it"))
        if row.state == State.PUBLIC:
            found.append(("withdraw", "Take it off the public pages"))
    return found


@require_POST
def step(request, key, verb):
    """Approve, publish or withdraw a summary, as it was when the page was opened."""
    _, row = _summary(request, key)
    if row is None:
        raise Http404
    may, refusal = access.may_prepare_meetings(request.user), operations.MAY_NOT
    if verb == "approve":
        may, refusal = access.may_approve_summary(request.user), operations.MAY_NOT_APPROVE
    access.require(may, refusal)
    seen = request.POST.get("seen", "")
    try:
        VERBS[verb](by=request.user, summary=row, seen=int(seen) if seen.isdecimal() and len(seen) < 10 else 0)
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
    else:
        messages.success(request, DONE[verb])
    return redirect("governance:family_summary", key)


# Outside --------------------------------------------------------------------------------------------------------------


def _public(request):
    if not BoardSettings.shows_public_pages(request.user):
        raise Http404
    return published()


@login_not_required
@require_safe
def board(request):
    """What the Board did, meeting by meeting: for families, and for anyone."""
    rows = [(row, dates.say_day(row.meeting.starts_at)) for row in _public(request)]
    return render(
        request, "governance/families/board.html", {"rows": rows, "board": BoardSettings.current().board_name}
    )


@login_not_required
@require_safe
def public_summary(request, key):
    """The published summary of one meeting."""
    row = get_object_or_404(_public(request), meeting__key=key)
    return render(request, "governance/families/public.html", _said(row))


@login_not_required
@require_safe
def public_pdf(request, key):
    """The same as an accessible PDF."""
    row = get_object_or_404(_public(request), meeting__key=key)
    try:
        made = pdf.render_pdf(render_to_string("print/family_summary.html", _said(row)))
    except pdf.PdfError as problem:
        messages.error(request, str(problem))
        return redirect("governance:public_summary", key)
    reply = HttpResponse(made.content, content_type="application/pdf")
    reply["Content-Disposition"] = f'inline; filename="board-{key}.pdf"'
    return reply


def _said(row: FamilySummary) -> dict:
    return {
        "summary": row,
        "sections": sections(row.text),
        "day": dates.say_day(row.meeting.starts_at),
        "published": dates.say_day(row.published_at),
        "board": BoardSettings.current().board_name,
    }
