"""How deliverables stand on a day: the one place where status, lateness and silence are worked out.

A deliverable past its agreed date and not finished is off track, whatever was last said of it (DOMAIN, "Status").
Off track without words since the last meeting is "unexplained", and is shown and printed as exactly that.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Case, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from jcb import dates
from jcb.models import BoardSettings
from workstreams.last_meeting import last_meeting
from workstreams.models import (
    FINISHED,
    WORST_FIRST,
    Deliverable,
    Plan,
    ProgressUpdate,
    Status,
    Workstream,
    latest_updates,
)

SLUG = {status: status.value.replace(" ", "-") for status in Status}
LONG_SILENCE_WEEKS = 12


@dataclass(frozen=True, slots=True)
class Standing:
    """One deliverable as at the end of a day. `status` is what counts; `said` is what was last recorded."""

    deliverable: Deliverable
    latest: ProgressUpdate | None
    status: Status
    said: Status
    overdue_days: int
    unexplained: bool
    silent_weeks: int | None

    @property
    def word(self) -> str:
        return self.status.label

    @property
    def mark(self) -> str:
        """The status as used in class names: "off-track"."""
        return SLUG[self.status]

    @property
    def is_finished(self) -> bool:
        return self.status in FINISHED

    @property
    def date_has_passed(self) -> bool:
        """Shown off track only because its agreed date has passed."""
        return self.status is Status.OFF_TRACK and self.said is not Status.OFF_TRACK

    @property
    def forecast_on(self) -> dt.date | None:
        return self.latest.forecast_on if self.latest else None

    @property
    def forecast_is_late(self) -> bool:
        return bool(self.forecast_on and self.status not in FINISHED and self.forecast_on > self.deliverable.agreed_on)


def effective(said: Status, agreed_on: dt.date, day: dt.date) -> Status:
    """The status that counts on a day, from what was last said and the agreed date."""
    return said if said in FINISHED or day <= agreed_on else Status.OFF_TRACK


def stand(deliverable: Deliverable, latest: ProgressUpdate | None, *, day: dt.date, since: dt.datetime) -> Standing:
    """How one deliverable stands at the end of a London day; `since` is the instant of the last meeting."""
    said = Status(latest.status) if latest else Status.NOT_STARTED
    status = effective(said, deliverable.agreed_on, day)
    end = dates.end_of_day(day)
    overdue = max((day - deliverable.agreed_on).days, 0) if status not in FINISHED else 0
    return Standing(
        deliverable=deliverable,
        latest=latest,
        status=status,
        said=said,
        overdue_days=overdue,
        unexplained=status is Status.OFF_TRACK and (latest is None or not latest.narrative or latest.words_at < since),
        silent_weeks=(end - latest.at).days // 7 if latest and status not in FINISHED else None,
    )


def standings(
    rows: QuerySet[Deliverable], *, day: dt.date, since: dt.datetime, streams: Iterable[Workstream] | None = None
) -> list[Standing]:
    """How each row stands, in the rows' order: two queries however many rows there are.

    A list that has all `streams` at hand hands them in, and is spared making each again for every row; who wrote an
    update is not told there.
    """
    if streams is None:
        found = list(rows.with_progress(day).select_related("workstream__plan__area", "lead", "partner"))
    else:
        at_hand = {stream.pk: stream for stream in streams}
        found = list(rows.with_progress(day).select_related("lead", "partner"))
        for row in found:
            row.workstream = at_hand[row.workstream_id]
    latest = latest_updates(found, with_people=streams is None)
    return [stand(row, latest.get(row.pk), day=day, since=since) for row in found]


def since_last_meeting(day: dt.date, settings: BoardSettings | None = None) -> dt.datetime:
    """The instant from which "since the last meeting" counts: when the last meeting held by the end of a day began.

    Until a meeting is on record, the start of the London day so many weeks before.
    """
    if (met_at := last_meeting(day)) is not None:
        return met_at
    settings = settings or BoardSettings.current()
    return dates.start_of_day(day - dt.timedelta(weeks=settings.weeks_since_last_meeting))


def with_status(
    rows: QuerySet[Deliverable], day: dt.date, plans: Iterable[Plan] | None = None
) -> QuerySet[Deliverable]:
    """The same rule as `effective()`, in the database, for filters and order.

    Gives filters and orders the names `status`, `rank` (worst first), `agreed`, `said` and `last_at`; they are not read
    with the rows. `plans` are those of the rows, where they are at hand already.
    """
    log = ProgressUpdate.objects.filter(deliverable=OuterRef("pk"), at__lt=dates.end_of_day(day)).order_by("-number")
    ends = [
        When(workstream__plan=plan.pk, then=Value(plan.ends_on))
        for plan in (Plan.objects.all() if plans is None else plans)
    ]
    rows = rows.alias(
        said=Coalesce(Subquery(log.values("status")[:1]), Value(Status.NOT_STARTED.value)),
        last_at=Subquery(log.values("at")[:1]),
        agreed=Case(When(own_due_on__isnull=False, then=F("own_due_on")), *ends),
    )
    late = Q(agreed__lt=day) & ~Q(said__in=[status.value for status in FINISHED])
    worst, *others = WORST_FIRST
    return rows.alias(
        status=Case(When(late, then=Value(worst.value)), default=F("said")),
        rank=Case(
            When(late, then=Value(0)),
            *[When(said=status.value, then=Value(place)) for place, status in enumerate(others, start=1)],
            default=Value(0),
        ),
    )


@dataclass(frozen=True, slots=True)
class Tally:
    """How many are where, worst first."""

    counts: Counter
    total: int
    unexplained: int

    @classmethod
    def of(cls, rows: Iterable[Standing]) -> "Tally":
        rows = list(rows)
        return cls(Counter(row.status for row in rows), len(rows), sum(row.unexplained for row in rows))

    @property
    def parts(self) -> list[tuple[str, int, str]]:
        """(mark, number, words) for each status that occurs, worst first."""
        return [(SLUG[s], self.counts[s], s.label.lower()) for s in WORST_FIRST if self.counts[s]]

    @property
    def in_words(self) -> str:
        """ "1 at risk, 2 on track"."""
        return ", ".join(f"{number} {words}" for _, number, words in self.parts)

    @property
    def unfinished(self) -> int:
        return sum(number for status, number in self.counts.items() if status not in FINISHED)

    def headline(self, of_what: str = "deliverables") -> str:
        """The state in one or two sentences, worst first."""
        off, risk = self.counts[Status.OFF_TRACK], self.counts[Status.AT_RISK]
        if not self.total:
            return f"There are no {of_what} yet."
        if off:
            are = "is" if off == 1 else "are"
            words = {0: "", 1: ", one of them without an explanation"}.get(
                self.unexplained, f", {self.unexplained} of them without an explanation"
            )
            if off == 1 and self.unexplained:
                words = ", without an explanation"
            text = f"{off} of {self.total} {of_what} {are} off track{words}."
            return f"{text} {risk} {'is' if risk == 1 else 'are'} at risk." if risk else text
        if risk:
            return f"None of {self.total} {of_what} is off track. {risk} {'is' if risk == 1 else 'are'} at risk."
        if not self.unfinished:
            return f"All {self.total} {of_what} are finished."
        return f"None of {self.total} {of_what} is off track or at risk."


def worst_first(rows: list[Standing]) -> list[Standing]:
    """Rows in the order of attention; plan order within one status."""
    return sorted(
        rows, key=lambda row: (WORST_FIRST.index(row.status), row.deliverable.workstream.number, row.deliverable.number)
    )
