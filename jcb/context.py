"""What every page's frame needs."""

from django.conf import settings

from jcb import access, dates, second_step

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
    """The demonstration's clock in words, which menu entries the reader may see, and how people sign in."""
    return {
        "demonstration": settings.DEMONSTRATION,
        "clock_in_words": dates.say_instant(dates.now()) if settings.DEMONSTRATION else "",
        "may_use_admin": access.may_use_admin(getattr(request, "user", None)),
        "may_appraise": access.may_appraise(getattr(request, "user", None)),
        "directory": settings.DIRECTORY_NAME if settings.DIRECTORY else "",
        "local_passwords": settings.LOCAL_PASSWORDS,
        "second_step_missing": lambda: second_step.is_missing(request),
        "menu": {_section(request.path): True},
    }
