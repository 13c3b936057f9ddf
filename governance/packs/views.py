"""Packs on screen: the checklist, drafts, publishing with its progress, who was sent what, reading and downloading."""

import uuid

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from governance.agendas.views import LARGEST
from governance.models import Meeting, Pack
from governance.packs import circulation, pages, publish
from governance.packs.forms import PublishForm
from jcb import access, background, dates, files, pdf
from jcb.models import StoredFile

SALT = "governance.packs.draft"
DRAFT_LASTS = 24 * 3600  # seconds
USUAL_SECONDS = 8  # for each audience
LONG_WAIT = 20  # seconds after which a job that nobody has begun is probably never begun
LONG_RUN = 600  # and after which one that was begun has probably been ended in the middle
WORKS = {"publish": publish.publish_pack, "draft": publish.build_draft}


def _meeting(request, key: str) -> Meeting:
    return get_object_or_404(Meeting.objects.visible_to(request.user).select_related("terms"), key=key)


def _prepared(request, key: str) -> Meeting:
    meeting = _meeting(request, key)
    access.require(access.may_prepare_meetings(request.user), publish.MAY_NOT)
    return meeting


def _pack(request, key: str, pk: int) -> Pack:
    if pk > LARGEST:
        raise Http404
    rows = Pack.objects.visible_to(request.user).select_related("meeting", "document__file")
    return get_object_or_404(rows, meeting__key=key, pk=pk)


@require_safe
def pack(request, key):
    """What stands between the secretariat and the pack; everyone else reads the pack."""
    meeting = _meeting(request, key)
    if not access.may_prepare_meetings(request.user):
        return redirect("governance:pack_read", key)
    page = pages.pack_page(meeting, dates.now())
    page |= {"unavailable": "" if pdf.is_available() else pdf.UNAVAILABLE, "asked": uuid.uuid4().hex}
    return render(request, "governance/packs/pack.html", page)


# Making ---------------------------------------------------------------------------------------------------------------


@require_POST
def draft(request, key):
    """Build a draft in the background."""
    meeting = _prepared(request, key)
    kind = request.POST.get("kind", Pack.Kind.PACK)
    if kind not in Pack.Kind.values:
        raise Http404
    job = background.start(
        publish.build_draft,
        meeting=meeting.key,
        by=request.user.pk,
        kind=kind,
        asked=request.POST.get("asked", "").replace("\x00", "")[:40],
    )
    return _on_the_way(request, meeting, "draft", job)


@require_http_methods(["GET", "HEAD", "POST"])
def publish_pack(request, key):
    """Who will receive what; then it is published in the background."""
    meeting = _prepared(request, key)
    asked = request.POST if request.method == "POST" else request.GET
    kind = Pack.Kind.SUPPLEMENT if asked.get("kind") == Pack.Kind.SUPPLEMENT else Pack.Kind.PACK
    page = pages.publish_page(meeting, kind, dates.now())
    edition = page["edition"]
    first = not edition.is_supplement and edition.number == 1
    start = {"kind": kind, "number": edition.number, "asked": uuid.uuid4().hex}
    form = PublishForm(request.POST if request.method == "POST" else None, initial=start, is_first=first)
    if request.method == "POST" and form.is_valid():
        if not first and not edition.is_supplement and not form.said:
            form.add_error("words", publish.SAY)
        else:
            job = background.start(
                publish.publish_pack,
                meeting=meeting.key,
                by=request.user.pk,
                kind=kind,
                number=form.cleaned_data["number"],
                words=form.said,
                site=request.build_absolute_uri("/").rstrip("/"),
                asked=form.cleaned_data["asked"],
            )
            return _on_the_way(request, meeting, "publish", job)
    page |= {"form": form, "first": first}
    return render(request, "governance/packs/publish.html", page, status=422 if form.errors else 200)


def _on_the_way(request, meeting: Meeting, what: str, job: background.Job):
    """Go on to the page that shows how far a job is; where it is done already, to what came of it."""
    if job.finished:
        return _finished(request, meeting, what, job)
    return redirect(f"{reverse('governance:pack_making', args=[meeting.key, what])}?job={job.id}")


