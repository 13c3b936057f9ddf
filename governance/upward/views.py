"""Bodies that hear from the Board, and the reports to them."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.models import BodyMeeting, Meeting, ParentBody, UpwardReport
from governance.upward import documents, operations
from governance.upward.forms import BodyForm, DateForm, EditBodyForm, ReportForm
from jcb import access, dates, files, pdf
from jcb.steps import Step, answer

read_or_write = require_http_methods(["GET", "HEAD", "POST"])
State = UpwardReport.State


def _prepared(request) -> None:
    access.require(access.may_prepare_meetings(request.user), operations.MAY_NOT)


# Bodies ---------------------------------------------------------------------------------------------------------------


def _crumbs() -> tuple[tuple[str, str], ...]:
    return ((reverse("governance:meetings"), "Meetings"), (reverse("governance:bodies"), "Bodies"))


@require_safe
def bodies(request):
    """The bodies that hear from the Board, each with its next meetings and paper deadlines."""
    rows = ParentBody.objects.visible_to(request.user).select_related("partner").order_by("name")
    coming: dict[int, list[str]] = {}
    for each in BodyMeeting.objects.visible_to(request.user).filter(on__gte=dates.today()).order_by("on"):
        words = f"{dates.say_day(each.on)}, papers due {dates.say_day(each.papers_due_on)}"
        coming.setdefault(each.body_id, []).append(words)
    page = {
        "rows": [(row, coming.get(row.pk, [])) for row in rows],
        "may": access.may_prepare_meetings(request.user),
        "crumbs": _crumbs()[:1],
    }
    return render(request, "governance/upward/bodies.html", page)


@read_or_write
def add_body(request):
    """Add a body."""
    _prepared(request)
    form = BodyForm(request.POST or None)

    def does():
        row = operations.keep_body(by=request.user, **form.cleaned_data)
        return f"{row} is on the list.", reverse("governance:bodies")

    return answer(request, form, Step("Add a body", "Add it", reverse("governance:bodies"), "", "", _crumbs()), does)


@read_or_write
def edit_body(request, body):
    """Change what is kept of a body."""
    row = get_object_or_404(ParentBody.objects.visible_to(request.user), key=body)
    _prepared(request)
    form = EditBodyForm(request.POST or None, row=row)

    def does():
        operations.keep_body(by=request.user, body=row, **form.written())
        return "Saved.", reverse("governance:bodies")

    return answer(request, form, Step(row.name, "Save", reverse("governance:bodies"), "", "", _crumbs()), does)


@read_or_write
def add_date(request, body):
    """Record a day on which a body meets."""
    row = get_object_or_404(ParentBody.objects.visible_to(request.user), key=body)
    _prepared(request)
    form = DateForm(request.POST or None)

    def does():
        made = operations.keep_date(by=request.user, body=row, **form.cleaned_data)
        return f"{made} is recorded. Papers are due on {dates.say_day(made.papers_due_on)}.", reverse(
            "governance:bodies"
        )

    step = Step("Add a date", "Add it", reverse("governance:bodies"), row.name, "", _crumbs())
    return answer(request, form, step, does)


# Reports --------------------------------------------------------------------------------------------------------------


def _report(request, key: str, body: str) -> tuple[Meeting, UpwardReport]:
    meeting = get_object_or_404(Meeting.objects.visible_to(request.user), key=key)
    rows = UpwardReport.objects.visible_to(request.user).select_related(
        "meeting", "body", "for_meeting", "document__file"
    )
    return meeting, get_object_or_404(rows, meeting=meeting, body__key=body)


@read_or_write
def reports(request, key):
    """The reports on a meeting, body by body; the secretariat begins one here."""
    meeting = get_object_or_404(Meeting.objects.visible_to(request.user), key=key)
    if request.method == "POST":
        _prepared(request)
        return _begin(request, meeting)
    made = {row.body_id: row for row in UpwardReport.objects.visible_to(request.user).filter(meeting=meeting)}
    coming: dict[int, BodyMeeting] = {}
    for each in BodyMeeting.objects.visible_to(request.user).filter(on__gte=dates.today()).order_by("on"):
        coming.setdefault(each.body_id, each)
    rows = []
    for body in ParentBody.objects.visible_to(request.user).order_by("name"):
        row, nearest = made.get(body.pk), coming.get(body.pk)
        how = "Not begun"
        if row is not None:
            how = f"Sent on {dates.say_day(row.sent_at)} to {row.sent_to}" if row.sent_at else "Draft"
        due = ""
        if nearest is not None:
            due = f"Meets on {dates.say_day(nearest.on)}, papers due {dates.say_day(nearest.papers_due_on)}"
            if nearest.papers_due_on < dates.today() and not (row and row.sent_at):
                due += ": late"
        rows.append((body, row, how, due))
    page = {"meeting": meeting, "rows": rows, "may": access.may_prepare_meetings(request.user)}
    return render(request, "governance/upward/reports.html", page)


def _begin(request, meeting: Meeting):
    body = get_object_or_404(
        ParentBody.objects.visible_to(request.user), key=request.POST.get("body", "").replace("\0", "")
    )
    try:
        operations.begin(by=request.user, meeting=meeting, body=body)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return redirect("governance:reports", meeting.key)
    return redirect("governance:report", meeting.key, body.key)


@read_or_write
def report(request, key, body):
    """One report as it reads; the secretariat edits it until it is sent."""
    meeting, row = _report(request, key, body)
    if request.method == "POST":
        _prepared(request)
    form = ReportForm(request.POST or None, row=row)
    where = reverse("governance:report", args=[key, body])

    def does():
        operations.edit(by=request.user, report=row, **form.written())
        return "Saved.", where

    crumbs = (
        (reverse("governance:meetings"), "Meetings"),
        (reverse("governance:meeting", args=[key]), str(meeting)),
        (reverse("governance:reports", args=[key]), "Reports upward"),
    )
    step = Step(
        f"Report to {row.body}", "Save", reverse("governance:reports", args=[key]), f"Meeting of {meeting}", "", crumbs
    )
    page = {
        "report": row,
        "said": documents.said(row),
        "may": access.may_prepare_meetings(request.user) and row.state == State.DRAFT,
        "sent": dates.say_instant(row.sent_at) if row.sent_at else "",
    }
    return answer(request, form, step, does, "governance/upward/report.html", **page)


@require_safe
def report_pdf(request, key, body):
    """The report as it was sent, or as it reads now."""
    _, row = _report(request, key, body)
    if row.document:
        return files.download(request, row.document.file, name=f"report-{key}.pdf")
    try:
        made = documents.draw(documents.said(row))
    except pdf.PdfError as problem:
        messages.error(request, str(problem))
        return redirect("governance:report", key, body)
    reply = HttpResponse(made.content, content_type="application/pdf")
    reply["Content-Disposition"] = f'attachment; filename="report-{key}.pdf"'
    reply["Cache-Control"] = "private, no-store"
    return reply


@require_POST
def send(request, key, body):
    """Send a report as it was when the page was opened."""
    _, row = _report(request, key, body)
    _prepared(request)
    seen = request.POST.get("seen", "")
    try:
        done = operations.send(
            by=request.user, report=row, seen=int(seen) if seen.isdecimal() and len(seen) < 10 else 0
        )
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    except pdf.PdfError as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, f"The report is on its way to {done.sent_to}.")
    return redirect("governance:report", key, body)
