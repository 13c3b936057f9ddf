"""What happens around every request."""

import time

from django.contrib.auth import logout
from django.shortcuts import redirect
from django.urls import resolve

from jcb import dates, health, logs, second_step, sessions, throttle

# What somebody reaches who has to set up a second step first.
WITHOUT_SECOND_STEP = {
    "mfa_index", "mfa_activate_totp", "mfa_add_webauthn", "account_reauthenticate", "account_logout",
}  # fmt: skip


def one_clock_reading(get_response):
    """Read the demonstration's clock at most once in a request; outside demonstration mode nothing is read."""

    def middleware(request):
        with dates.one_reading():
            return get_response(request)

    return middleware


def one_line_of_log(get_response):
    """Say of each request what was asked for by name, how it ended, how long it took and for which person."""

    def middleware(request):
        began = time.monotonic()
        response = get_response(request)
        said = {
            "method": request.method if request.method in KNOWN_METHODS else "other",
            "route": logs.route_of(request),
            "status": response.status_code,
            "ms": round((time.monotonic() - began) * 1000),
            "person": _person(request),
        }
        logs.REQUESTS.info("request", extra={"said": said})
        return response

    return middleware


KNOWN_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"}


def _person(request) -> int | None:
    """The number of whoever asked. Where nobody looked who it is, neither do we: that would be a query."""
    if not hasattr(request, "_cached_user"):
        return None
    return request.user.pk or request._cached_user.pk


def health_first(get_response):
    """Answer those who watch over the service before anything asks for a session, a person or the site's own name."""

    def middleware(request):
        if request.path_info in health.ADDRESSES:
            request.resolver_match = resolve(request.path_info)
            return request.resolver_match.func(request)
        return get_response(request)

    return middleware


def sessions_end(get_response):
    """Sign out whoever did nothing for too long, or signed in too long ago; know the browser that followed a link."""

    def middleware(request):
        if request.user.is_authenticated and sessions.has_ended(request):
            logout(request)
        response = get_response(request)
        if followed := getattr(request, "followed_link_to", None):
            throttle.know(request, response, followed)
        return response

    return middleware


def second_step_first(get_response):
    """Whoever's role needs a second step of signing in sets one up before anything else."""

    def middleware(request):
        return get_response(request)

    def process_view(request, view, args, kwargs):
        name = request.resolver_match.view_name
        if name not in WITHOUT_SECOND_STEP and second_step.is_missing(request):
            return redirect("mfa_index")
        return None

    middleware.process_view = process_view
    return middleware
