"""The programme on screen: plans, workstreams, deliverables, the list, and logging progress."""

import itertools

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jcb import access, dates, files
from jcb.asked import asked_day
from jcb.freshness import unless_unchanged
from jcb.models import BoardSettings
from jcb.spreadsheets import csv_text
from workstreams import pages
from workstreams.filters import DeliverableFilter, streams_for
from workstreams.forms import ProgressForm, RoundForm
from workstreams.last_meeting import asked_of
from workstreams.models import Deliverable, Plan, ProgressUpdate, Status, StatusDefinition, Workstream
from workstreams.operations import ProgressConflict, confirm_complete, log_progress, say_no_change
from workstreams.standing import Tally, since_last_meeting, stand, standings, with_status

LARGEST = 2**31 - 1  # a number in an address beyond this names nothing, on either database
LIST_LIMIT = 500
SAVED = "saved"  # tags a message: the browser need no longer keep what was sent with the form
TYPED_AND_PRESSED = (
    "You pressed “No change” and wrote words. Save this row to log the words, or empty the box and press it again."
)


def _plan(request, slug: str) -> Plan:
    return get_object_or_404(Plan.objects.visible_to(request.user).select_related("area"), slug=slug)


def _deliverable(request, slug: str, number: int, item: int) -> Deliverable:
    if max(number, item) > LARGEST:
        raise Http404
    rows = Deliverable.objects.visible_to(request.user).select_related(
        "workstream__plan__area", "lead", "deputy", "partner"
    )
    return get_object_or_404(
        rows.prefetch_related("workstream__leads__person"),
        workstream__plan__slug=slug,
        workstream__number=number,
        number=item,
    )


@require_safe
def plan_list(request):
    """Every plan, by borough, with where it stands."""
    asked = asked_day(request)
    plans = list(Plan.objects.visible_to(request.user).select_related("area", "next__area"))
    rows = Deliverable.objects.visible_to(request.user).order_by("workstream__plan", "workstream__number", "number")
    found = standings(rows, day=asked.day, since=since_last_meeting(asked.day))
    by_plan = {p.pk: [row for row in found if row.deliverable.workstream.plan_id == p.pk] for p in plans}
    cards = [(plan, Tally.of(by_plan[plan.pk]), plan.is_past_period(asked.day)) for plan in plans]
    return render(request, "workstreams/plan_list.html", {"cards": cards, "asked": asked})


@require_safe
def plan_detail(request, slug):
    """A plan: edition, period, workstreams, lineage, and what it holds."""
    plan, asked = _plan(request, slug), asked_day(request)
    return render(request, "workstreams/plan_detail.html", pages.plan_page(plan, asked, request.user))


@require_safe
def theme_matrix(request, slug):
    """Workstreams by themes, with what is not yet considered."""
    plan, asked = _plan(request, slug), asked_day(request)
    page = pages.theme_page(plan, asked)
    if not page["themes"]:
        raise Http404
    return render(request, "workstreams/theme_matrix.html", page)


@require_safe
def workstream_detail(request, slug, number):
    """A workstream: summary, leads, lineage, deliverables, themes, achievements, needs."""
    if number > LARGEST:
        raise Http404
    workstream = get_object_or_404(
        Workstream.objects.visible_to(request.user).select_related("plan__area"), plan__slug=slug, number=number
    )
    return render(request, "workstreams/workstream_detail.html", pages.workstream_page(workstream, asked_day(request)))


@require_http_methods(["GET", "HEAD", "POST"])
def deliverable_detail(request, slug, number, item):
    """A deliverable and its log; progress is logged here. Two who save at once: the second sees both texts (409)."""
    deliverable, asked = _deliverable(request, slug, number, item), asked_day(request)
    page = pages.deliverable_page(deliverable, asked, request.user)
    form = None
    if page["may_log"]:
        given = (request.POST, request.FILES) if request.method == "POST" else ()
        corrects = _corrected(request, page["log"])
        start = pages.correction_start(corrects) if corrects else {}
        form = ProgressForm(
            *given,
            deliverable=deliverable,
            person=request.user,
            latest=page["present"],
            since=page["since"],
            initial=start,
        )
        page |= {"corrects": corrects}
    if request.method == "POST":
        access.require(form is not None, pages.MAY_NOT_LOG)
        if form.is_valid():
            answer = _save(request, form, deliverable, corrects=page["corrects"])
            if answer is not None:
                return answer
    status = 422 if form is not None and form.is_bound else 200
    return render(request, "workstreams/deliverable_detail.html", page | {"form": form}, status=status)


def _corrected(request, log) -> ProgressUpdate | None:
    """The update that is being corrected, named by its number in the address or the form."""
    named = request.POST.get("corrects") or request.GET.get("correct") or ""
    return next((update for update in log if named.isdecimal() and update.number == int(named[:9])), None)


