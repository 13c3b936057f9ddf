"""What is told of a dispute's clocks by itself, once a day: seven days before a last day, one day before, on it, and once it
has run out.

Safe to run twice, to be ended in the middle, or to be left out for a day: each thing is told to each person once, and late
rather than never. The secretariat is told of dates, and of nothing that is sealed.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from governance.disputes import clocks
from governance.disputes.operations import clocks_of
from governance.models import Dispute, DisputeEvent
from jcb import access, dates
from jcb.models import Notice, Person
from jcb.notices import tell

BEFORE = (7, 1, 0)  # days
RUN_OUT = -1


@dataclass(frozen=True, slots=True)
class Due:
    """A day that a clock of a dispute runs to, and what it is the last day, or the first, of."""

    key: str
    words: str
    on: dt.date
    opens: bool = False


def remind() -> list[Notice]:
    """Tell whoever is to be told today of the clocks of open disputes. Returns the new notices; their e-mails follow."""
    told = []
    rows = Dispute.objects.filter(state=Dispute.State.OPEN).select_related("ladder", "rung").order_by("key")
    for dispute in rows:
        people = list(concerned(dispute))
        for due in coming(dispute):
            told += _tell(dispute, due, people)
    return told


def coming(dispute: Dispute) -> Iterator[Due]:
    """The days that the present rung's clocks run to, but for what has happened already."""
    found, rung = clocks_of(dispute), dispute.rung
    period = found.periods.get(rung.key)
    if period and period.last_day:
        yield Due(rung.key, f"the period of rung {rung.order}, {rung.name}, ends", period.last_day)
    happened = set(dispute.events.values_list("kind", flat=True))
    if rung.key != clocks.MEDIATION:
        return
    if found.statements_due and not happened & {DisputeEvent.Kind.CONCLUDED, DisputeEvent.Kind.FAILED}:
        yield Due("statements", "written statements are due", found.statements_due)
    if found.report_due and DisputeEvent.Kind.REPORT not in happened:
        yield Due("report", "the mediator’s report is due", found.report_due)
    if found.court_opens:
        yield Due("court", "proceedings are open", found.court_opens, opens=True)


def concerned(dispute: Dispute) -> Iterable[Person]:
    """Those who stand for a party today, and the secretariat."""
    today = dates.today()
    standing = dispute.representations.filter(from_on__lte=today).exclude(until_on__lt=today).values("person")
    people = Person.objects.filter(is_active=True)
    return (people.filter(pk__in=standing) | people.filter(role=access.SECRETARIAT)).distinct().order_by("name", "pk")


def _tell(dispute: Dispute, due: Due, people: list[Person]) -> list[Notice]:
    return tell_of_day(
        people,
        "dispute clock",
        key=f"{dispute.key} {due.key} {due.on.isoformat()}",
        on=due.on,
        opens=due.opens,
        subject=f"Dispute {dispute.key}: {{when}} {due.words}",
        text=(
            f"In dispute {dispute.key}, {due.words} on {due.on:%A} {dates.say_day(due.on)}"
            f"{', at the end of the day' if not due.opens else ''}. Weekends and bank holidays do not stretch a period.\n\n"
            "What may happen next stands on the dispute’s page."
        ),
    )


def tell_of_day(
    people: Iterable[Person], clock: str, *, key: str, on: dt.date, subject: str, text: str, opens: bool = False
) -> list[Notice]:
    """Tell people of a day that a clock runs to: seven days before, one day before, on it, and once it has run out, unless
    it opens something. `{when}` in the subject becomes how far off it is. Each is told to each person once."""
    left = (on - dates.today()).days
    offset = RUN_OUT if left < 0 else next((days for days in sorted(BEFORE) if left <= days), None)
    if offset is None or (opens and offset == RUN_OUT):
        return []
    rule = f"{clock} has run out" if offset == RUN_OUT else f"{clock}, {offset} days before"
    knowing = set(Notice.objects.filter(rule=rule, object_key=key).values_list("person", flat=True))
    new = [person for person in people if person.pk not in knowing]
    return tell(new, rule=rule, object_key=key, subject=subject.replace("{when}", _when(left)), text=text)


def _when(left: int) -> str:
    if left < 0:
        return "it has run out:"
    return {0: "today", 1: "tomorrow"}.get(left, f"in {left} days")
