"""The performance dashboard on screen and in print."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from governance.dashboard.contents import build
from jcb import dates, pdf
from jcb.freshness import unless_unchanged
from needs.models import Indicator


@require_safe
@unless_unchanged
def dashboard(request):
    """The chosen indicators: better or worse, how far from the target, and what moved since the Board last met."""
    page = {
        "dashboard": build(dates.now(), Indicator.objects.visible_to(request.user)),
        "may_print": pdf.typeface_is_there(),
    }
    return render(request, "governance/dashboard/dashboard.html", page)


@require_safe
def dashboard_pdf(request):
    """The dashboard as a PDF: the same for every reader, made when it is asked for and not kept."""
    html = render_to_string("print/dashboard.html", {"dashboard": build(dates.now())})
    try:
        rendered = pdf.render_pdf(html)
    except pdf.PdfError as problem:
        messages.error(request, str(problem))
        return redirect("governance:dashboard")
    name = f"performance-dashboard-{dates.today().isoformat()}.pdf"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(rendered.content, content_type="application/pdf", headers=headers)
