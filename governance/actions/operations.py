"""What is done to actions: recorded, updated, proposed as done, closed by the Board, opened again, moved, passed on."""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Max

from governance.models import Action, ActionHelper, ActionUpdate, AgendaItem, Decision, Meeting
from governance.numbering import save_numbered
from jcb import access, dates
from jcb.history import refuse
from jcb.models import Person
from jcb.notices import tell
from jcb.steps import check_seen, save

MAY_NOT = "You can read this action; the secretariat keeps the Board’s actions."
MAY_NOT_UPDATE = "You can read this action; its owner and those who help with it say how it stands."
Kind, State = ActionUpdate.Kind, Action.State


@transaction.atomic
def record_action(
    *,
    by: Person,
    meeting: Meeting,
    text: str,
    owner: Person,
    due_on: dt.date,
    item: AgendaItem | None = None,
    decision: Decision | None = None,
    helpers: Sequence[Person] = (),
) -> Action:
    """Record what a meeting asked somebody to do. Effects: the action with the next number of its month, and its helpers;
    where the meeting is over already, its owner and helpers are told at once."""
    access.require(access.may_prepare_meetings(by), MAY_NOT)
    meeting = Meeting.objects.select_for_update().get(pk=meeting.pk)
    if meeting.state == Meeting.State.CANCELLED:
        refuse("This meeting was cancelled, so it asked nobody for anything.")
    if meeting.starts_at > dates.now():
        refuse(f"The meeting begins on {dates.say_instant(meeting.starts_at)}. Actions are recorded from then on.")
    if item is not None and item.meeting_id != meeting.pk:
        refuse("This item belongs to another meeting.")
    if decision is not None and (decision.meeting_id, decision.item_id) != (meeting.pk, item.pk if item else None):
        refuse("This decision belongs to another item.")
    if not text.strip():
        refuse("Say what is to be done.", "text")
    _check_owner(owner)
    _check_due(due_on, meeting)
    series = f"{meeting.on:%Y-%m}"
    row = Action(
        series=series, number=0, meeting=meeting, item=item, decision=decision, text=text.strip(), owner=owner,
        first_due_on=due_on, due_on=due_on, by=by,
    )  # fmt: skip
    row.full_clean(exclude=["number"])
    save_numbered(row, series=series)
    for person in dict.fromkeys(helpers):
        if person != owner:
            ActionHelper.objects.create(action=row, person=person)
    if meeting.is_over:
        _tell(row)
    return row


def person_without_account(*, by: Person, name: str, email: str) -> Person:
    """Somebody outside who owns an action: found by e-mail address, or put down without an account."""
    access.require(access.may_prepare_meetings(by), MAY_NOT)
    found = Person.objects.filter(email__iexact=email).first()
    if found is not None:
        return found
    if not name.strip():
        refuse("Give the name that belongs to this e-mail address.", "name")
    return Person.objects.create_user(email=email, name=name.strip(), is_active=False, by_email_only=True)


def _check_owner(owner: Person) -> None:
    if not owner.is_written_to:
        refuse("This person has left. Choose somebody else to own the action.", "owner")


def _check_due(due_on: dt.date, meeting: Meeting) -> None:
    if due_on < meeting.on:
        refuse(f"The action comes from {dates.say_day(meeting.on)}. Choose a date on that day or after it.", "due_on")


@transaction.atomic
def say(*, by: Person, action: Action, seen: int, text: str, done: bool = False) -> Action:
    """Say how an action stands, or propose that it is done. Effects: an update, and the state where it is proposed."""
    row = Action.objects.select_for_update().get(pk=action.pk)
    access.require(access.may_update_action(by, row), MAY_NOT_UPDATE)
    check_seen(row, seen)
    if row.state == State.CLOSED:
        refuse("The Board has closed this action. Ask the secretariat to open it again.")
    if not text.strip():
        refuse("Say how it stands, in a sentence.", "text")
    if done and not access.may_propose_done(by, row):
        refuse("Its owner proposes that it is done. You can say how it stands.", "done")
    _keep(row, by, Kind.PROPOSED if done else Kind.UPDATE, text)
    return save(row, state=State.PROPOSED if done else row.state)


