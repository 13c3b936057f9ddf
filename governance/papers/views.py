"""Front sheets and papers on screen. Who may not see an item finds nothing here; who may not read drafts reads the pack."""

import uuid

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from governance.agendas.build import for_person
from governance.agendas.views import LARGEST
from governance.conflicts import conflict_page
from governance.models import AgendaItem, FrontSheet, PackContent, Paper, PaperVersion
from governance.papers import commissioning, front_sheets, operations
from governance.papers.forms import CommissionForm, FrontSheetForm, HandInForm, WordsForm
from jcb import access, background, dates, files
from jcb.history import Conflict

USUAL_SECONDS = 10
LONG_WAIT = 20  # seconds after which work that nobody has begun is probably never begun
LONG_RUN = 300  # and after which some that was begun has probably been ended in the middle
CHANGED = "The paper changed since you opened this page. Look at it as it is now."


def _item(request, key: str, pk: int) -> AgendaItem:
    if pk > LARGEST:
        raise Http404
    rows = AgendaItem.objects.visible_to(request.user).select_related("meeting", "presenter")
    return get_object_or_404(rows, meeting__key=key, pk=pk)


def _draft(request, key: str, pk: int) -> AgendaItem:
    """An item to whose drafts the reader is let; nothing for anybody else."""
    item = _item(request, key, pk)
    if not access.may_read_drafts(request.user, item):
        raise Http404
    return item


def _line(request, item: AgendaItem):
    built = for_person(item.meeting, request.user, everything=True)
    return next(each for each in built.items if each.pk == item.pk)


# Front sheets ---------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def front_sheet(request, key, pk):
    """Write the front sheet of an item; whoever may not write it reads it. Two who save at once: the second sees both
    texts (409)."""
    item = _item(request, key, pk)
    if not access.may_write_front_sheet(request.user, item) or item.meeting.is_over:
        access.require(request.method != "POST", front_sheets.MAY_NOT)
        return redirect("governance:front_sheet_read", key, pk)
    sheet = FrontSheet.objects.visible_to(request.user).filter(item=item).first() or FrontSheet(item=item)
    if not sheet.pk and not access.is_secretariat(request.user):
        sheet.author = request.user
    form = FrontSheetForm(request.POST or None, instance=sheet, item=item, reader=request.user)
    page = {"item": item, "meeting": item.meeting, "line": _line(request, item), "form": form}
    if request.method == "POST" and form.is_valid():
        try:
            form.save_by(request.user)
        except Conflict as conflict:
            return _both_texts(request, page, form, conflict)
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, f"The front sheet is saved: {item.title}.")
            if "more" in request.POST:
                return redirect(f"{request.path}#recommendations")
            return redirect("governance:front_sheet_read", key, pk)
    return render(request, "governance/papers/front_sheet_form.html", page, status=422 if form.errors else 200)


def _both_texts(request, page: dict, form: FrontSheetForm, conflict: Conflict):
    lists = [name for name in conflict.fields if name in (front_sheets.RECOMMENDATIONS, front_sheets.THEMES)]
    rows = form.both_lists(lists, conflict.theirs)
    if lists:
        form.see_lists(conflict.theirs)
        conflict.theirs.refresh_from_db()
        conflict.fields = []
    page |= conflict_page(form, conflict)
    page["rows"] += rows
    return render(request, "governance/papers/conflict.html", page, status=409)


@require_safe
def read_front_sheet(request, key, pk):
    """A front sheet to read, on a phone too. Whoever may not read drafts is led to it in the published pack."""
    item = _item(request, key, pk)
    if not access.may_read_drafts(request.user, item):
        published = PackContent.objects.visible_to(request.user).filter(item=item).order_by("-pk").first()
        if published is None:
            raise Http404
        return redirect(
            f"{reverse('governance:pack_read', args=[published.pack.meeting.key])}#item-{published.label.lower()}"
        )
    sheet = front_sheets.of(item)
    page = {
        "item": item,
        "meeting": item.meeting,
        "line": _line(request, item),
        "sheet": front_sheets.build(sheet) if sheet else None,
        "papers": _papers(request, item),
        "may_write": access.may_write_front_sheet(request.user, item) and not item.meeting.is_over,
    }
    return render(request, "governance/papers/front_sheet.html", page)


# Papers ---------------------------------------------------------------------------------------------------------------


