"""How long each kind of record is kept, counted from which day: the periods of docs/retention.md, as data.

A test holds that page and these rows against each other. Kinds that are kept for good, or as long as something else, have
none; nor have deeds and small figures, whose longer and shorter periods nothing in the record tells apart.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Case, DateField, Exists, F, Model, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import TruncDate
from django.urls import reverse

from governance.models import (
    Agreement,
    CalendarFeed,
    Circulation,
    Dispute,
    Meeting,
    MinuteComment,
    Minutes,
    RedressCase,
    RegisteredInterest,
    Risk,
)
from jcb import dates
from jcb.models import Notice
from needs.models import Moderation, Observation
from workstreams.models import Plan


@dataclass(frozen=True, slots=True)
class Period:
    """One kind of record. `rows`: all of them whose period runs, each with `began`, the day it is counted from."""

    kind: str
    row: str  # how its row in docs/retention.md begins
    what: str
    years: int
    since: str
    rows: Callable[[], QuerySet]
    address: Callable[[Model], str] | None = None  # of one record's page, where it has one

    def began_by(self, on: dt.date) -> dt.date:
        """Whatever began on this day or before is past its period on the day `on`."""
        return dates.add_months(on, -12 * self.years)


def _on_day(model: type[Model], field: str) -> QuerySet:
    return model.objects.exclude(**{field: None}).annotate(began=F(field))


def _at_instant(model: type[Model], field: str) -> QuerySet:
    return model.objects.exclude(**{field: None}).annotate(began=TruncDate(field))


def _plans() -> QuerySet:
    ends = [When(pk=plan.pk, then=Value(plan.ends_on)) for plan in Plan.objects.all()]
    return Plan.objects.annotate(began=Case(*ends, default=None, output_field=DateField()))


def _closed_risks() -> QuerySet:
    """A risk has no day on which it closed: the last change of it is the latest that can have been."""
    last = Risk.history.model.objects.filter(id=OuterRef("pk")).order_by("-history_date", "-history_id")
    changed = last.annotate(day=TruncDate("history_date")).values("day")[:1]
    return Risk.objects.filter(state=Risk.State.CLOSED).select_related("workstream__plan").annotate(
        began=Subquery(changed, output_field=DateField())
    )  # fmt: skip


def _withdrawn() -> QuerySet:
    later = Moderation.objects.filter(statement=OuterRef("statement"), number__gt=OuterRef("number"))
    return _at_instant(Moderation, "at").filter(~Exists(later), public=False).select_related("statement")


def _risk_address(risk: Risk) -> str:
    return reverse("governance:risk", args=[risk.workstream.plan.slug, risk.workstream.number, risk.number])


PERIODS = (
    Period("calendar", "Addresses of personal calendars", "Addresses of personal calendars that were taken back", 2,
           "taken back", lambda: _at_instant(CalendarFeed, "revoked_at")),
    Period("notices", "E-mails that were sent", "E-mails that were sent", 2, "sent", lambda: _at_instant(Notice, "sent_at")),
    Period("circulations", "E-mails that were sent", "Packs that were sent out, by reader", 2, "sent",
           lambda: _at_instant(Circulation, "sent_at")),
    Period("meetings", "Meetings: agenda", "Meetings, with their papers and packs", 20, "held",
           lambda: _at_instant(Meeting, "starts_at"), lambda row: reverse("governance:meeting", args=[row.key])),
    Period("minutes", "Minutes, comments on them", "Minutes, with decisions and actions", 20, "meeting held",
           lambda: _at_instant(Minutes, "meeting__starts_at").select_related("meeting"),
           lambda row: reverse("governance:minutes", args=[row.meeting.key])),
    Period("comments", "Minutes, comments on them", "Comments on draft minutes", 1, "agreed",
           lambda: _on_day(MinuteComment, "minute__minutes__agreed_on")),
    Period("interests", "Interests: declared", "Interests in the register", 6, "ended",
           lambda: _on_day(RegisteredInterest, "held_until").select_related("person"),
           lambda row: reverse("governance:interests")),
    Period("statements", "What families said", "What families said, taken off the public pages", 6, "taken off",
           _withdrawn, lambda row: reverse("needs:statement", args=[row.statement.number])),
    Period("progress", "Progress: status and words", "Progress of plans", 10, "end of the plan’s period",
           _plans, lambda row: reverse("workstreams:plan", args=[row.slug])),
    Period("figures", "Figures, also those", "Figures", 10, "end of the figure’s period",
           lambda: _on_day(Observation, "period_end")),
    Period("risks", "Risks of workstreams", "Risks that were closed", 6, "last change", _closed_risks, _risk_address),
    Period("agreements", "Agreements on budgets", "Agreements on budgets", 6, "ended",
           lambda: _on_day(Agreement, "ends_on").filter(status=Agreement.Status.ENDED),
           lambda row: reverse("governance:agreement", args=[row.number])),
    Period("disputes", "Disputes between partners", "Disputes between partners", 6, "ended",
           lambda: _on_day(Dispute, "ended_on"), lambda row: reverse("governance:dispute", args=[row.key])),
    Period("redress", "Redress for families", "Redress for families, by reference", 6, "closed",
           lambda: _on_day(RedressCase, "closed_on"), lambda row: reverse("governance:redress_case", args=[row.pk])),
)  # fmt: skip
BY_KIND = {period.kind: period for period in PERIODS}
