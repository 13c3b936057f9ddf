"""What happens around every request."""

import time

from django.urls import resolve

from jcb import dates, health, logs


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