def _save(request, form, deliverable, corrects=None):
    """Save a valid form: a redirect, a page with both texts, or None with the refusal put on the form."""
    try:
        written = form.written()
        update = log_progress(deliverable=deliverable, by=request.user, corrects=corrects, **written)
    except ProgressConflict as conflict:
        return render(
            request,
            "workstreams/conflict.html",
            pages.conflict_page(deliverable, form, written, conflict.theirs, corrects),
            status=409,
        )
    except ValidationError as refusal:
        form.add_refusal(refusal)
        return None
    messages.success(request, f"Saved: {deliverable.reference} is {update.get_status_display().lower()}.", SAVED)
    return redirect(
        "workstreams:deliverable", deliverable.workstream.plan.slug, deliverable.workstream.number, deliverable.number
    )


@require_POST
def no_change(request, slug, number, item):
    """One press: the last words stand."""
    deliverable = _deliverable(request, slug, number, item)
    back = "workstreams:round" if request.POST.get("from") == "round" else None
    try:
        say_no_change(
            deliverable=deliverable,
            by=request.user,
            seen=_seen(request),
            on_behalf_of=_spoken_for(request, deliverable),
        )
    except ProgressConflict:
        messages.error(
            request,
            f"{deliverable.reference} was not saved: somebody logged progress since you opened the page. Their words are below.",
        )
    except ValidationError as refusal:
        messages.error(request, f"{deliverable.reference} was not saved. {' '.join(refusal.messages)}")
    else:
        messages.success(request, f"Saved: {deliverable.reference}, no change.", SAVED)
    if back:
        return redirect(back)
    return redirect("workstreams:deliverable", slug, number, item)


@require_POST
def confirm(request, slug, number, item):
    """Confirm the completion another proposed."""
    deliverable = _deliverable(request, slug, number, item)
    try:
        confirm_complete(
            deliverable=deliverable,
            by=request.user,
            seen=_seen(request),
            narrative=request.POST.get("narrative", "").strip(),
        )
    except ProgressConflict:
        messages.error(
            request, "Nothing was confirmed: somebody logged progress since you opened the page. Their words are below."
        )
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        messages.success(request, f"Confirmed: {deliverable.reference} is complete.", SAVED)
    return redirect("workstreams:deliverable", slug, number, item)


def _seen(request) -> int:
    seen = request.POST.get("seen", "")
    return int(seen) if seen.isdecimal() and len(seen) < 9 else 0


def _spoken_for(request, deliverable):
    """For the secretariat: the deliverable's lead, on whose behalf a press of "no change" is made."""
    return deliverable.lead if access.is_secretariat(request.user) else None


@require_safe
def evidence(request, slug, number, item, update):
    """The file kept as evidence with an update."""
    if update > LARGEST:
        raise Http404
    deliverable = _deliverable(request, slug, number, item)
    found = get_object_or_404(
        ProgressUpdate.objects.visible_to(request.user).select_related("evidence"),
        deliverable=deliverable,
        number=update,
        evidence__isnull=False,
    )
    return files.download(request, found.evidence, name=found.evidence_name or str(found.evidence))


def _filtered(request, most: int | None = None):
    """The filter form, the rows it leaves in their order, at most so many, and how many it chose from."""
    asked, streams = asked_day(request), streams_for(request.user)
    plans = dict.fromkeys(stream.plan for stream in streams)
    everything = with_status(Deliverable.objects.visible_to(request.user), asked.day, plans)
    chosen = DeliverableFilter(request.GET, queryset=everything, request=request, day=asked.day, streams=streams)
    rows = chosen.qs if chosen.form.is_valid() else chosen.queryset
    listed = chosen.sorted(rows)[:most]
    found = standings(listed, day=asked.day, since=since_last_meeting(asked.day), streams=streams)
    return asked, chosen, found


@require_safe
@unless_unchanged
def deliverable_list(request):
    """Every deliverable, filtered and ordered by the address."""
    asked, chosen, found = _filtered(request, LIST_LIMIT)
    page = pages.list_page(request, asked, chosen, found) | {"is_cut": len(found) == LIST_LIMIT}
    partial = request.htmx and not request.htmx.boosted
    template = "workstreams/_deliverable_rows.html" if partial else "workstreams/deliverable_list.html"
    answer = render(request, template, page)
    patch_vary_headers(answer, ["HX-Request"])  # or a browser that goes back shows the rows without their page
    return answer


