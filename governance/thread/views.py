"""The golden thread on screen: what families said, what was found, what answers it, and where the thread is broken."""

from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from governance.agendas.views import LARGEST
from governance.thread import gaps, pages
from jcb import access, dates
from jcb.freshness import unless_unchanged
from needs.models import Finding, Statement
from needs.replies.pages import waiting
from workstreams.models import Plan, Workstream


@require_safe
@unless_unchanged
def said(request):
    """What parents and carers said, by setting, with what answers it and the reply they got."""
    rows = Statement.objects.visible_to(request.user)
    page = {
        "settings": pages.said_page(rows),
        "may_record": access.may_record_statements(request.user),
        "waiting": waiting() if access.may_moderate(request.user) else [],
    }
    return render(request, "governance/thread/said.html", page)


@require_safe
@unless_unchanged
def finding_list(request):
    """What the needs assessment found, by theme, with what was done and what answers it."""
    rows = Finding.objects.visible_to(request.user)
    return render(request, "governance/thread/findings.html", {"themes": pages.findings_page(rows)})


@require_safe
@unless_unchanged
def gap_list(request):
    """Where the thread is broken, as at today."""
    plans = Plan.objects.visible_to(request.user).filter(text_held=True).exclude(state=Plan.State.PAST)
    found = gaps.gaps(list(plans.select_related("area")), dates.today())
    return render(request, "governance/thread/gaps.html", {"gaps": found, "headline": gaps.headline(found)})


@require_safe
@unless_unchanged
def thread(request, slug, number):
    """One workstream between the needs that it answers and the indicators that show whether it works."""
    if number > LARGEST:
        raise Http404
    rows = Workstream.objects.visible_to(request.user).select_related("plan__area")
    workstream = get_object_or_404(rows, plan__slug=slug, number=number)
    return render(request, "governance/thread/thread.html", pages.thread_page(workstream, request.user))
