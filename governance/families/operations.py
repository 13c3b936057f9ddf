"""What is done to summaries for families: begun from agreed minutes, edited, approved, published, withdrawn."""

from django.db import transaction

from governance.families.draft import draft
from governance.models import AgendaItem, FamilySummary, Meeting, Minutes
from jcb import access, dates
from jcb.history import refuse
from jcb.identifying import refuse_identifying
from jcb.models import Person
from jcb.steps import check_seen, save

MAY_NOT = "You can read this summary; the secretariat writes and publishes it."
MAY_NOT_APPROVE = "A summary for families is approved by a member of the Board."
State = FamilySummary.State


@transaction.atomic
def begin(*, by: Person, meeting: Meeting) -> FamilySummary:
    """Draft the summary of a meeting from its agreed minutes, restricted items left out. Begun already, it is given back."""
    access.require(access.may_prepare_meetings(by), MAY_NOT)
    meeting = Meeting.objects.select_for_update().get(pk=meeting.pk)
    found = FamilySummary.objects.filter(meeting=meeting).first()
    if found is not None:
        return found
    minutes = Minutes.objects.filter(meeting=meeting, state=Minutes.State.AGREED).select_related("meeting").first()
    if minutes is None:
        refuse("The summary for families is drafted once the minutes are agreed.")
    title, text = draft(minutes)
    row = FamilySummary(meeting=meeting, title=title, text=text, invented=meeting.invented)
    row.full_clean()
    row.save()
    return row


@transaction.atomic
def edit(*, by: Person, summary: FamilySummary, seen: int, title: str, text: str) -> FamilySummary:
    """Change the words of a summary. Effects: it is a draft again, and has to be approved."""
    row = _opened(summary, by, seen)
    if row.state == State.PUBLIC:
        refuse("This summary is public. Take it off the public pages before you change it.")
    if not title.strip():
        refuse("Give the summary a title.", "title")
    if not text.strip():
        refuse("Write the summary.", "text")
    _refuse_unfit(row, title, "title")
    _refuse_unfit(row, text, "text")
    return save(row, title=title.strip(), text=text.strip(), state=State.DRAFT, approved_by=None, approved_at=None)


@transaction.atomic
def approve(*, by: Person, summary: FamilySummary, seen: int) -> FamilySummary:
    """Record that a member of the Board approved the words for publication."""
    access.require(access.may_approve_summary(by), MAY_NOT_APPROVE)
    row = _locked(summary, seen)
    if row.state != State.DRAFT:
        refuse("This summary is approved already.")
    _refuse_unfit(row, row.title, "title")
    _refuse_unfit(row, row.text, "text")
    return save(row, state=State.APPROVED, approved_by=by, approved_at=dates.now())


@transaction.atomic
def publish(*, by: Person, summary: FamilySummary, seen: int) -> FamilySummary:
    """Put an approved summary on the public pages."""
    row = _opened(summary, by, seen)
    if row.state == State.PUBLIC:
        refuse("This summary is public already.")
    if row.state != State.APPROVED:
        refuse("A member of the Board approves the summary before it is public.")
    return save(row, state=State.PUBLIC, published_at=dates.now())


@transaction.atomic
def withdraw(*, by: Person, summary: FamilySummary, seen: int) -> FamilySummary:
    """Take a summary off the public pages. It is a draft again."""
    row = _opened(summary, by, seen)
    if row.state != State.PUBLIC:
        refuse("This summary is not public.")
    return save(row, state=State.DRAFT, approved_by=None, approved_at=None, published_at=None)


def _locked(summary: FamilySummary, seen: int) -> FamilySummary:
    row = FamilySummary.objects.select_for_update().get(pk=summary.pk)
    check_seen(row, seen)
    return row


def _opened(summary: FamilySummary, by: Person, seen: int) -> FamilySummary:
    access.require(access.may_prepare_meetings(by), MAY_NOT)
    return _locked(summary, seen)


def _refuse_unfit(row: FamilySummary, text: str, field: str) -> None:
    """Refuse words about a child, and the title of a restricted item: the draft has neither, but people edit it."""
    refuse_identifying(text, field)
    said = " ".join(text.casefold().split())
    for title in AgendaItem.objects.filter(meeting=row.meeting_id, restricted=True).values_list("title", flat=True):
        if " ".join(title.casefold().split()) in said:
            refuse("These words name an item of the meeting that is restricted. Leave it out.", field)
