"""What is recorded of a case of redress for a family: by reference only, with its dates, its reply and its lesson."""

import datetime as dt
import re

from django.db import transaction

from governance.disputes.clocks import last_day
from governance.models import RedressCase, RedressRule
from jcb import access, dates
from jcb.history import refuse
from jcb.identifying import refuse_names_and_dates
from jcb.models import Partner, Person
from jcb.steps import check_seen, save

MAY_NOT = "You can read the register; the secretariat keeps it."
REPLY = "five-week-reply"  # the key of the rule that gives the period of the written reply
REFERENCE = re.compile(r"[A-Z0-9]+(?:[ /-][A-Z0-9]+)*")
Kind, Accepted = RedressCase.Kind, RedressCase.Accepted


@transaction.atomic
def open_case(
    *, by: Person, reference: str, kind: str, opened_on: dt.date, rule: RedressRule | None = None, partner: Partner | None = None
) -> RedressCase:  # fmt: skip
    """Put a case on the register by the reference of the service or the Tribunal."""
    access.require(access.may_keep_redress(by), MAY_NOT)
    reference = " ".join(reference.split())
    check_reference(reference)
    if opened_on > dates.today():
        refuse("Choose today or an earlier day.", "opened_on")
    row = RedressCase(reference=reference, kind=kind, opened_on=opened_on, rule=rule, partner=partner)
    row.full_clean()
    row.save()
    return row


def check_reference(reference: str) -> None:
    """Refuse a reference that could be a name or a date of birth."""
    if not REFERENCE.fullmatch(reference) or not any(each.isdigit() for each in reference):
        refuse(
            "Give the reference of the service or the Tribunal, in capital letters and digits, such as EH999/20/00012. "
            "Never a name.",
            "reference",
        )
    refuse_names_and_dates(reference, "reference")


@transaction.atomic
def decide(
    *, by: Person, case: RedressCase, seen: int, decided_on: dt.date, accepted: str, partner: Partner | None = None
) -> RedressCase:
    """Record the decision or recommendation, and whether the commissioner follows it. Of a recommendation that is not
    followed in full, the last day of the written reply is stored with the case, reckoned from the rule in force."""
    row = _opened(case, by, seen)
    if not row.opened_on <= decided_on <= dates.today():
        refuse("Choose a day between the opening of the case and today.", "decided_on")
    due = None
    if row.kind == Kind.TRIBUNAL and accepted in (Accepted.NO, Accepted.IN_PART):
        due = reply_due(decided_on)
    return save(row, decided_on=decided_on, accepted=accepted, partner=partner or row.partner, reply_due_on=due)


def reply_due(decided_on: dt.date) -> dt.date | None:
    """The last day of the written reply to a family: the day of the decision is day 0. None where no rule gives a period."""
    rule = RedressRule.objects.filter(key=REPLY, period_weeks__isnull=False).first()
    if rule is None or (rule.starts_on and decided_on < rule.starts_on):
        return None
    return last_day(decided_on, 7 * rule.period_weeks)


@transaction.atomic
def reply(
    *,
    by: Person,
    case: RedressCase,
    seen: int,
    replied_on: dt.date,
    copied_to_tribunal_on: dt.date | None = None,
    copied_to_evaluator_on: dt.date | None = None,
) -> RedressCase:
    """Record that the written reply was sent, and to whom its copies went. Late is recorded as late, and never refused."""
    row = _opened(case, by, seen)
    if row.decided_on is None:
        refuse("Record the decision that the reply answers first.")
    for field, day in (
        ("replied_on", replied_on),
        ("copied_to_tribunal_on", copied_to_tribunal_on),
        ("copied_to_evaluator_on", copied_to_evaluator_on),
    ):
        if day is not None and not row.decided_on <= day <= dates.today():
            refuse("Choose a day between the decision and today.", field)
    return save(
        row,
        replied_on=replied_on,
        copied_to_tribunal_on=copied_to_tribunal_on,
        copied_to_evaluator_on=copied_to_evaluator_on,
    )


@transaction.atomic
def close(*, by: Person, case: RedressCase, seen: int, closed_on: dt.date, lesson: str = "") -> RedressCase:
    """Close a case, and say what the Board should learn from it, as a theme."""
    row = _opened(case, by, seen)
    refuse_names_and_dates(lesson, "lesson")
    if not (row.decided_on or row.opened_on) <= closed_on <= dates.today():
        refuse("Choose a day between the decision and today.", "closed_on")
    return save(row, closed_on=closed_on, lesson=lesson.strip())


def _opened(case: RedressCase, by: Person, seen: int) -> RedressCase:
    access.require(access.may_keep_redress(by), MAY_NOT)
    row = RedressCase.objects.select_for_update().get(pk=case.pk)
    check_seen(row, seen)
    return row
