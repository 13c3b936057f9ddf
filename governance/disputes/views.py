"""Disputes on screen. Who may not see one finds nothing here; a partner outside learns that one is open, and no more."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.agendas.views import LARGEST
from governance.disputes import clocks, documents, forms, ladders, operations, pages
from governance.models import CaseStatement, Dispute, DisputeEvent, Extension, Ladder
from governance.papers.operations import clean_name
from jcb import access, background, dates, files, pdf
from jcb.steps import Step, add_refusal, answer

read_or_write = require_http_methods(["GET", "HEAD", "POST"])


def _dispute(request, key: str) -> Dispute:
    rows = Dispute.objects.visible_to(request.user).select_related("ladder", "rung", "decision")
    return get_object_or_404(rows, key=key)


@require_safe
def dispute_list(request):
    """The disputes a person may read, and that others are open."""
    return render(request, "governance/disputes/list.html", pages.list_page(request.user))


@require_safe
def detail(request, key):
    """Where a dispute is, what was done, what may happen next and from when."""
    dispute = _dispute(request, key)
    page = {**pages.detail_page(dispute, request.user), "letters": documents.letters_made(dispute)}
    return render(request, "governance/disputes/detail.html", page)


@read_or_write
def raise_dispute(request):
    """Raise a dispute."""
    access.require(access.may_raise_disputes(request.user), operations.MAY_NOT_RAISE)
    start = {"raised_on": dates.today()}
    if decision := forms.decision_called(request.GET.get("decision", "").replace("\0", ""), request.user):
        start |= {"decision": decision.ref, "about": f"Decision {decision.ref} of the Board"}
    form = forms.RaiseForm(request.POST or None, initial=start, person=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            dispute = operations.raise_dispute(by=request.user, **form.written())
        except ValidationError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, f"Dispute {dispute.key} is raised. It stays on the ladder you chose for good.")
            return redirect("governance:dispute", dispute.key)
    ladders = [(ladder, list(ladder.rungs.order_by("order"))) for ladder in form.fields["ladder"].queryset]
    page = {"form": form, "ladders": ladders}
    return render(request, "governance/disputes/raise.html", page, status=422 if form.errors else 200)


# Steps ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Verb:
    """A step in a dispute: its form, its operation, and its words on the page, its button and the answer."""

    form: type[forms.StepForm]
    does: Callable
    title: str
    button: str
    done: str
    says: str = ""


VERBS = {
    "refer": Verb(
        forms.ReferForm,
        operations.refer,
        "Refer it to the next rung",
        "Record the referral",
        "The referral is recorded, and its clock runs.",
        "The day of the written referral is day 0. Mediation is referred to by all parties together.",
    ),
    "extend": Verb(
        forms.ExtendForm,
        operations.propose_extension,
        "Propose a longer period",
        "Propose this day",
        "Proposed. It counts once every other party has confirmed the same day.",
    ),
    "record": Verb(
        forms.RecordForm,
        operations.record,
        "Record what happened",
        "Record it",
        "Recorded.",
        "What comes late or early is recorded all the same, and marked so. Limitation is not stopped by waiting.",
    ),
    "exchange": Verb(
        forms.ExchangeForm,
        operations.exchange,
        "Exchange statements of case",
        "My party is ready",
        "Recorded.",
        "Once every party has said so, all statements are released in one step. Until then each stays sealed.",
    ),
    "fee": Verb(
        forms.FeeForm,
        operations.share_fee,
        "Share the mediator’s fee",
        "Note the fee and its shares",
        "The fee and each party’s share are noted.",
        "It is shared equally, to the penny: odd pence go to the parties that are named first.",
    ),
    "resolve": Verb(
        forms.ResolveForm,
        operations.resolve,
        "Record that it is resolved",
        "Record the resolution",
        "Resolved. It comes back to the Board as an item of the next meeting.",
    ),
    "succession": Verb(
        forms.SuccessionForm,
        operations.end_by_succession,
        "Record that the parties became one body",
        "End the dispute",
        "The dispute has ended by succession. Nothing was unsealed.",
    ),
    "withdraw": Verb(
        forms.WithdrawForm, operations.withdraw, "Withdraw it", "Withdraw the dispute", "The dispute is withdrawn."
    ),
}


@read_or_write
def step(request, key, verb):
    """One step. What was typed stays where it is refused."""
    dispute, what = _dispute(request, key), VERBS[verb]
    form = what.form(request.POST or None, dispute=dispute, person=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            done = what.does(dispute=dispute, by=request.user, **form.written())
        except ValidationError as refusal:
            add_refusal(form, refusal)
            form.see(dispute.version)
        else:
            messages.success(request, what.done)
            if isinstance(done, DisputeEvent) and done.kind == DisputeEvent.Kind.REFERRAL:
                background.after_commit(documents.write_letter, event=done.pk, by=request.user.pk)
            return redirect("governance:dispute", key)
    page = {"dispute": dispute, "form": form, "what": what}
    return render(request, "governance/disputes/step.html", page, status=422 if form.errors else 200)


@read_or_write
def letter(request, key, number):
    """The letter of a referral, as it was made; a POST makes one that is missing."""
    dispute = _dispute(request, key)
    if number > LARGEST:
        raise Http404
    events = DisputeEvent.objects.visible_to(request.user).select_related("dispute__ladder", "rung", "by")
    event = get_object_or_404(events, dispute=dispute, number=number, kind=DisputeEvent.Kind.REFERRAL)
    if request.method == "POST":
        background.after_commit(documents.write_letter, event=event.pk, by=request.user.pk)
        messages.success(request, "The letter is being made. Look again in a moment.")
        return redirect("governance:dispute", key)
    found = documents.find_letter(event)
    if found is None:
        raise Http404
    return files.download(request, found.file, name=f"dispute-{key}-referral-{number}.pdf")


@require_safe
def dispute_file(request, key):
    """The file of a dispute as a PDF, from what the reader may see: made when it is asked for and not kept."""
    dispute = _dispute(request, key)
    try:
        content = documents.draw_file(dispute, request.user)
    except pdf.PdfError as problem:
        messages.error(request, str(problem))
        return redirect("governance:dispute", key)
    headers = {
        "Content-Disposition": f'attachment; filename="dispute-{key}.pdf"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(content, content_type="application/pdf", headers=headers)


@require_POST
def confirm(request, key, number):
    """Confirm the very day that another party proposed."""
    dispute = _dispute(request, key)
    if number > LARGEST:
        raise Http404
    extension = get_object_or_404(Extension.objects.visible_to(request.user), dispute=dispute, number=number)
    try:
        agreed = operations.confirm_extension(by=request.user, extension=extension)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        messages.success(
            request,
            f"All parties have confirmed: the period lasts until {dates.say_day(extension.last_day)}."
            if agreed
            else "Confirmed. It counts once every party has.",
        )
    return redirect("governance:dispute", key)


@read_or_write
def people(request, key):
    """Name somebody who stands for a party."""
    dispute = _dispute(request, key)
    form = forms.PersonForm(request.POST or None, dispute=dispute, person=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            operations.name_representative(by=request.user, **form.cleaned_data)
        except ValidationError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, f"{form.cleaned_data['person']} stands for {form.cleaned_data['party'].partner}.")
            return redirect("governance:dispute", key)
    what = {"title": "Name who stands for a party", "button": "Name this person"}
    page = {"dispute": dispute, "form": form, "what": what}
    return render(request, "governance/disputes/step.html", page, status=422 if form.errors else 200)


# Statements of case ---------------------------------------------------------------------------------------------------


@read_or_write
def file_statement(request, key):
    """File a statement of case for one's own party."""
    dispute = _dispute(request, key)
    access.require(pages.own_party(dispute, request.user) is not None, operations.ONLY_PARTIES)
    given = (request.POST, request.FILES) if request.method == "POST" else ()
    form = forms.StatementForm(*given, initial={"filed_on": dates.today()})
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["statement"]
        try:
            content, kind = files.take_in(upload)
            operations.file_statement(
                by=request.user,
                dispute=dispute,
                filed_on=form.cleaned_data["filed_on"],
                content=content,
                extension=kind,
                name=clean_name(upload.name, kind),
            )
        except ValidationError as refusal:
            form.add_error("statement", refusal.messages)
        else:
            messages.success(request, "Filed, and sealed to your party until it releases it.")
            return redirect("governance:dispute", key)
    what = {"title": "File a statement of case", "button": "File it, sealed"}
    page = {"dispute": dispute, "form": form, "what": what, "with_file": True}
    return render(request, "governance/disputes/step.html", page, status=422 if form.errors else 200)


