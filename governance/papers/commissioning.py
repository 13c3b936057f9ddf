"""Papers are asked for: a row for each, with its author, who can be reminded."""

from django.db import transaction
from django.db.models import Max

from governance.models import AgendaItem, Paper
from governance.papers.operations import MAY_NOT_PREPARE
from jcb import access, dates
from jcb.history import refuse
from jcb.models import Notice, Person
from jcb.notices import tell

REMINDER = "paper wanted"
STATES = (Paper.State.COMMISSIONED, Paper.State.TO_FOLLOW, Paper.State.VERBAL, Paper.State.TABLED)
INVITE_FIRST = "{author} cannot see this item. Invite them to it first."
OVER = "This meeting is {state}, so no paper can be asked for."


@transaction.atomic
def commission(
    *, item: AgendaItem, by: Person, title: str, author: Person | None, state: str = Paper.State.COMMISSIONED
) -> Paper:
    """Ask for a paper, or say that the item is reported by word of mouth, and return it.

    Effects: a row after the item's other papers. Raises PermissionDenied, or ValidationError with a sentence.
    """
    access.require(access.may_prepare_meetings(by), MAY_NOT_PREPARE)
    item = AgendaItem.objects.select_for_update(of=("self",)).select_related("meeting").get(pk=item.pk)
    if item.meeting.is_over:
        refuse(OVER.format(state=item.meeting.get_state_display().lower()))
    if author is not None and not access.may_be_invited(author):
        refuse("This person cannot be asked for a paper. Choose somebody else.", "author")
    if author is not None:
        _insist_on_sight(author, item, "author")
    last = item.papers.aggregate(last=Max("order"))["last"] or 0
    paper = Paper(item=item, order=last + 1, title=title.strip(), author=author, state=state)
    paper.full_clean()
    paper.save()
    return paper


@transaction.atomic
def remind(*, paper: Paper, by: Person) -> bool:
    """Remind the author of a paper that has not come. Effects: one notice a day, and its e-mail; False where it was sent
    today already. Raises PermissionDenied, or ValidationError where nobody can be reminded."""
    access.require(access.may_prepare_meetings(by), MAY_NOT_PREPARE)
    if paper.author is None or not paper.author.is_active:
        refuse("Nobody who can be reminded is named as the author. Name one first.")
    _insist_on_sight(paper.author, paper.item)
    meeting = paper.item.meeting
    due = dates.say_instant(meeting.authors_due_at)
    when = f"It is due by {due}." if meeting.authors_due_at > dates.now() else f"It was due by {due}."
    return bool(
        tell(
            [paper.author],
            rule=REMINDER,
            object_key=_key(paper),
            subject=f"Paper wanted: {paper.title}",
            text=f"The Board's secretariat is waiting for your paper “{paper.title}” for the meeting of "
            f"{dates.say_instant(meeting.starts_at)}.\n\n{when}",
        )
    )


def reminded_on(paper: Paper) -> str:
    """The last day on which the author was reminded, in words; empty where they were not."""
    last = Notice.objects.filter(rule=REMINDER, object_key=_key(paper)).order_by("-on").first()
    return dates.say_weekday(last.on) if last else ""


def _insist_on_sight(author: Person, item: AgendaItem, field: str | None = None) -> None:
    """Nobody is written to about an item that they may not see: its title alone would say too much."""
    if not AgendaItem.objects.visible_to(author).filter(pk=item.pk).exists():
        refuse(INVITE_FIRST.format(author=author), field)


def _key(paper: Paper) -> str:
    return f"paper-{paper.pk}"
