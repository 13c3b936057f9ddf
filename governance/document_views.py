"""The documents of a plan on the web: what there is, a preview from the fragments of the PDF, and the PDF itself."""

from urllib.parse import urlencode

from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseClientRedirect

from governance import action_plan, documents
from jcb import background, dates, files, pdf
from jcb.asked import AskedDay, asked_day
from jcb.freshness import unless_unchanged
from jcb.models import Document
from workstreams.filters import DeliverableFilter
from workstreams.models import Deliverable, Plan
from workstreams.standing import with_status

KEPT_SHOWN = 20
LONG_WAIT = 20  # seconds after which a document that nobody has begun to make is probably never begun


def _plan(request, slug: str) -> Plan:
    return get_object_or_404(Plan.objects.visible_to(request.user).held().select_related("area"), slug=slug)


def _kind(key: str) -> documents.Kind:
    if key not in documents.KINDS:
        raise Http404
    return documents.KINDS[key]


def _filters(request, kind: documents.Kind) -> dict[str, str]:
    """The filters in the address. "Me" is the reader; a document names its owner."""
    if not kind.takes_filters:
        return {}
    given = action_plan.in_use(request.GET.dict())
    if given.get("owner") == "me":
        given["owner"] = str(request.user.pk)
    return given


def _address(name: str, plan: Plan, kind: documents.Kind, asked: AskedDay, filters: dict[str, str], **more) -> str:
    """The address of a preview or a PDF for the same day and filters."""
    day = {"as_at": asked.day.isoformat()} if asked.is_past else {}
    query = urlencode({**day, **filters, **more})
    return reverse(f"governance:{name}", args=[plan.slug, kind.key]) + (f"?{query}" if query else "")


@require_safe
@unless_unchanged
def document_list(request, slug):
    """The documents of a plan: read, download, and what was made already."""
    plan, asked = _plan(request, slug), asked_day(request)
    kinds = [
        {
            "kind": kind,
            "preview": _address("document", plan, kind, asked, {}),
            "download": _address("document_pdf", plan, kind, asked, {}),
        }
        for kind in documents.KINDS.values()
    ]
    kept = documents.about(plan, Document.objects.visible_to(request.user)).filter(kind__in=documents.KINDS)
    page = {
        "plan": plan,
        "asked": asked,
        "kinds": kinds,
        "rows": [_kept_row(plan, row) for row in kept.order_by("-made_at", "-pk")[:KEPT_SHOWN]],
        "unavailable": "" if pdf.is_available() else pdf.UNAVAILABLE,
    }
    return render(request, "governance/document_list.html", page)


def _kept_row(plan: Plan, row: Document) -> dict:
    kind = documents.KINDS[row.kind]
    mark = row.data_sha256[:12]
    return {
        "document": row,
        "name": kind.name,
        "filtered": "?" in row.subject,
        "as_at": dates.say_day(row.as_at),
        "made": dates.say_instant(row.made_at),
        "mark": mark,
        "url": reverse("governance:document_pdf", args=[plan.slug, kind.key]) + f"?fingerprint={mark}",
    }


@require_safe
@unless_unchanged
def document(request, slug, kind):
    """A document to read on the screen, from the fragments of its PDF."""
    plan, kind, asked = _plan(request, slug), _kind(kind), asked_day(request)
    filters = _filters(request, kind)
    page = {
        "plan": plan,
        "kind": kind,
        "asked": asked,
        "all_documents": reverse("governance:documents", args=[plan.slug]) + asked.query,
        "unfiltered": _address("document", plan, kind, asked, {}),
        "download": _address("document_pdf", plan, kind, asked, filters),
        "unavailable": "" if pdf.is_available() else pdf.UNAVAILABLE,
        "form": _filter_form(request, plan, asked, filters) if kind.takes_filters else None,
        "filters": filters,
    }
    try:
        page |= documents.context(documents.build(kind.key, plan, asked.day, filters))
    except action_plan.FilterRefused as problem:
        return _refused(request, page, str(problem), status=400, way_on=(page["unfiltered"], "Take the filters off"))
    return render(request, "governance/document_preview.html", page)


