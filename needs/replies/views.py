"""You said, we did on screen: a statement with its replies, how families were heard, and what anyone may read."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from jcb import access, pdf
from jcb.freshness import unless_unchanged
from jcb.models import BoardSettings
from jcb.steps import LARGEST, SeenForm, Step, answer
from needs.models import Engagement, EngagementPrinciple, Statement
from needs.replies import operations, pages
from needs.replies.forms import ActivityForm, ChangeActivityForm, ChangeForm, PublishForm, ReplyForm, StatementForm

read_or_write = require_http_methods(["GET", "HEAD", "POST"])


def _statement(request, number: int) -> Statement:
    if number > LARGEST:
        raise Http404
    rows = Statement.objects.visible_to(request.user).prefetch_related("areas__area")
    return get_object_or_404(rows, number=number)


def _needs() -> tuple[str, str]:
    return reverse("needs:indicators"), "Needs"


def _step(title: str, button: str, row: Statement, says: str = "") -> Step:
    where = reverse("needs:statement", args=[row.number])
    return Step(title, button, where, f"Statement {row.number}", says, (_needs(), (where, f"Statement {row.number}")))


@require_safe
@unless_unchanged
def statement(request, number):
    """One statement: the replies to it, what of it is public, and what there is to do."""
    row, person = _statement(request, number), request.user
    page = pages.statement_page(row)
    moderates = access.may_moderate(person)
    todo = [
        (access.may_reply_to_families(person), "reply_to_statement", "Reply to it"),
        (access.may_record_statements(person), "change_statement", "Change its words"),
        (moderates, "publish_statement", "Publish it as it reads now"),
        (moderates and page["is_public"], "withdraw_statement", "Take it off the public page"),
    ]
    page["todo"] = [(reverse(f"needs:{name}", args=[number]), words) for may, name, words in todo if may]
    return render(request, "needs/statement.html", page)


@read_or_write
def record_statement(request):
    """Record what families said."""
    access.require(access.may_record_statements(request.user), operations.MAY_NOT_RECORD)
    form = StatementForm(request.POST or None, person=request.user)

    def does():
        row = operations.record(by=request.user, **form.written())
        return "Recorded. It is not public yet.", reverse("needs:statement", args=[row.number])

    step = Step("Record what families said", "Record it", reverse("needs:indicators"), "", "", (_needs(),))
    return answer(request, form, step, does)


@read_or_write
def change_statement(request, number):
    """Change the words of a statement."""
    row = _statement(request, number)
    access.require(access.may_record_statements(request.user), operations.MAY_NOT_RECORD)
    form = ChangeForm(request.POST or None, row=row, person=request.user)

    def does():
        operations.change(by=request.user, statement=row, **form.written())
        return "Changed. The public page has the new words once they are published.", step.back

    step = _step("Change the words of a statement", "Save", row)
    return answer(request, form, step, does)


@read_or_write
def reply_to_statement(request, number):
    """Reply to a statement."""
    row = _statement(request, number)
    access.require(access.may_reply_to_families(request.user), operations.MAY_NOT_REPLY)
    form = ReplyForm(request.POST or None, person=request.user, latest=lambda: pages.last_reply(row))

    def does():
        operations.reply(by=request.user, statement=row, **form.written())
        return "Replied. The secretariat reads it before it is public.", step.back

    step = _step("Reply to families", "Save the reply", row, row.text)
    latest = pages.statement_page(row)["replies"][:1]
    return answer(request, form, step, does, "needs/reply.html", latest=latest)


@read_or_write
def publish_statement(request, number):
    """Read a statement and its reply, then put them on the public page."""
    row = _statement(request, number)
    access.require(access.may_moderate(request.user), operations.MAY_NOT_MODERATE)
    page = pages.statement_page(row)
    latest = page["replies"][0] if page["replies"] else None
    page["doubts"] = pages.names_in(row.text, *((latest.text, latest.because) if latest else ()))
    form = PublishForm(request.POST or None, row=row, latest=lambda: pages.last_reply(row))

    def does():
        operations.publish(by=request.user, statement=row, **form.written())
        return "Published.", step.back

    step = _step("Publish a statement and its reply", "Publish", row)
    return answer(request, form, step, does, "needs/publish.html", **page, latest=latest)


@read_or_write
def withdraw_statement(request, number):
    """Take a statement off the public page."""
    row = _statement(request, number)
    access.require(access.may_moderate(request.user), operations.MAY_NOT_MODERATE)
    form = SeenForm(request.POST or None, row=row)

    def does():
        operations.withdraw(by=request.user, statement=row, **form.written())
        return "It is off the public page.", step.back

    step = _step("Take a statement off the public page", "Take it off", row, row.text)
    return answer(request, form, step, does)


# How families were heard ----------------------------------------------------------------------------------------------


@require_safe
@unless_unchanged
def activities(request):
    """How families were heard, against the principles of engagement."""
    principles = list(EngagementPrinciple.objects.visible_to(request.user))
    rows = Engagement.objects.visible_to(request.user)
    page = {
        "activities": pages.activities(rows, principles, BoardSettings.current().smallest_figure),
        "principles": principles,
        "may": access.may_record_statements(request.user),
    }
    return render(request, "needs/activities.html", page)


@read_or_write
def add_activity(request):
    """Record an activity to hear families."""
    access.require(access.may_record_statements(request.user), operations.MAY_NOT_RECORD)
    form = ActivityForm(request.POST or None, person=request.user)
    where = reverse("needs:activities")

    def does():
        operations.hold_activity(by=request.user, **form.written())
        return "Recorded.", where

    step = Step("Record how families were heard", "Record it", where, "", PRINCIPLES, _activity_crumbs())
    return answer(request, form, step, does)


@read_or_write
def change_activity(request, pk):
    """Change what is recorded of an activity."""
    if pk > LARGEST:
        raise Http404
    rows = Engagement.objects.visible_to(request.user).prefetch_related("followed__principle")
    row = get_object_or_404(rows, pk=pk)
    access.require(access.may_record_statements(request.user), operations.MAY_NOT_RECORD)
    form = ChangeActivityForm(request.POST or None, row=row, person=request.user)
    where = reverse("needs:activities")

    def does():
        operations.change_activity(by=request.user, activity=row, **form.written())
        return "Saved.", where

    step = Step("Change an activity", "Save", where, row.title, PRINCIPLES, _activity_crumbs())
    return answer(request, form, step, does)


PRINCIPLES = "For each principle say in a few words how it was followed. An empty box says that it was not."


def _activity_crumbs() -> tuple[tuple[str, str], ...]:
    return (_needs(), (reverse("needs:activities"), "How families were heard"))


# Outside --------------------------------------------------------------------------------------------------------------


def _said(request) -> dict:
    """What the public page and its PDF say, as far as it was asked for. 404 where the Board switched it off."""
    if not BoardSettings.shows_public_pages(request.user):
        raise Http404
    everything = pages.public()
    places = pages.places(everything)
    setting = request.GET.get("about", "") if request.GET.get("about") in Statement.Setting.values else ""
    place = next((each for each in places if each.key == request.GET.get("borough")), None)
    rows = pages.chosen(everything, setting=setting, place=place)
    said = pages.say_public(rows)
    return {
        "said": said,
        "headline": pages.headline(said),
        "updated": pages.updated(rows),
        "board": BoardSettings.current().board_name,
        "is_invented": any(row.invented or (row.reply and row.reply.invented) for row in rows),
        "settings": Statement.Setting.choices,
        "places": places,
        "chosen": {"about": setting, "borough": place.key if place else ""},
        "asked": request.GET.urlencode() if setting or place else "",
    }


@login_not_required
@require_safe
@cache_control(no_cache=True)
def public(request):
    """What families said and what became of it: for them, and for anyone."""
    return render(request, "needs/public.html", _said(request))


@login_not_required
@require_safe
@cache_control(no_cache=True)
def public_pdf(request):
    """The same as an accessible PDF."""
    page = _said(request)
    try:
        made = pdf.render_pdf(render_to_string("print/you_said.html", page))
    except pdf.PdfError as problem:
        messages.error(request, str(problem))
        return redirect("you-said-we-did/")  # the page beside it, whatever room gives it its address
    reply = HttpResponse(made.content, content_type="application/pdf")
    reply["Content-Disposition"] = 'inline; filename="you-said-we-did.pdf"'
    return reply