@require_safe
def making(request, key, what):
    """How far a draft or the publishing is. Asks again by itself, with or without scripts."""
    meeting = _prepared(request, key)
    job = background.job(WORKS[what], request.GET.get("job", "")) if what in WORKS else None
    if job is None:
        raise Http404
    again = f"{reverse('governance:pack_making', args=[key, what])}?job={job.id}"
    if job.finished:
        return HttpResponseClientRedirect(again) if request.htmx else _finished(request, meeting, what, job)
    page = {
        "meeting": meeting,
        "what": what,
        "job": job,
        "again": again,
        "share": min(95, 100 * job.seconds // (USUAL_SECONDS * 3)),
        "stuck": job.waiting and job.seconds > LONG_WAIT,
        "ended": job.running and job.seconds > LONG_RUN,
    }
    template = "governance/packs/_making.html" if request.htmx else "governance/packs/making.html"
    return render(request, template, page)


def _finished(request, meeting: Meeting, what: str, job: background.Job):
    answer = job.answer or {}
    problem = "It could not be made; the reason is in the log." if job.failed else answer.get("problem", "")
    if problem or what == "draft":
        drafts = [
            each | {"token": signing.dumps([meeting.key, each["file"]], salt=SALT)} for each in answer.get("drafts", [])
        ]
        page = {"meeting": meeting, "what": what, "problem": problem, "drafts": drafts}
        return render(request, "governance/packs/made.html", page, status=503 if problem else 200)
    many = answer["packs"]
    messages.success(request, f"Published: {many} pack{'' if many == 1 else 's'}. The e-mails are on their way.")
    return redirect("governance:pack", meeting.key)


@require_safe
def draft_pdf(request, key, token):
    """A draft that was built: for who prepares the meeting, for a day."""
    meeting = _prepared(request, key)
    try:
        of, stored = signing.loads(token, salt=SALT, max_age=DRAFT_LASTS)
    except signing.BadSignature as wrong:
        raise Http404 from wrong
    if of != meeting.key:
        raise Http404
    found = get_object_or_404(StoredFile.objects.visible_to(request.user), pk=stored)
    return files.download(request, found, name=f"draft-pack-{meeting.key}.pdf")


# What was published ---------------------------------------------------------------------------------------------------


@require_safe
def read(request, key):
    """The pack to read on a phone or a computer, as it was published for this reader."""
    meeting = _meeting(request, key)
    page = pages.reading_page(meeting, request.user)
    if page is None:
        due = dates.say_instant(meeting.papers_due_at)
        return render(request, "governance/packs/none.html", {"meeting": meeting, "due": due})
    answer = render(request, "governance/packs/read.html", page)
    answer["Cache-Control"] = "private, no-cache"
    return answer


@require_safe
def pack_pdf(request, key, pk):
    """A published pack as a PDF: the bytes that were circulated."""
    found = _pack(request, key, pk)
    return files.download(request, found.document.file, name=circulation.file_name(found))


@require_http_methods(["GET", "HEAD", "POST"])
def sent(request, key, pk):
    """Who was sent a pack and when; whoever did not get it yet can be sent it."""
    _prepared(request, key)
    found = _pack(request, key, pk)
    if request.method == "POST":
        site = request.build_absolute_uri("/").rstrip("/")
        made = circulation.send_to_the_rest(pack=found, by=request.user, site=site)
        many = f"{len(made)} e-mail{'' if len(made) == 1 else 's'}"
        messages.success(request, f"{many} on the way." if made else "Everyone it is for has it already.")
        return redirect("governance:pack_sent", key, pk)
    return render(request, "governance/packs/sent.html", pages.sent_page(found))


@require_safe
def reading_worker(request):
    """The script that keeps packs readable without a network. It lies here, since a worker serves what is below it."""
    content = (settings.BASE_DIR / "static" / "js" / "reading-worker.js").read_bytes()
    answer = HttpResponse(content, content_type="text/javascript; charset=utf-8")
    answer["Cache-Control"] = "private, no-cache"
    return answer
