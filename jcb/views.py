"""Where a person is signed in, and what they see who come back from the directory without having signed in."""

import functools

import requests
from allauth.socialaccount.providers.openid_connect import views as openid_connect
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jcb import access, background, dates, directory, notices, sessions

MAY_NOT_SEE_MAIL = "Only the secretariat and the administrator see what could not be sent."


@require_safe
@never_cache
def signed_in_where(request):
    """Where the reader is signed in: device, since when, when last seen, and which one is this."""
    places = sessions.places_of(request.user, request.session.session_key)
    page = {
        "places": places,
        "elsewhere": any(not place.is_here for place in places),
        "idle": _in_words(settings.IDLE_SECONDS),
        "longest": _in_words(settings.SESSION_SECONDS),
    }
    return render(request, "account/places.html", page)


def _in_words(seconds: int) -> str:
    number, unit = (seconds // 3600, "hour") if seconds >= 7200 else (max(seconds // 60, 1), "minute")
    return f"{number} {unit}{'s' * (number != 1)}"


@require_POST
def sign_out_there(request, pk: int):
    """End one of the reader's own sessions."""
    if not sessions.end_place(request.user, pk):
        raise Http404
    messages.success(request, "That device is signed out.")
    return redirect("signed_in_where")


@require_POST
def sign_out_elsewhere(request):
    """End all of the reader's sessions but this one."""
    sessions.end_all(request.user, but=request.session.session_key)
    messages.success(request, "You are signed out everywhere else.")
    return redirect("signed_in_where")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def unsent_mail(request):
    """To whom an e-mail could not be sent so far, and when it is tried again; what it says is not shown."""
    access.require(access.may_see_unsent_mail(request.user), MAY_NOT_SEE_MAIL)
    if request.method == "POST":
        background.try_now()
        background.start(notices.send_notices)
        messages.success(request, "It is tried again now. What still cannot be sent is listed here.")
        return redirect("unsent_mail")
    tries = background.further_tries()
    rows = [{"person": row.person, "since": dates.say_day(row.on)} for row in notices.not_sent()]
    page = {"rows": rows, "next_try": dates.say_instant(tries[0]) if tries else ""}
    return render(request, "unsent_mail.html", page)


def _or_say_so(view):
    """allauth's view, with a sentence where the directory does not answer."""

    @login_not_required
    @never_cache
    @require_safe
    @functools.wraps(view)
    def asked(request, provider_id: str):
        try:
            return view(request, provider_id)
        except requests.RequestException:
            return directory.refuse(request, directory.SILENT, status=503)

    return asked


to_directory = _or_say_so(openid_connect.login)
from_directory = _or_say_so(openid_connect.callback)


@login_not_required
@require_safe
def directory_cancelled(request):
    """Somebody turned back at the directory."""
    return redirect("account_login")