@transaction.atomic
def close(*, by: Person, action: Action, seen: int, meeting: Meeting, text: str = "") -> Action:
    """Record that the Board closed an action at a meeting. Effects: its state, and an update."""
    row = _opened(action, by, seen)
    if not row.can_become(State.CLOSED):
        refuse("This action is closed already.")
    if meeting.state == Meeting.State.CANCELLED or meeting.starts_at > dates.now():
        refuse("Choose a meeting that was held, or is being held now.", "meeting")
    if meeting.on < row.meeting.on:
        refuse("It was closed at the meeting it comes from, or a later one.", "meeting")
    _keep(row, by, Kind.CLOSED, text, after=str(meeting))
    return save(row, state=State.CLOSED, closed_on=meeting.on, closed_at_meeting=meeting)


@transaction.atomic
def reopen(*, by: Person, action: Action, seen: int, text: str) -> Action:
    """Open an action again, closed or proposed as done, and say why."""
    row = _opened(action, by, seen)
    if not row.can_become(State.OPEN):
        refuse("This action is open already.")
    _because(text)
    _keep(row, by, Kind.REOPENED, text)
    return save(row, state=State.OPEN, closed_on=None, closed_at_meeting=None)


@transaction.atomic
def change_due(*, by: Person, action: Action, seen: int, due_on: dt.date, text: str) -> Action:
    """Give an action another due date, and say why. The first one stays."""
    row = _opened(action, by, seen)
    _because(text)
    _check_due(due_on, row.meeting)
    if due_on == row.due_on:
        refuse("This is the due date already. Choose another day.", "due_on")
    _keep(row, by, Kind.DATE, text, before=dates.say_day(row.due_on), after=dates.say_day(due_on))
    return save(row, due_on=due_on)


@transaction.atomic
def pass_on(*, by: Person, action: Action, seen: int, owner: Person, text: str) -> Action:
    """Let somebody else answer for an action, on the secretariat's word, and say why. The new owner is told."""
    row = _opened(action, by, seen)
    _because(text)
    _check_owner(owner)
    if owner == row.owner:
        refuse("This person owns the action already. Choose somebody else.", "owner")
    _keep(row, by, Kind.PASSED_ON, text, before=row.owner.name, after=owner.name)
    row = save(row, owner=owner)
    _tell(row)
    return row


def _because(text: str) -> None:
    if not text.strip():
        refuse("Say why, in a sentence. It is kept with the action.", "text")


def _opened(action: Action, by: Person, seen: int) -> Action:
    access.require(access.may_prepare_meetings(by), MAY_NOT)
    row = Action.objects.select_for_update().select_related("meeting").get(pk=action.pk)
    check_seen(row, seen)
    return row


def _keep(row: Action, by: Person, kind: str, text: str, before: str = "", after: str = "") -> None:
    last = row.updates.aggregate(last=Max("number"))["last"] or 0
    update = ActionUpdate(
        action=row, number=last + 1, kind=kind, text=text.strip(), before=before[:200], after=after[:200], by=by
    )
    update.full_clean()
    update.save()


# Who is told ----------------------------------------------------------------------------------------------------------


def tell_owners(meeting: Meeting) -> int:
    """Tell the owners and helpers of a meeting's actions, present or not; returns how many actions. Called when it ends.

    Effects: notices in the present transaction; their e-mails go out in the background right after it.
    """
    rows = Action.objects.filter(meeting=meeting).exclude(state=State.CLOSED)
    rows = list(rows.select_related("owner", "meeting").prefetch_related("helpers__person"))
    for row in rows:
        _tell(row)
    return len(rows)


def _tell(row: Action) -> None:
    """One e-mail for each action, to its owner and its helpers, once a day at most. It names no item: an item may be
    restricted, the action is theirs all the same."""
    helpers = [each.person for each in row.helpers.select_related("person")]
    lines = [
        f"The Joint Commissioning Board asked for this at its meeting of {dates.say_day(row.meeting.starts_at)}.",
        f"{row.ref} {row.text}",
        f"Answerable: {row.owner.name}. Due on {dates.say_day(row.due_on)}.",
        f"With the help of {', '.join(each.name for each in helpers)}." if helpers else "",
        "Say how it stands under Meetings, Actions. If you have no account, answer this e-mail.",
    ]
    tell(
        [row.owner, *helpers],
        rule="action",
        object_key=f"{row.ref} for {row.owner_id}",
        subject=f"Action {row.ref}, due on {dates.say_day(row.due_on)}",
        text="\n\n".join(filter(None, lines)),
    )
