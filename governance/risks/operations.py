"""What is done to risks: added, edited, scored, escalated, answered, closed."""

import datetime as dt

from django.db import transaction
from django.db.models import Max

from governance.models import Risk, RiskScore
from governance.numbering import save_numbered
from jcb import access, dates
from jcb.history import refuse
from jcb.identifying import refuse_identifying
from jcb.models import Person
from jcb.steps import check_seen, save
from workstreams.models import Workstream

MAY_NOT = "You can read these risks; the leads of the workstream and the secretariat keep them."
State = Risk.State


@transaction.atomic
def add(
    *,
    by: Person,
    workstream: Workstream,
    kind: str,
    title: str,
    likelihood: int,
    impact: int,
    text: str = "",
    owner: Person | None = None,
    mitigation: str = "",
) -> Risk:
    """Put a risk, an issue or a dependency on the register with its first score, each from 1 to 5."""
    _require(by, workstream)
    _check(title, text, mitigation)
    row = Risk(
        workstream=workstream, number=0, kind=kind, title=title.strip(), text=text.strip(), owner=owner, mitigation=mitigation.strip()
    )  # fmt: skip
    row.full_clean(exclude=["number"])
    save_numbered(row, workstream=workstream)
    _score(row, by, likelihood, impact, "")
    return row


@transaction.atomic
def edit(
    *, by: Person, risk: Risk, seen: int, kind: str, title: str, text: str, owner: Person | None, mitigation: str, state: str
) -> Risk:  # fmt: skip
    """Change what is said of a risk, or close it or open it again."""
    row = _opened(risk, by, seen)
    _check(title, text, mitigation)
    return save(
        row, kind=kind, title=title.strip(), text=text.strip(), owner=owner, mitigation=mitigation.strip(), state=state
    )


@transaction.atomic
def score(*, by: Person, risk: Risk, likelihood: int, impact: int, note: str = "") -> RiskScore:
    """Say how likely a risk is now and how bad. The scores before stay, and show the trend."""
    row = Risk.objects.select_for_update().select_related("workstream").get(pk=risk.pk)
    _require(by, row.workstream)
    if row.state == State.CLOSED:
        refuse("This risk is closed. Open it again before you score it.")
    return _score(row, by, likelihood, impact, note)


@transaction.atomic
def escalate(*, by: Person, risk: Risk, seen: int, escalated_to: str, escalated_on: dt.date) -> Risk:
    """Record to whom a risk was escalated and when. An answer to an earlier escalation stays in its history."""
    row = _opened(risk, by, seen)
    if not escalated_to.strip():
        refuse("Say to whom it was escalated.", "escalated_to")
    if escalated_on > dates.today():
        refuse("Choose today or an earlier day.", "escalated_on")
    return save(row, escalated_to=escalated_to.strip(), escalated_on=escalated_on, answer="", answered_on=None)


@transaction.atomic
def answer(*, by: Person, risk: Risk, seen: int, answer: str, answered_on: dt.date) -> Risk:
    """Record what those said to whom it was escalated."""
    row = _opened(risk, by, seen)
    if not row.escalated_to:
        refuse("This risk was not escalated to anybody. Record that first.")
    if not answer.strip():
        refuse("Say what the answer is.", "answer")
    if not row.escalated_on <= answered_on <= dates.today():
        refuse("Choose a day between the escalation and today.", "answered_on")
    return save(row, answer=answer.strip(), answered_on=answered_on)


def _score(row: Risk, by: Person, likelihood: int, impact: int, note: str) -> RiskScore:
    last = row.scores.aggregate(last=Max("number"))["last"] or 0
    said = RiskScore(risk=row, number=last + 1, likelihood=likelihood, impact=impact, note=note.strip(), by=by)
    said.full_clean()
    said.save()
    return said


def _require(by: Person, workstream: Workstream) -> None:
    access.require(access.may_keep_risks(by, workstream, dates.today()), MAY_NOT)


def _opened(risk: Risk, by: Person, seen: int) -> Risk:
    row = Risk.objects.select_for_update().get(pk=risk.pk)
    _require(by, row.workstream)
    check_seen(row, seen)
    return row


def _check(title: str, text: str, mitigation: str) -> None:
    if not title.strip():
        refuse("Say in a few words what the risk is.", "title")
    for field, words in (("title", title), ("text", text), ("mitigation", mitigation)):
        refuse_identifying(words, field)
