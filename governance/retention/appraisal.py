"""What is due for appraisal on a day, and the decision of whoever looked at it."""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Max, Min, OuterRef, Q, QuerySet, Subquery

from governance.models import Appraisal
from governance.numbering import save_numbered
from governance.retention.periods import PERIODS, Period
from jcb import access, dates
from jcb.history import refuse
from jcb.models import Person

MAY_NOT = "The secretariat sees what is due for appraisal, and records what was decided."
SHOWN = 20  # records of a kind that are named; the others are counted
Decision = Appraisal.Decision


@dataclass(frozen=True, slots=True)
class Due:
    """Of one kind: how many records wait for a decision, with the first and last day their periods began; how many wait to
    be disposed of, as was decided; and those of the first that a reader may see, as pairs of words and address."""

    period: Period
    waiting: int
    first: dt.date | None
    last: dt.date | None
    to_go: int
    records: tuple[tuple[str, str, dt.date], ...] = ()


def due(on: dt.date, reader: Person | None = None) -> list[Due]:
    """What is past its period on a day, in the order of the periods; kinds of which nothing is are left out."""
    found = (_due_of(period, on, reader) for period in PERIODS)
    return [each for each in found if each.waiting or each.to_go]


def _due_of(period: Period, on: dt.date, reader: Person | None) -> Due:
    rows = _decided(period, period.rows().filter(began__lte=period.began_by(on)))
    waits = Q(decided=None) | Q(decided=Decision.KEEP, look_again__lt=on)
    counts = rows.aggregate(
        waiting=Count("pk", filter=waits),
        first=Min("began", filter=waits),
        last=Max("began", filter=waits),
        to_go=Count("pk", filter=Q(decided=Decision.DISPOSE)),
    )
    records = ()
    if reader is not None and period.address is not None and counts["waiting"]:
        seen = rows.filter(waits, pk__in=rows.model.objects.visible_to(reader).values("pk")).order_by("began", "pk")
        records = tuple((str(row), period.address(row), row.began) for row in seen[:SHOWN])
    return Due(period, **counts, records=records)


def _decided(period: Period, rows: QuerySet) -> QuerySet:
    """Rows with the latest decision on each: `decided`, and `look_again` where they are kept."""
    about = Appraisal.objects.filter(
        kind=period.kind, first_on__lte=OuterRef("began"), last_on__gte=OuterRef("began")
    ).order_by("-number")
    return rows.annotate(
        decided=Subquery(about.values("decision")[:1]), look_again=Subquery(about.values("keep_until")[:1])
    )


@transaction.atomic
def decide(
    *,
    by: Person,
    period: Period,
    first_on: dt.date,
    last_on: dt.date,
    decision: str,
    because: str,
    keep_until: dt.date | None = None,
) -> Appraisal:
    """Record what was decided of one kind of records whose periods began on these days. It deletes nothing."""
    access.require(access.may_appraise(by), MAY_NOT)
    today = dates.today()
    if not because.strip():
        refuse("Say why, and who decided it where that was not you.", "because")
    if last_on > period.began_by(today):
        refuse(
            f"Choose {dates.say_day(period.began_by(today))} or an earlier day: later ones are not past their period.",
            "last_on",
        )
    if keep_until is not None and keep_until <= today:
        refuse("Choose a day to come.", "keep_until")
    row = Appraisal(
        number=0,
        kind=period.kind,
        first_on=first_on,
        last_on=last_on,
        decision=decision,
        keep_until=keep_until if decision == Decision.KEEP else None,
        because=because.strip(),
        by=by,
    )
    row.full_clean(exclude=["number"])
    return save_numbered(row)