def _filter_form(request, plan: Plan, asked: AskedDay, filters: dict[str, str]):
    """The deliverables list's own filters, without those that make no sense inside one plan's document."""
    rows = with_status(Deliverable.objects.visible_to(request.user).filter(workstream__plan=plan), asked.day)
    form = DeliverableFilter(filters, queryset=rows, request=request, day=asked.day).form
    for name in ("plan", "sort"):
        del form.fields[name]
    streams = form.fields["workstream"]
    streams.choices = [choice for choice in streams.choices if not choice[0] or choice[0].startswith(f"{plan.slug}/")]
    return form


@require_safe
def document_pdf(request, slug, kind):
    """A document as a PDF. Where it is not made yet, this starts making it and shows how far it is."""
    plan, kind, asked = _plan(request, slug), _kind(kind), asked_day(request)
    if fingerprint := request.GET.get("fingerprint"):
        return _download(request, plan, kind, _kept(request, plan, kind, fingerprint))
    filters = _filters(request, kind)
    page = {
        "plan": plan,
        "kind": kind,
        "asked": asked,
        "all_documents": reverse("governance:documents", args=[plan.slug]) + asked.query,
        "preview": _address("document", plan, kind, asked, filters),
        "download": _address("document_pdf", plan, kind, asked, filters),
    }
    job = background.job(documents.make_document, request.GET.get("job", ""))
    if job is None:
        try:
            found = documents.made(kind.key, plan, asked.day, filters)
        except action_plan.FilterRefused as problem:
            unfiltered = _address("document_pdf", plan, kind, asked, {})
            return _refused(request, page, str(problem), status=400, way_on=(unfiltered, "Take the filters off"))
        if found is not None:
            return _download(request, plan, kind, found)
        job = background.start(
            documents.make_document,
            kind=kind.key,
            plan_slug=plan.slug,
            as_at=asked.day.isoformat(),
            filters=filters,
        )
    if job.failed:
        return _refused(request, page, "The document could not be made; the reason is in the log.", status=503)
    if job.finished and "problem" in job.answer:
        return _refused(request, page, job.answer["problem"], status=503)
    page |= {
        "job": job,
        "again": _address("document_pdf", plan, kind, asked, filters, job=job.id),
        "stuck": job.waiting and job.seconds > LONG_WAIT,
        "share": min(95, 100 * job.seconds // kind.usual_seconds),
    }
    template = "governance/_document_progress.html" if request.htmx else "governance/document_progress.html"
    return render(request, template, page, status=200 if job.finished or request.htmx else 202)


def _refused(request, page, problem: str, *, status: int, way_on: tuple[str, str] | None = None):
    """A sentence instead of the document, and the way on. htmx shows only answers that went well."""
    template = "governance/_document_problem.html" if request.htmx else "governance/document_refused.html"
    page |= {"problem": problem, "way_on": way_on or (page["download"], "Try again")}
    return render(request, template, page, status=200 if request.htmx else status)


def _kept(request, plan: Plan, kind: documents.Kind, fingerprint: str) -> Document:
    """A document that was made earlier, by the fingerprint printed on it."""
    rows = documents.about(plan, Document.objects.visible_to(request.user)).filter(kind=kind.key)
    found = rows.filter(data_sha256__startswith=fingerprint[:64]).first() if len(fingerprint) >= 12 else None
    if found is None or not files.is_there(found.file):
        raise Http404
    return found


def _download(request, plan: Plan, kind: documents.Kind, found: Document):
    if request.htmx:
        return HttpResponseClientRedirect(request.get_full_path())  # a script cannot take a file, the browser can
    return files.download(request, found.file, name=kind.file_name(plan.slug, found.as_at))
