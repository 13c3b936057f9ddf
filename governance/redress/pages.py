"""What the pages of redress show: the register to those who may read it, counts by quarter to everyone."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass

from governance.models import RedressCase, RedressRule
from jcb import dates
from jcb.models import BoardSettings, Person


@dataclass(frozen=True, slots=True)
class Line:
    """A case in the register, in words."""

    reference: str
    kind: str
    partner: str
    opened: str
    decided: str
    accepted: str
    reply: str
    is_late: bool
    lesson: str
    closed: str
    invented: bool


def visible(person: Person):
    return RedressCase.objects.visible_to(person).select_related("partner", "rule")


def line(row: RedressCase) -> Line:
    """A case in words; the reply says whether it is due, sent in time, or late."""
    today, reply, late = dates.today(), "", False
    if row.reply_due_on:
        reply = f"Written reply due by {dates.say_day(row.reply_due_on)}"
        late = (row.replied_on or today) > row.reply_due_on
        if row.replied_on:
            reply += f"; sent on {dates.say_day(row.replied_on)}{', late' if late else ', in time'}"
        elif late:
            days = (today - row.reply_due_on).days
            reply += f"; {days} day{'' if days == 1 else 's'} late"
    elif row.replied_on:
        reply = f"Written reply sent on {dates.say_day(row.replied_on)}"
    copies = [
        f"{who} {dates.say_day(day)}"
        for who, day in (("Tribunal", row.copied_to_tribunal_on), ("evaluator", row.copied_to_evaluator_on))
        if day
    ]
    if copies:
        reply += f". Copies: {', '.join(copies)}"
    return Line(
        row.reference,
        row.get_kind_display(),
        row.partner.name if row.partner else "",
        dates.say_day(row.opened_on),
        dates.say_day(row.decided_on) if row.decided_on else "",
        RedressCase.Accepted(row.accepted).label if row.decided_on else "",
        reply,
        late,
        row.lesson,
        dates.say_day(row.closed_on) if row.closed_on else "",
        row.invented,
    )


@dataclass(frozen=True, slots=True)
class Quarter:
    """How many cases were opened in a quarter: pairs of kind and number, in words; small numbers are not shown."""

    name: str
    counts: tuple[tuple[str, str], ...]


def quarters() -> tuple[list[str], list[Quarter]]:
    """The kinds, and the quarters, the last one first. No totals: a sum would give small numbers away."""
    smallest = BoardSettings.current().smallest_figure
    kinds = RedressCase.Kind.choices
    found: dict[tuple[int, int], Counter] = {}
    for kind, day in RedressCase.objects.values_list("kind", "opened_on"):
        found.setdefault(quarter_of(day), Counter())[kind] += 1
    rows = [
        Quarter(_name(*key), tuple((label, say_count(found[key][kind], smallest)) for kind, label in kinds))
        for key in sorted(found, reverse=True)
    ]
    return [label for _, label in kinds], rows


def quarter_of(day: dt.date) -> tuple[int, int]:
    return day.year, (day.month - 1) // 3 + 1


def say_count(number: int, smallest: int) -> str:
    """A number about people as it may be shown: "0", "fewer than 5", "7"."""
    return f"fewer than {smallest}" if 0 < number < smallest else str(number)


def _name(year: int, quarter: int) -> str:
    months = ("January to March", "April to June", "July to September", "October to December")
    return f"{months[quarter - 1]} {year}"


def rules() -> list[RedressRule]:
    """The routes that are open to families, in their order."""
    return list(RedressRule.objects.select_related("area").order_by("order"))


def verbs(row: RedressCase) -> list[tuple[str, str]]:
    """What can be recorded of a case as it stands."""
    found = [("decide", "Record the decision, and whether it is followed")]
    if row.decided_on:
        found.append(("reply", "Record the written reply and its copies"))
    if row.closed_on is None:
        found.append(("close", "Close it, with what the Board should learn"))
    return found