def _papers(request, item: AgendaItem) -> list[dict]:
    """The papers of an item, each with its latest version that the reader may see."""
    versions = PaperVersion.objects.visible_to(request.user).filter(paper__item=item)
    latest: dict[int, PaperVersion] = {}
    for version in versions.order_by("number"):
        latest[version.paper_id] = version
    rows = Paper.objects.visible_to(request.user).filter(item=item).select_related("author").order_by("order")
    return [{"paper": paper, "latest": latest.get(paper.pk)} for paper in rows]


@require_http_methods(["GET", "HEAD", "POST"])
def papers(request, key, pk):
    """The papers of an item; the secretariat asks for another one here."""
    item = _draft(request, key, pk)
    may_prepare = access.may_prepare_meetings(request.user) and not item.meeting.is_over
    if request.method == "POST":
        access.require(access.may_prepare_meetings(request.user), operations.MAY_NOT_PREPARE)
    form = CommissionForm(request.POST or None, reader=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            made = commissioning.commission(item=item, by=request.user, **form.cleaned_data)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, f"Asked for: {made.title}.")
            return redirect("governance:papers", key, pk)
    page = {
        "item": item,
        "meeting": item.meeting,
        "line": _line(request, item),
        "papers": _papers(request, item),
        "form": form if may_prepare else None,
    }
    return render(request, "governance/papers/papers.html", page, status=422 if form.errors else 200)


def _paper(request, key: str, pk: int, order: int) -> Paper:
    item = _draft(request, key, pk)
    if order > LARGEST:
        raise Http404
    rows = Paper.objects.visible_to(request.user).select_related("item__meeting", "author")
    return get_object_or_404(rows, item=item, order=order)


@require_http_methods(["GET", "HEAD", "POST"])
def paper(request, key, pk, order):
    """One paper: its versions and what was found in them. Its author hands in the next one; the secretariat decides."""
    row = _paper(request, key, pk, order)
    versions = PaperVersion.objects.visible_to(request.user).filter(paper=row).select_related("by", "original", "pages")
    rows = list(versions.order_by("-number"))
    latest = rows[0] if rows else None
    hand_in = HandInForm(initial={"seen": latest.number if latest else 0})
    words = WordsForm(initial={"seen": latest.number if latest else 0}, auto_id="%s")
    if request.method == "POST":
        what = request.POST.get("what", "")
        if what == "hand in":
            hand_in = HandInForm(request.POST, request.FILES)
        elif what in ("let through", "send back"):
            words = WordsForm(request.POST, auto_id="%s")
        if what == "hand in":
            if (answer := _hand_in(request, row, hand_in)) is not None:
                return answer
        elif _done(request, row, latest, what, words):
            return redirect("governance:paper", key, pk, order)
    may_prepare = access.may_prepare_meetings(request.user)
    page = {
        "paper": row,
        "item": row.item,
        "meeting": row.item.meeting,
        "line": _line(request, row.item),
        "versions": [{"version": each, "at": dates.say_instant(each.at)} for each in rows],
        "latest": latest,
        "reminded": commissioning.reminded_on(row) if may_prepare else "",
        "hand_in": hand_in if access.may_hand_in(request.user, row) and row.state != Paper.State.WITHDRAWN else None,
        "words": words if may_prepare and latest else None,
        "states": [(state, Paper.State(state).label) for state in sorted(row.NEXT[row.state])] if may_prepare else [],
        "form": hand_in if hand_in.errors else words,
    }
    return render(request, "governance/papers/paper.html", page, status=422 if page["form"].errors else 200)


def _hand_in(request, row: Paper, form: HandInForm):
    """Hand in a paper: the answer, or None where something has to be put right on the page."""
    access.require(access.may_hand_in(request.user, row), operations.MAY_NOT_HAND_IN)
    if not form.is_valid():
        return None
    try:
        made = operations.hand_in(
            paper=row,
            by=request.user,
            seen=form.cleaned_data["seen"],
            upload=form.cleaned_data["paper"],
            asked=uuid.uuid4().hex,
        )
    except ValidationError as refusal:
        form.add_error("paper", refusal.messages)
        return None
    if isinstance(made, PaperVersion):
        return _handed_in(request, row, made.number)
    if made.finished and (problem := _problem(made)):
        form.add_error("paper", problem)
        return None
    if made.finished:
        return _handed_in(request, row, made.answer["version"])
    return redirect(_making_address(row, made))


def _handed_in(request, row: Paper, number: int):
    messages.success(request, f"Handed in as version {number}. Look at its pages before it is published.")
    return redirect("governance:paper", row.item.meeting.key, row.item_id, row.order)


