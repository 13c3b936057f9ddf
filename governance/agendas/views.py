"""The agenda on screen: read by everyone who may see the meeting, built by who prepares it."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from governance.agendas import due, operations
from governance.agendas.build import for_person
from governance.agendas.forms import ItemForm, MinutesForm, presenters
from governance.conflicts import conflict_page
from governance.dashboard.contents import at_meeting
from governance.decisions.pages import of_item as decisions_of
from governance.decisions.pages import undecided
from governance.minutes.carried import for_agenda
from governance.models import Action, AgendaItem, ForwardItem, Meeting, StandingItem
from jcb import access, dates
from jcb.history import Conflict
from workstreams.models import Deliverable, Plan

LARGEST = 2**31 - 1  # a number in an address beyond this names nothing, on either database
NOT_SAVED = "{title}: {who} set {minutes} minutes since you opened this page, so yours were not saved. Save again to change theirs."


def _meeting(request, key: str) -> Meeting:
    return get_object_or_404(Meeting.objects.visible_to(request.user).select_related("terms"), key=key)


def _item(request, key: str, pk: int) -> AgendaItem:
    if pk > LARGEST:
        raise Http404
    rows = AgendaItem.objects.visible_to(request.user)
    rows = rows.select_related("meeting", "presenter", "workstream", "theme", "standing")
    return get_object_or_404(rows, meeting__key=key, pk=pk)


def _items(request, meeting: Meeting) -> list[AgendaItem]:
    return list(AgendaItem.objects.visible_to(request.user).filter(meeting=meeting).in_order())


def _prepared(request) -> None:
    access.require(access.may_prepare_meetings(request.user), operations.MAY_NOT)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _typed(request, name: str) -> str:
    """What was sent in a field, without the one character that no database keeps."""
    return request.POST.get(name, "").replace("\0", "")


# The whole agenda -----------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def agenda(request, key):
    """The agenda as the reader may see it; who prepares it sets minutes and moves items here."""
    meeting = _meeting(request, key)
    if not access.may_prepare_meetings(request.user) or meeting.is_over:
        if request.method == "POST":
            _prepared(request)
            messages.error(request, operations.OVER.format(state=meeting.get_state_display().lower()))
            return redirect("governance:agenda", key)
        page = {
            "meeting": meeting,
            "agenda": for_person(meeting, request.user),
            "carried": for_agenda(meeting, request.user),
        }
        return render(request, "governance/agendas/agenda.html", page)
    items = _items(request, meeting)
    forms = {item.pk: MinutesForm(request.POST or None, item=item) for item in items if not item.is_withdrawn}
    status = 200
    if request.method == "POST":
        status = _save_lines(request, forms)
        if status == 302:
            return redirect(f"{request.path}{_move(request, items)}")
    return render(request, "governance/agendas/builder.html", _builder(request, meeting, items, forms), status=status)


def _save_lines(request, forms: dict[int, MinutesForm]) -> int:
    """Save the minutes that were changed, whichever button was pressed. Returns the status of the answer.

    A line that is not on the page any more is left alone; one that was added since has nothing to save.
    """
    posted = [form for form in forms.values() if form.add_prefix("seen") in request.POST]
    for pk in [pk for pk, form in forms.items() if form not in posted]:
        forms[pk] = MinutesForm(item=forms[pk].item)
    valid = [form.is_valid() for form in posted]  # every one is asked, so that every mistake is shown at once
    if not all(valid):
        return 422
    answer = 302
    for form in posted:
        if not form.is_changed:
            continue
        form.item.minutes = form.cleaned_data["minutes"]
        try:
            operations.edit_item(item=form.item, by=request.user, seen=form.cleaned_data["seen"], changed=["minutes"])
        except Conflict as conflict:
            last = conflict.theirs.history.select_related("history_user").order_by("-history_id").first()
            words = {"title": conflict.theirs.title, "minutes": conflict.theirs.minutes}
            form.add_error("minutes", NOT_SAVED.format(who=last.history_user or "somebody", **words))
            form.data = form.data.copy()
            form.data[form.add_prefix("seen")] = str(conflict.theirs.version)
            form.data[form.add_prefix("was")] = str(conflict.theirs.minutes)
            answer = 409
    return answer


def _move(request, items: list[AgendaItem]) -> str:
    """Do what a move button asks for, "12 before 7"; the rest of the address to go on to."""
    words = request.POST.get("move", "").split()
    if not words:
        messages.success(request, "The agenda is saved.")
        return ""
    by_pk = {str(item.pk): item for item in items}
    if len(words) != 3 or words[1] not in ("before", "after") or not {words[0], words[2]} <= by_pk.keys():
        messages.error(request, operations.CHANGED)
        return ""
    item = by_pk[words[0]]
    try:
        moved = operations.move_item(item=item, by=request.user, beside=by_pk[words[2]], after=words[1] == "after")
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return ""
    direction = "down" if words[1] == "after" else "up"
    messages.success(
        request, f"Moved {direction}: {item.title}." if moved else f"{item.title} had been moved {direction} already."
    )
    return f"#item-{item.pk}"


def _builder(request, meeting: Meeting, items: list[AgendaItem], forms: dict[int, MinutesForm]) -> dict:
    built = for_person(meeting, request.user, everything=True)
    expected, planned = due.missing(meeting, items)
    return {
        "meeting": meeting,
        "agenda": built,
        "used_share": min(built.used, built.allowed) * 100 // max(built.used, built.allowed, 1),
        "over_share": built.over * 100 // max(built.used, 1),
        "business": _lines(built.business, forms, built.frozen),
        "as_read": _lines(built.as_read, forms, built.frozen),
        "due": [each for each in expected if each.is_due],
        "other": [each for each in expected if not each.is_due],
        "planned": planned,
        "carried": for_agenda(meeting, request.user),
        "problems": [
            (f"{form['minutes'].auto_id}", each) for form in forms.values() for each in form["minutes"].errors
        ],
    }


def _lines(rows, forms, frozen: bool) -> list[dict]:
    """Each line with its form, and what its two move buttons send; empty where there is nowhere to go."""
    lines = []
    for place, row in enumerate(rows):
        above, below = rows[place - 1] if place else None, rows[place + 1] if place + 1 < len(rows) else None
        lines.append(
            {
                "row": row,
                "form": forms.get(row.pk),
                "up": f"{row.pk} before {above.pk}" if above and not frozen else "",
                "down": f"{row.pk} after {below.pk}" if below and not frozen else "",
            }
        )
    return lines


@require_POST
def fill(request, key):
    """Put on the agenda what belongs there: everything that is due, or one standing or planned item."""
    meeting = _meeting(request, key)
    _prepared(request)
    try:
        if standing := _number(request.POST.get("standing", "")):
            row = get_object_or_404(StandingItem.objects.visible_to(request.user), pk=standing, terms=meeting.terms_id)
            made = [operations.add_standing(meeting=meeting, by=request.user, standing=row)]
        elif forward := _typed(request, "forward"):
            row = get_object_or_404(ForwardItem.objects.visible_to(request.user), key=forward, meeting=meeting)
            made = [operations.add_planned(meeting=meeting, by=request.user, forward=row)]
        else:
            made = operations.make_agenda(meeting=meeting, by=request.user)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return redirect("governance:agenda", key)
    if len(made) == 1:
        messages.success(request, f"On the agenda now: {made[0].title}.")
    elif made:
        messages.success(request, f"{len(made)} items are on the agenda now.")
    else:
        messages.success(request, "Everything that is due is on the agenda already.")
    return redirect("governance:agenda", key)


# One item -------------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def add(request, key):
    """Put an item of its own on the agenda."""
    meeting = _meeting(request, key)
    _prepared(request)
    items = _items(request, meeting)
    form = ItemForm(request.POST or None, meeting=meeting, items=items, reader=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            item = operations.add_item(meeting=meeting, by=request.user, item=form.instance, **form.chosen_place(items))
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            late = f", as item {item.label}" if item.label else ""
            messages.success(request, f"On the agenda now: {item.title}{late}.")
            return redirect("governance:agenda", key)
    page = {"meeting": meeting, "form": form, "frozen": operations.is_frozen(items)}
    return render(request, "governance/agendas/item_form.html", page, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def item(request, key, pk):
    """One item: who prepares the agenda edits it, everyone else who may see it reads it. Two who save at once: the second
    sees both texts (409)."""
    row = _item(request, key, pk)
    meeting = row.meeting
    if not access.may_prepare_meetings(request.user) or meeting.is_over:
        if request.method == "POST":
            _prepared(request)
            messages.error(request, operations.OVER.format(state=meeting.get_state_display().lower()))
            return redirect("governance:agenda_item", key, pk)
        return render(request, "governance/agendas/item.html", _read(request, meeting, row))
    items = _items(request, meeting)
    form = ItemForm(request.POST or None, instance=row, meeting=meeting, items=items, reader=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            operations.edit_item(
                item=form.instance, by=request.user, seen=form.cleaned_data["seen"], changed=form.changed()
            )
        except Conflict as conflict:
            page = conflict_page(form, conflict) | {"meeting": meeting, "item": conflict.theirs}
            return render(request, "governance/agendas/conflict.html", page, status=409)
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, f"Saved: {form.instance.title}.")
            return redirect("governance:agenda", key)
    page = _read(request, meeting, _item(request, key, pk)) | {"form": form} | _choices(request, row)
    return render(request, "governance/agendas/item_form.html", page, status=422 if form.errors else 200)


def _read(request, meeting: Meeting, row: AgendaItem) -> dict:
    built = for_person(meeting, request.user, everything=True)
    line = next(each for each in built.items if each.pk == row.pk)
    return {
        "meeting": meeting,
        "item": row,
        "line": line,
        "frozen": built.frozen,
        "may_read_drafts": access.may_read_drafts(request.user, row),
        "dashboard": at_meeting(meeting) if due.is_about(row.standing, due.DASHBOARD) else None,
        "decisions": decisions_of(request.user, row),
        "actions": Action.objects.visible_to(request.user).filter(item=row).select_related("owner"),
        "may_decide": _may_decide(request, meeting),
        "undecided": undecided(request.user, row) if _may_decide(request, meeting) else [],
    }


def _may_decide(request, meeting: Meeting) -> bool:
    begun = meeting.starts_at <= dates.now() and meeting.state != Meeting.State.CANCELLED
    return begun and access.may_prepare_meetings(request.user)


def _choices(request, row: AgendaItem) -> dict:
    """Who is invited and what it is about, and who and what else could be."""
    invited = [each.person for each in row.invitations.select_related("person").order_by("person__name")]
    linked = [
        each.deliverable
        for each in row.deliverable_links.select_related("deliverable__workstream__plan__area").order_by(
            "deliverable__workstream__plan", "deliverable__workstream__number", "deliverable__number"
        )
    ]
    deliverables = Deliverable.objects.visible_to(request.user).filter(workstream__plan__state=Plan.State.LIVE)
    if row.workstream_id:
        deliverables = deliverables.filter(workstream=row.workstream_id)
    return {
        "invited": invited,
        "could_be_invited": presenters(request.user)
        .exclude(role__in=[access.BOARD_MEMBER, access.SECRETARIAT])
        .exclude(pk__in=[person.pk for person in invited]),
        "linked": linked,
        "could_be_linked": deliverables.exclude(pk__in=[each.pk for each in linked])
        .select_related("workstream__plan__area")
        .order_by("workstream__plan", "workstream__number", "number"),
        "may_be_removed": not (
            row.number or hasattr(row, "front_sheet") or row.papers.exists() or row.in_packs.exists()
        ),
    }


@require_POST
def remove(request, key, pk):
    """Remove an item before publication, say that it is withdrawn, or take that back."""
    row = _item(request, key, pk)
    _prepared(request)
    what = request.POST.get("what", "")
    try:
        if what == "withdraw":
            because = _typed(request, "because")[:200]
            operations.withdraw_item(item=row, by=request.user, because=because)
            messages.success(request, f"Withdrawn: {row.title}.")
        elif what == "reinstate":
            operations.reinstate_item(item=row, by=request.user)
            messages.success(request, f"On the agenda again: {row.title}.")
        else:
            operations.remove_item(item=row, by=request.user)
            messages.success(request, f"Removed: {row.title}.")
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return redirect("governance:agenda_item", key, pk)
    return redirect("governance:agenda", key)


@require_POST
def invite(request, key, pk):
    """Invite somebody to one item, or take the invitation back."""
    row = _item(request, key, pk)
    _prepared(request)
    named = _number(request.POST.get("take_back", "") or request.POST.get("person", ""))
    person = presenters(request.user).filter(pk=named).first()
    try:
        if person is None:
            raise ValidationError("Choose a person from the list.")
        if request.POST.get("take_back"):
            operations.take_back_invitation(item=row, by=request.user, person=person)
            messages.success(request, f"{person} is no longer invited to this item.")
        else:
            operations.invite(item=row, by=request.user, person=person)
            messages.success(request, f"{person} is invited to this item, and sees no other through it.")
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    return redirect("governance:agenda_item", key, pk)


@require_POST
def link(request, key, pk):
    """Say that an item is about a deliverable, or that it is not."""
    row = _item(request, key, pk)
    _prepared(request)
    named = _number(request.POST.get("unlink", "") or request.POST.get("deliverable", ""))
    deliverable = Deliverable.objects.visible_to(request.user).filter(pk=named).first()
    try:
        if deliverable is None:
            raise ValidationError("Choose a deliverable from the list.")
        if request.POST.get("unlink"):
            operations.unlink_deliverable(item=row, by=request.user, deliverable=deliverable)
            messages.success(request, f"{deliverable} is no longer linked.")
        else:
            operations.link_deliverable(item=row, by=request.user, deliverable=deliverable)
            messages.success(request, f"Linked: {deliverable}.")
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    return redirect("governance:agenda_item", key, pk)
