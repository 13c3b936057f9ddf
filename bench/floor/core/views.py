"""Two floors: a signed-in one-liner, and the ordinary way to show 60 rows with their latest update (6 queries)."""

from django.contrib.auth.decorators import login_required
from django.db.models import Count, OuterRef, Subquery
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from .models import Deliverable, Plan, Progress, Workstream


@login_required
def signed_in_only(request, pk=None):
    return HttpResponse(request.user.username)


@login_required
def plan(request, pk):
    plan = get_object_or_404(Plan.objects.select_related("organisation"), pk=pk)
    listed = Deliverable.objects.filter(plan=plan).select_related("workstream", "lead", "organisation")
    rows = list(listed.order_by("order")[:60])
    latest = Progress.objects.filter(deliverable=OuterRef("pk")).order_by("-at", "-id").values("pk")[:1]
    pks = Deliverable.objects.filter(pk__in=[row.pk for row in rows]).annotate(latest=Subquery(latest)).values("latest")
    updates = {update.deliverable_id: update for update in Progress.objects.filter(pk__in=pks).select_related("author")}
    for row in rows:
        row.latest = updates.get(row.pk)
    streams = Workstream.objects.filter(plan=plan).annotate(n=Count("deliverable")).order_by("order")
    return render(request, "core/plan.html", {"plan": plan, "rows": rows, "streams": streams})