@require_safe
def deliverable_csv(request):
    """The list as it is filtered, as a spreadsheet: all its rows, however many the page shows."""
    asked, _, found = _filtered(request)
    header = [
        "Plan",
        "Reference",
        "Deliverable",
        "Workstream",
        "Status",
        "Last recorded",
        "Owner",
        "Partner",
        "Agreed date",
        "Forecast",
        "Days overdue",
        "Last update",
        "Words",
        "Invented",
        "As at",
    ]
    text = csv_text(header, (pages.csv_row(row, asked.day) for row in found))
    answer = HttpResponse(text, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="deliverables-{asked.day.isoformat()}.csv"'
    answer["Cache-Control"] = "private, no-store"
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
def my_round(request):
    """Everything I lead on one page. Rows save one at a time or together; a refused row blocks only itself."""
    today = dates.today()
    settings = BoardSettings.current()
    since = since_last_meeting(today, settings)
    rows = (
        Deliverable.objects.visible_to(request.user)
        .led_by(request.user, today)
        .prefetch_related("workstream__leads__person")
    )
    mine = [
        row
        for row in standings(rows, day=today, since=since)
        if access.may_log_progress(request.user, row.deliverable, today)
    ]
    posted = request.POST if request.method == "POST" else None
    only = (posted.get("save") or posted.get("no_change")) if posted else None
    lines, saved, refused = [], [], []
    for row in mine:
        prefix = f"d{row.deliverable.pk}"
        chosen = posted is not None and f"{prefix}-seen" in posted and only in (None, "all", prefix)
        made = {
            "deliverable": row.deliverable,
            "person": request.user,
            "latest": row.latest,
            "since": since,
            "prefix": prefix,
        }
        form = (
            RoundForm(posted, request.FILES, **made)
            if posted is not None and f"{prefix}-seen" in posted
            else RoundForm(**made)
        )
        line = {"row": row, "form": form, "state": "", "theirs": []}
        if chosen and "no_change" in posted:
            _repeat_line(request, line, saved, refused, made)
        elif chosen and (only == prefix or form.has_changed()):
            _save_line(request, line, saved, refused, made)
        lines.append(line)
    grouped = [
        (stream, list(group))
        for stream, group in itertools.groupby(lines, key=lambda line: line["row"].deliverable.workstream)
    ]
    if saved and not refused:
        messages.success(request, f"{len(saved)} saved.", SAVED)
        if only == "all" or not only:
            return redirect("workstreams:round")
    page = {
        "groups": grouped,
        "lines": lines,
        "saved": saved,
        "refused": refused,
        "since": since,
        "posted": posted is not None,
        "count": len(lines),
        "today": today,
        "part": asked_of(request.user, today),
    }
    return render(request, "workstreams/my_round.html", page, status=422 if refused else 200)


def _save_line(request, line, saved, refused, made) -> None:
    """Save one row of the round; on success it shows what is now on record, on refusal what was typed."""
    form, deliverable = line["form"], line["row"].deliverable
    if not form.is_valid():
        line["state"] = "refused"
        refused.append(line)
        return
    try:
        update = log_progress(deliverable=deliverable, by=request.user, **form.written())
    except ProgressConflict as conflict:
        _show_theirs(line, conflict, refused)
    except ValidationError as refusal:
        form.add_refusal(refusal)
        line["state"] = "refused"
        refused.append(line)
    else:
        _settle_line(line, update, saved, made)


def _show_theirs(line, conflict, refused) -> None:
    """A row on which others wrote meanwhile: theirs beside what was typed, and the next save is an answer to theirs."""
    form, newest = line["form"], conflict.theirs[0]
    line |= {"state": "conflict", "theirs": conflict.theirs}
    words = f"{newest.by} logged progress while you were writing. Read theirs, then save again to add yours."
    form.refuse_only(ValidationError({"narrative": words}))
    form.see(newest.number)
    refused.append(line)


def _repeat_line(request, line, saved, refused, made) -> None:
    """No change on one row of the round: one press, and the other rows keep what was typed."""
    form, deliverable = line["form"], line["row"].deliverable
    if request.POST.get(form.add_prefix("narrative"), "").strip():
        form.refuse_only(ValidationError({"narrative": TYPED_AND_PRESSED}))
        line["state"] = "refused"
        refused.append(line)
        return
    seen = request.POST.get(form.add_prefix("seen"), "")
    try:
        update = say_no_change(
            deliverable=deliverable,
            by=request.user,
            seen=int(seen) if seen.isdecimal() and len(seen) < 9 else 0,
            on_behalf_of=_spoken_for(request, deliverable),
        )
    except ProgressConflict as conflict:
        _show_theirs(line, conflict, refused)
    except ValidationError as refusal:
        form.refuse_only(refusal)
        line["state"] = "refused"
        refused.append(line)
    else:
        _settle_line(line, update, saved, made)


def _settle_line(line, update, saved, made) -> None:
    """Show a saved row as it is on record now, with an empty form for the next words."""
    row = stand(line["row"].deliverable, update, day=dates.today(), since=made["since"])
    line |= {
        "state": "saved",
        "saved_at": dates.say_instant(update.at),
        "row": row,
        "form": RoundForm(**{**made, "latest": update}),
    }
    saved.append(line)


@require_safe
def status_key(request):
    """What each status means."""
    definitions = StatusDefinition.objects.visible_to(request.user)
    return render(request, "workstreams/status_key.html", {"definitions": definitions, "statuses": Status})
