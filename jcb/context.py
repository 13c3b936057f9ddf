"""What every page's frame needs."""

from django.conf import settings

from jcb import access, dates

SECTIONS = {
    "/plans/": "plans",
    "/deliverables": "deliverables",
    "/disputes": "disputes",
    "/needs/": "known",
    "/round/": "deliverables",
    "/meetings/": "meetings",
    "/terms/": "meetings",
}


def _section(path: str) -> str:
    """Which menu entry a page belongs to, by its address."""
    if path == "/":
        return "home"
    return next((section for start, section in SECTIONS.items() if path.startswith(start)), "")


def page(request) -> dict:
    """The demonstration's clock in words, and which menu entries the reader may see."""
    return {
        "demonstration": settings.DEMONSTRATION,
        "clock_in_words": dates.say_instant(dates.now()) if settings.DEMONSTRATION else "",
        "may_use_admin": access.may_use_admin(getattr(request, "user", None)),
        "menu": {_section(request.path): True},
    }