def _problem(job: background.Job) -> str:
    return operations.FAILED if job.failed else job.answer.get("problem", "")


def _making_address(row: Paper, job: background.Job) -> str:
    return f"{reverse('governance:paper_making', args=[row.item.meeting.key, row.item_id, row.order])}?job={job.id}"


@require_safe
def making(request, key, pk, order):
    """How far a Word or Excel paper is on its way to pages. Asks again by itself, with or without scripts."""
    row = _paper(request, key, pk, order)
    access.require(access.may_hand_in(request.user, row), operations.MAY_NOT_HAND_IN)
    job = background.job(operations.turn_into_pages, request.GET.get("job", ""))
    if job is None or (job.answer and job.answer["paper"] != row.pk):
        raise Http404
    again = _making_address(row, job)
    if job.finished and request.htmx:
        return HttpResponseClientRedirect(again)
    if job.finished and not (problem := _problem(job)):
        return _handed_in(request, row, job.answer["version"])
    page = {
        "paper": row,
        "item": row.item,
        "meeting": row.item.meeting,
        "job": job,
        "problem": problem if job.finished else "",
        "again": again,
        "share": min(95, 100 * job.seconds // USUAL_SECONDS),
        "stuck": job.waiting and job.seconds > LONG_WAIT,
        "ended": job.running and job.seconds > LONG_RUN,
    }
    template = "governance/papers/_making.html" if request.htmx else "governance/papers/making.html"
    return render(request, template, page, status=422 if page["problem"] else 200)


def _done(request, row: Paper, latest: PaperVersion | None, what: str, words: WordsForm) -> bool:
    """Do what a button of a paper's page asks for; False where something has to be put right on the page."""
    try:
        if what in ("let through", "send back"):
            access.require(access.may_prepare_meetings(request.user), operations.MAY_NOT_PREPARE)
            if not words.is_valid():
                return False
            if latest is None or latest.number != words.cleaned_data["seen"]:
                raise ValidationError(CHANGED)
            do = operations.decide if what == "let through" else operations.send_back
            do(version=latest, by=request.user, words=words.cleaned_data["words"])
            messages.success(
                request, "Decided." if what == "let through" else "The author is asked for another version."
            )
        else:
            access.require(access.may_prepare_meetings(request.user), operations.MAY_NOT_PREPARE)
            state = request.POST.get("state", "")
            if state not in Paper.State.values:
                raise ValidationError("Choose a state from the list.")
            seen = request.POST.get("seen", "")
            seen = int(seen) if seen.isdecimal() and len(seen) < 8 else 0
            operations.set_state(paper=row, by=request.user, state=state, seen=seen)
            messages.success(request, f"The paper is now: {Paper.State(state).label.lower()}.")
    except Conflict:
        messages.error(request, CHANGED)
    except ValidationError as refusal:
        if not words.is_bound:
            messages.error(request, " ".join(refusal.messages))
            return True
        words.add_error("words", refusal.messages)
        return False
    return True


@require_POST
def remind(request, key, pk, order):
    """Remind the author of a paper that has not come."""
    row = _paper(request, key, pk, order)
    try:
        sent = commissioning.remind(paper=row, by=request.user)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        words = f"{row.author} is reminded." if sent else f"{row.author} was reminded today already."
        messages.success(request, words)
    if request.POST.get("back") == "pack":
        return redirect("governance:pack", key)
    return redirect("governance:papers", key, pk)


# Files ----------------------------------------------------------------------------------------------------------------


def _version(request, key: str, pk: int, order: int, number: int) -> PaperVersion:
    if max(pk, order, number) > LARGEST:
        raise Http404
    rows = PaperVersion.objects.visible_to(request.user).select_related("paper__item__meeting", "original", "pages")
    return get_object_or_404(rows, paper__item__meeting__key=key, paper__item=pk, paper__order=order, number=number)


@require_safe
def original(request, key, pk, order, number):
    """The file as it was handed in, with all that is hidden in it: for those who write and prepare papers only."""
    version = _version(request, key, pk, order, number)
    if not access.may_hand_in(request.user, version.paper) and version.by_id != request.user.pk:
        raise Http404
    return files.download(request, version.original, name=version.original_name)


@require_safe
def pages(request, key, pk, order, number):
    """The pages of a paper as they stand in the pack."""
    version = _version(request, key, pk, order, number)
    if version.pages is None:
        raise Http404
    name = f"{key}-item-{version.paper.item.label or version.paper.item.pk}-paper-{order}-version-{number}.pdf"
    return files.download(request, version.pages, name=name.lower())
