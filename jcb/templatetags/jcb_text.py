"""Filters for words and figures, the same on the screen and in print."""

import datetime as dt
from decimal import Decimal

from django import template
from django.utils.safestring import SafeString

from jcb import dates
from jcb.markdown import to_html

register = template.Library()
MINUS = "\u2212"
Number = int | float | Decimal


@register.filter
def markdown(text: str | None) -> SafeString:
    """{{ plan.introduction|markdown }}: the small Markdown of `jcb.markdown` as safe HTML."""
    return to_html(text or "")


@register.filter
def day(value: dt.date | dt.datetime | None) -> str:
    """{{ deliverable.agreed_on|day }}: "12 March 2020"; an instant by its London day; empty for no date."""
    return dates.say_day(value)


@register.filter
def fours(letters: str) -> str:
    """{{ form.secret|fours }}: "ABCD EFGH", so that a key can be read and typed."""
    return " ".join(letters[at : at + 4] for at in range(0, len(letters), 4))


@register.filter
def thousands(value: Number | None) -> str:
    """{{ pupils|thousands }}: "3,237", and a true minus before a negative number; empty for none."""
    if value is None:
        return ""
    return f"{value:,}".replace("-", MINUS)


@register.filter
def signed(value: Number | None) -> str:
    """{{ change|signed }}: "+1,204", "−3" with a true minus, "0"; empty for none."""
    if value is None:
        return ""
    return ("+" if value > 0 else "") + thousands(value)
