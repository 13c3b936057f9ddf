"""The register of decisions, one decision, its extract, and what is recorded of it."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.came_from import came_from
from governance.decisions import forms, operations, pages
from governance.models import Action, AgendaItem, Decision, Dispute, Recommendation, Stance
from jcb import access, dates, pdf
from jcb.spreadsheets import csv_text
from jcb.steps import LARGEST, Step, answer

read_or_write = require_http_methods(["GET", "HEAD", "POST"])
A_PAGE = 50


def _decision(request, series: str, number: int) -> Decision:
    if number > LARGEST:
        raise Http404
    return get_object_or_404(pages.visible(request.user), series=series, number=number)


def _item(request, key: str, pk: int) -> AgendaItem:
    if pk > LARGEST:
        raise Http404
    rows = AgendaItem.objects.visible_to(request.user).select_related("meeting__terms")
    return get_object_or_404(rows, meeting__key=key, pk=pk)


def address(row: Decision) -> str:
    return reverse("governance:decision", args=[row.series, row.number])


def _crumbs(row: Decision | None = None) -> tuple[tuple[str, str], ...]:
    above = ((reverse("governance:meetings"), "Meetings"), (reverse("governance:decisions"), "Decisions"))
    return (*above, (address(row), row.ref)) if row else above


# Reading --------------------------------------------------------------------------------------------------------------


@require_safe
def register(request):
    """Every decision that a person may see, with words to search and how each stands."""
    found = pages.DecisionFilter(request.GET, queryset=pages.visible(request.user), request=request)
    paged = Paginator(found.qs, A_PAGE).get_page(request.GET.get("page"))
    asked = request.GET.copy()
    asked.pop("page", None)
    page = {
        "form": found.form,
        "page": paged,
        "lines": pages.lines(paged),
        "asked": asked.urlencode(),
        "may_record": access.may_prepare_meetings(request.user),
    }
    return render(request, "governance/decisions/register.html", page)


@require_safe
def register_csv(request):
    """The register as it is filtered, as a spreadsheet."""
    found = pages.DecisionFilter(request.GET, queryset=pages.visible(request.user), request=request)
    text = csv_text(pages.CSV_HEADER, (pages.csv_row(each) for each in pages.lines(found.qs)))
    reply = HttpResponse(text, content_type="text/csv; charset=utf-8")
    reply["Content-Disposition"] = f'attachment; filename="decisions-{dates.today().isoformat()}.csv"'
    reply["Cache-Control"] = "private, no-store"
    return reply


@require_safe
def detail(request, series, number):
    """One decision: its words, what each party said, what became of it."""
    row = _decision(request, series, number)
    may = access.may_prepare_meetings(request.user)
    why = operations.why_not_final(row, list(row.stances.all()))
    page = {
        "line": pages.line(row),
        "decision": row,
        "stances": pages.stance_lines(row),
        "changes": pages.date_changes(row),
        "actions": Action.objects.visible_to(request.user).filter(decision=row).select_related("owner"),
        "disputes": Dispute.objects.visible_to(request.user).filter(decision=row),
        "against": any(each.kind == Stance.Kind.DISAGREES for each in row.stances.all()),
        "may_raise": access.may_raise_disputes(request.user),
        "may": may,
        "is_final": not why,
        "crumbs": _crumbs(),
    }
    return render(request, "governance/decisions/detail.html", page)


@require_safe
def extract(request, series, number):
    """The extract of one decision as a PDF, from what the reader may see: made when it is asked for and not kept."""
    row = _decision(request, series, number)
    html = render_to_string("print/decision.html", {"extract": pages.extract(row, request.user)})
    try:
        made = pdf.render_pdf(html)
    except pdf.PdfError as problem:
        messages.error(request, str(problem))
        return redirect(address(row))
    headers = {
        "Content-Disposition": f'attachment; filename="decision-{row.series}-D{row.number}.pdf"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(made.content, content_type="application/pdf", headers=headers)


# Recording ------------------------------------------------------------------------------------------------------------


@read_or_write
def decide(request, key, pk):
    """Record a decision on an item of a meeting, with what each party said."""
    item = _item(request, key, pk)
    meeting = item.meeting
    access.require(access.may_prepare_meetings(request.user), operations.MAY_NOT)
    parties = list(operations.parties_on(meeting.on))
    form = forms.AtMeetingForm(request.POST or None, initial=_start(request, item), item=item, parties=parties)
    room = came_from(request, key, pk)

    def does():
        row = operations.record_decision(by=request.user, meeting=meeting, item=item, **form.written())
        return _said(row), room

    step = Step(
        title="Record a decision",
        button="Record the decision",
        back=room,
        caption=f"Meeting of {meeting}, {pages.item_words(item)}",
        crumbs=((reverse("governance:meeting", args=[key]), str(meeting)), (room, "Agenda item")),
    )
    return answer(request, form, step, does, "governance/decisions/decide.html")


def _start(request, item: AgendaItem) -> dict:
    """The words of the recommendation, and every party that is there as agreeing."""
    said = operations.agreed_by_all_present(item.meeting, item)
    start = {f"party_{pk}": each.kind for pk, each in said.items()}
    asked = request.GET.get("recommendation", "")
    rows = Recommendation.objects.visible_to(request.user).filter(front_sheet__item=item).order_by("number")
    if asked.isdecimal() and len(asked) < 5:
        rows = rows.filter(number=int(asked))
    open_ones = [each for each in rows if not each.decisions.exists()]
    if open_ones:
        start |= {"recommendation": open_ones[0].pk, "text": open_ones[0].text}
    return start


@require_POST
def agree(request, key, pk):
    """Record in one step that all parties present agreed to a recommendation, or to the words sent."""
    item = _item(request, key, pk)
    access.require(access.may_prepare_meetings(request.user), operations.MAY_NOT)
    named = request.POST.get("recommendation", "")
    number = int(named) if named.isdecimal() and len(named) < 5 else 0
    asked = Recommendation.objects.visible_to(request.user).filter(front_sheet__item=item, number=number).first()
    text = request.POST.get("text", "").replace("\0", "").strip() or (asked.text if asked else "")
    room = came_from(request, key, pk)
    try:
        if asked and asked.decisions.exists():
            raise ValidationError("This recommendation is decided already. Open the decision to correct it.")
        row = operations.record_decision(
            by=request.user,
            meeting=item.meeting,
            item=item,
            recommendation=asked,
            text=text,
            said=operations.agreed_by_all_present(item.meeting, item),
        )
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        messages.success(request, _said(row))
    return redirect(room)


def _said(row: Decision) -> str:
    why = operations.why_not_final(row)
    return f"Decision {row.ref} is recorded{f'. It is not final: {why}' if why else ''}."


@read_or_write
def between(request):
    """Record a decision that was made between meetings."""
    access.require(access.may_prepare_meetings(request.user), operations.MAY_NOT)
    parties = list(operations.parties_on(dates.today()))
    form = forms.BetweenMeetingsForm(request.POST or None, initial={"decided_on": dates.today()}, parties=parties)

    def does():
        row = operations.record_decision(by=request.user, **form.written())
        return f"Decision {row.ref} is recorded. It is provisional until a meeting ratifies it.", address(row)

    step = Step(
        title="Record a decision between meetings",
        button="Record the decision",
        back=reverse("governance:decisions"),
        says="Chairs’ action, or everybody asked by correspondence. It is provisional until a meeting ratifies it.",
        crumbs=_crumbs(),
    )
    return answer(request, form, step, does, "governance/decisions/decide.html")


@read_or_write
def correct(request, series, number):
    """Correct the words of a decision."""
    row = _decision(request, series, number)
    access.require(access.may_prepare_meetings(request.user), operations.MAY_NOT)
    form = forms.CorrectForm(request.POST or None, row=row, initial={"text": row.text})

    def does():
        operations.correct_decision(by=request.user, decision=row, **form.written())
        return f"Decision {row.ref} is corrected. Its history keeps what it said before.", address(row)

    return answer(request, form, _step(row, "Correct the words", "Save"), does)


@read_or_write
def ratify(request, series, number):
    """Record whether a meeting ratified a provisional decision."""
    row = _decision(request, series, number)
    access.require(access.may_prepare_meetings(request.user), operations.MAY_NOT)
    form = forms.RatifyForm(request.POST or None, row=row)

    def does():
        saved = operations.ratify(by=request.user, decision=row, **form.written())
        return f"Decision {row.ref}: {saved.get_ratification_display().lower()}.", address(row)

    return answer(request, form, _step(row, "Record what a meeting said of it", "Save"), does)


@read_or_write
def answer_reservation(request, series, number, partner):
    """Record the answer to a party's reservation."""
    row = _decision(request, series, number)
    access.require(access.may_prepare_meetings(request.user), operations.MAY_NOT)
    stances = Stance.objects.visible_to(request.user).filter(decision=row, kind=Stance.Kind.RESERVES)
    stance = get_object_or_404(stances.select_related("partner"), partner__key=partner)
    start = {name: getattr(stance, name) for name in ("answer", "answered_on", "effective_on")}
    form = forms.AnswerForm(request.POST or None, row=stance, initial=start)

    def does():
        operations.answer_reservation(by=request.user, stance=stance, **form.written())
        return f"The answer for {stance.partner} is recorded.", address(row)

    return answer(request, form, _step(row, f"Answer for {stance.partner}", "Record the answer"), does)


@read_or_write
def change_date(request, series, number):
    """Change the agreed date of a deliverable by this decision."""
    row = _decision(request, series, number)
    access.require(access.may_prepare_meetings(request.user), operations.MAY_NOT)
    form = forms.DateForm(request.POST or None, row=row, person=request.user)

    def does():
        change = operations.change_date(by=request.user, decision=row, **form.written())
        return f"{change.deliverable.reference} is due on {dates.say_day(change.after_on)} now.", address(row)

    step = _step(
        row, "Change an agreed date", "Change the date", "The date it had before stays visible beside the deliverable."
    )
    return answer(request, form, step, does)


def _step(row: Decision, title: str, button: str, says: str = "") -> Step:
    return Step(title, button, address(row), f"Decision {row.ref}", says, _crumbs(row))
