"""What every page's frame needs."""

from django.conf import settings

from jcb import access, dates


def page(request) -> dict:
    """The demonstration's clock in words, and which menu entries the reader may see."""
    return {
        "demonstration": settings.DEMONSTRATION,
        "clock_in_words": dates.say_instant(dates.now()) if settings.DEMONSTRATION else "",
        "may_use_admin": access.may_use_admin(getattr(request, "user", None)),
        "section": request.resolver_match.app_name if request.resolver_match else "",
    }
