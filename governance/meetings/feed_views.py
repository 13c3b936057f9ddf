"""A person's own calendar address on screen, and the calendar itself, which needs no sign-in but its secret."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from governance.meetings import feed
from governance.models import CalendarFeed
from jcb import dates


@require_http_methods(["GET", "HEAD", "POST"])
def address(request):
    """Make a calendar address, see it once, revoke it. A new one takes the place of the former."""
    secret = ""
    if request.method == "POST" and "revoke" in request.POST:
        if feed.revoke_address(by=request.user):
            messages.success(request, "Your calendar address is revoked. Calendars that use it get nothing more.")
        return redirect("governance:calendar")
    if request.method == "POST":
        secret = feed.make_address(by=request.user)
    present = CalendarFeed.objects.visible_to(request.user).filter(revoked_at=None).first()
    page = {
        "made": dates.say_instant(present.made_at) if present else "",
        "address": request.build_absolute_uri(reverse("governance:feed", args=[secret])) if secret else "",
    }
    answer = render(request, "governance/meetings/calendar.html", page)
    answer["Cache-Control"] = "private, no-store"
    return answer


@login_not_required
@require_safe
def calendar(request, secret):
    """The calendar behind a secret. Unknown, revoked and deactivated answer alike: there is nothing here."""
    person = feed.person_behind(secret)
    if person is None:
        raise Http404
    site = request.build_absolute_uri("/").rstrip("/")
    text = feed.calendar_text(person, site=site, now=dates.now())
    answer = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    answer["Cache-Control"] = "private, no-cache"
    answer["Content-Disposition"] = 'inline; filename="board.ics"'
    return answer