def _statement(request, key: str, party: int, number: int) -> CaseStatement:
    dispute = _dispute(request, key)
    if max(party, number) > LARGEST:
        raise Http404
    rows = CaseStatement.objects.visible_to(request.user).select_related("file", "party__dispute")
    return get_object_or_404(rows, party__dispute=dispute, party__order=party, number=number)


@require_safe
def statement(request, key, party, number):
    """The file of a statement that the reader may open."""
    found = _statement(request, key, party, number)
    return files.download(request, found.file, name=found.file_name)


@require_POST
def release(request, key, party, number):
    """Let the other parties and the secretariat read a statement. It cannot be sealed again."""
    operations.release_statement(by=request.user, statement=_statement(request, key, party, number))
    messages.success(request, "Released: the other parties and the secretariat can read it now.")
    return redirect("governance:dispute", key)


# What if --------------------------------------------------------------------------------------------------------------


@require_safe
def what_if(request):
    """Try dates on a ladder; nothing is saved."""
    chosen = forms.WhatIfForm(request.GET)
    ladder = chosen.cleaned_data["ladder"] if chosen.is_valid() else chosen.fields["ladder"].queryset.first()
    if ladder is None:
        raise Http404
    rule = clocks.rule_of(ladder)
    asked = {"ladder": ladder.key, **request.GET.dict()}
    form = forms.WhatIfForm(asked, kinds=clocks.kinds(rule))
    rows, problem = [], ""
    if form.is_valid():
        try:
            rows = pages.what_if(clocks.reckon(rule, form.events()))
        except clocks.Impossible as refusal:
            problem = str(refusal)
    page = {"form": form, "rule": rule, "rows": rows, "problem": problem}
    return render(request, "governance/disputes/what_if.html", page)


# Ladders --------------------------------------------------------------------------------------------------------------


@require_safe
def ladder_list(request):
    """Every version of the ladder, with its text; the secretariat starts a new one here."""
    rows = Ladder.objects.visible_to(request.user).prefetch_related("rungs").order_by("-in_force_from")
    page = {"ladders": rows, "may": access.may_keep_terms(request.user)}
    return render(request, "governance/disputes/ladders.html", page)


@read_or_write
def new_ladder(request, source):
    """A new version, made from an older one."""
    older = get_object_or_404(Ladder.objects.visible_to(request.user), key=source)
    access.require(access.may_keep_terms(request.user), ladders.MAY_NOT)
    form = forms.LadderForm(request.POST or None, source=older)
    where = reverse("governance:ladders")

    def does():
        made = ladders.new_version(by=request.user, source=older, **form.written())
        return f"{made} is recorded. Disputes that are open keep their own version.", where

    says = "Days are calendar days; leave a period empty where the clause states none."
    crumbs = ((reverse("governance:disputes"), "Disputes"), (where, "Ladders"))
    step = Step("A new version of the ladder", "Record it", where, f"Made from: {older}", says, crumbs)
    return answer(request, form, step, does, "governance/disputes/new_ladder.html")
