"""What is done to minutes: written item by item, checked by the chair, circulated, commented on, agreed, corrected."""

import datetime as dt

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.urls import reverse

from governance.meetings.operations import people_concerned
from governance.minutes.contents import contents, paragraphs
from governance.minutes.progress import unminuted
from governance.models import AgendaItem, Meeting, Minute, MinuteComment, MinuteCorrection, Minutes
from jcb import access, dates
from jcb.history import Conflict, refuse, save_seen
from jcb.models import BoardSettings, Person
from jcb.notices import tell
from jcb.steps import check_seen, save

MAY_NOT = "You can read these minutes; the secretariat writes them."
CHAIR_ONLY = "The minutes are checked by whoever chaired the meeting."
MAY_NOT_COMMENT = "You can read these minutes; those who take part in the Board comment on them."
State, Outcome = Minutes.State, MinuteComment.Outcome
FIXED = "These minutes were agreed on {day}, so their words stay. Add a correction, which is printed on top of them."


@transaction.atomic
def write(*, by: Person, item: AgendaItem, text: str, nothing_to_minute: bool, seen: int) -> Minute:
    """Write what was said on an item. `seen` is the version of its minute that was opened, 0 where there was none.

    Effects: the minute, and on the first one of a meeting its minutes. Raises Conflict, with nothing written, where another
    minute-taker changed the same words since; what two people changed apart is merged.
    """
    access.require(access.may_prepare_meetings(by), MAY_NOT)
    meeting = Meeting.objects.select_for_update().get(pk=item.meeting_id)
    if meeting.state == Meeting.State.CANCELLED:
        refuse("This meeting was cancelled, so there is nothing to minute.")
    if meeting.starts_at > dates.now():
        refuse(f"The meeting begins on {dates.say_instant(meeting.starts_at)}. Minutes are written from then on.")
    minutes, _ = Minutes.objects.get_or_create(meeting=meeting, defaults={"invented": meeting.invented})
    _refuse_fixed(minutes)
    if minutes.state == State.CHECKED:
        refuse("The chair has checked these words. Take the minutes back to draft before you change them.")
    if text.strip() and nothing_to_minute:
        refuse("Write what was said, or say that there is nothing to minute: not both.", "nothing_to_minute")
    row = Minute.objects.filter(item=item).first()
    if row is None:
        row = Minute(minutes=minutes, item=item, text=text.strip(), nothing_to_minute=nothing_to_minute, by=by)
        row.full_clean()
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError:  # the other minute-taker came first, on a database that does not lock the meeting's row
            row = Minute.objects.get(item=item)
        else:
            return row
    if seen == 0:
        if (row.text, row.nothing_to_minute) == (text.strip(), nothing_to_minute):
            return row
        raise Conflict(row, ["text"])
    row.text, row.nothing_to_minute, row.by, row.at = text.strip(), nothing_to_minute, by, dates.now()
    opened = row.history.filter(version=seen).order_by("history_id").last()
    before = (opened.text, opened.nothing_to_minute) if opened else (None, None)
    changed = [
        name
        for name, old, new in zip(("text", "nothing_to_minute"), before, (row.text, row.nothing_to_minute), strict=True)
        if old != new
    ]
    if not changed:
        return Minute.objects.get(pk=row.pk)
    return save_seen(row, seen=seen, changed=changed, along=["by", "at"])


@transaction.atomic
def check(*, by: Person, minutes: Minutes, seen: int) -> Minutes:
    """Record that whoever chaired the meeting checked the draft."""
    row = _locked(minutes, seen)
    access.require(access.may_check_minutes(by, row.meeting), CHAIR_ONLY)
    _refuse_unless(row, State.CHECKED, "Only a draft is checked")
    missing = unminuted(row.meeting)
    if missing:
        refuse(f"Nothing is minuted yet of: {'; '.join(item.title for item in missing)}.")
    return save(row, state=State.CHECKED, checked_by=by, checked_at=dates.now())


@transaction.atomic
def back_to_draft(*, by: Person, minutes: Minutes, seen: int) -> Minutes:
    """Take checked minutes back, to change their words. The chair checks them again."""
    row = _opened(minutes, by, seen)
    _refuse_unless(row, State.DRAFT, "Only minutes that are checked and not yet out are taken back")
    return save(row, state=State.DRAFT, checked_by=None, checked_at=None)


@transaction.atomic
def circulate(*, by: Person, minutes: Minutes, seen: int) -> Minutes:
    """Send the checked minutes round for comment. Effects: everyone concerned is told, and by when they may comment."""
    row = _opened(minutes, by, seen)
    _refuse_unless(row, State.CIRCULATED, "Minutes go round once the chair has checked them")
    if not row.meeting.is_over:
        refuse("Close the meeting before its minutes go round.")
    until = dates.today() + dt.timedelta(days=BoardSettings.current().comment_days)
    row = save(row, state=State.CIRCULATED, circulated_at=dates.now(), comments_until=until)
    tell(
        people_concerned(row.meeting, row.meeting.on, dates.today()),
        rule="minutes",
        object_key=row.meeting.key,
        subject=f"Minutes of {dates.say_day(row.meeting.starts_at)} for comment",
        text="\n\n".join(
            [
                f"The unconfirmed minutes of the meeting of {dates.say_day(row.meeting.starts_at)} can be read under Meetings.",
                f"Comment on a paragraph there until {dates.say_day(until)}. The next meeting is asked to agree them.",
                reverse("governance:minutes", args=[row.meeting.key]),
            ]
        ),
    )
    return row


@transaction.atomic
def comment(*, by: Person, minute: Minute, paragraph: int, text: str) -> MinuteComment:
    """Comment on a paragraph of circulated minutes. The paragraph is kept as it stood."""
    access.require(access.may_comment_on_minutes(by), MAY_NOT_COMMENT)
    minutes = Minutes.objects.select_for_update().get(pk=minute.minutes_id)
    if minutes.state != State.CIRCULATED:
        _refuse_fixed(minutes)
        refuse("These minutes are not out for comment.")
    if minutes.comments_until < dates.today() and not access.may_prepare_meetings(by):
        refuse(
            f"Comments were asked for until {dates.say_day(minutes.comments_until)}. Raise it at the meeting that agrees them."
        )
    minute = Minute.objects.get(pk=minute.pk)
    words = paragraphs(minute.text)
    if not 1 <= paragraph <= len(words):
        refuse("Choose a paragraph of this item.", "paragraph")
    if not text.strip():
        refuse("Say what is wrong with the paragraph, or how it should read.", "text")
    last = minute.comments.aggregate(last=Max("number"))["last"] or 0
    row = MinuteComment(
        minute=minute, number=last + 1, paragraph=paragraph, words=words[paragraph - 1], text=text.strip(), by=by
    )
    row.full_clean()
    row.save()
    return row


@transaction.atomic
def answer_comment(
    *, by: Person, comment: MinuteComment, seen: int, outcome: str, answer: str = "", wording: str = ""
) -> MinuteComment:
    """Say what was made of a comment. Taken in, the paragraph gets the new `wording`, where any is given.

    Effects: the comment; where it is taken in with a wording, the paragraph. Refused where the paragraph changed since.
    """
    access.require(access.may_prepare_meetings(by), MAY_NOT)
    row = MinuteComment.objects.select_for_update().get(pk=comment.pk)
    check_seen(row, seen)
    minutes = Minutes.objects.select_for_update().get(pk=row.minute.minutes_id)
    _refuse_fixed(minutes)
    if outcome not in (Outcome.TAKEN, Outcome.KEPT, Outcome.DISPUTED):
        refuse("Say what was made of the comment.", "outcome")
    if outcome != Outcome.TAKEN and not answer.strip():
        refuse("Say why the words stay as they are.", "answer")
    if outcome == Outcome.TAKEN and wording.strip():
        _reword(row, wording.strip(), by)
    return save(row, outcome=outcome, answer=answer.strip(), answered_by=by)


def _reword(row: MinuteComment, wording: str, by: Person) -> None:
    minute = Minute.objects.select_for_update().get(pk=row.minute_id)
    now = paragraphs(minute.text)
    if row.words not in now:
        refuse(
            "The paragraph was changed since the comment. Change its words under “Room”, then say so here.", "wording"
        )
    now[now.index(row.words)] = wording
    save(minute, text="\n\n".join(now), by=by, at=dates.now())


@transaction.atomic
def agree(
    *, by: Person, minutes: Minutes, seen: int, how: str, meeting: Meeting | None = None, on: dt.date | None = None
) -> Minutes:
    """Record that minutes were agreed, at a later meeting or by correspondence. Effects: their words are fixed, and the
    meeting is one whose minutes are agreed."""
    row = _opened(minutes, by, seen)
    _refuse_fixed(row)
    _refuse_unless(row, State.AGREED, "Minutes are agreed after they went round")
    waiting = MinuteComment.objects.filter(minute__minutes=row, outcome__in=[Outcome.OPEN, Outcome.DISPUTED])
    if row.state == State.CIRCULATED and (count := waiting.count()):
        refuse(
            f"{count} comment{' is' if count == 1 else 's are'} not settled. Take each in or say why the words stay; "
            "where the Board could not agree, record both positions instead."
        )
    meeting, day = _when(row, how, meeting, on)
    row.agreed_on, row.agreed_how, row.agreed_at_meeting = day, how, meeting
    row = save(row, state=State.AGREED, data=contents(row.meeting))
    if row.meeting.can_become(Meeting.State.AGREED):
        save(Meeting.objects.select_for_update().get(pk=row.meeting_id), state=Meeting.State.AGREED)
    return row


@transaction.atomic
def not_agreed(
    *,
    by: Person,
    minutes: Minutes,
    seen: int,
    positions: str,
    how: str,
    meeting: Meeting | None = None,
    on: dt.date | None = None,
) -> Minutes:
    """Record that the Board could not agree its minutes, and both positions. They may still be agreed later."""
    row = _opened(minutes, by, seen)
    _refuse_fixed(row)
    _refuse_unless(row, State.NOT_AGREED, "Minutes are not agreed after they went round")
    if not positions.strip():
        refuse("Record both positions.", "positions")
    meeting, day = _when(row, how, meeting, on)
    return save(
        row,
        state=State.NOT_AGREED,
        positions=positions.strip(),
        agreed_on=day,
        agreed_how=how,
        agreed_at_meeting=meeting,
    )


def _when(row: Minutes, how: str, meeting: Meeting | None, on: dt.date | None) -> tuple[Meeting | None, dt.date]:
    if how == Minutes.How.MEETING:
        if meeting is None:
            refuse("Say which meeting agreed the minutes.", "meeting")
        if meeting.state == Meeting.State.CANCELLED or meeting.starts_at > dates.now():
            refuse("Choose a meeting that was held, or is being held now.", "meeting")
        if meeting.starts_at <= row.meeting.starts_at:
            refuse("Minutes are agreed at a later meeting than their own.", "meeting")
        return meeting, meeting.on
    if how != Minutes.How.CORRESPONDENCE:
        refuse("Say how they were agreed: at a meeting or by correspondence.", "how")
    if on is None:
        refuse("Give the day on which the last party answered.", "on")
    if not dates.london_day(row.circulated_at) <= on <= dates.today():
        refuse("Choose a day between their circulation and today.", "on")
    return None, on


@transaction.atomic
def correct(*, by: Person, minutes: Minutes, text: str, item: AgendaItem | None = None) -> MinuteCorrection:
    """Put a dated note on top of agreed minutes: what they should have said. Their own words stay."""
    access.require(access.may_prepare_meetings(by), MAY_NOT)
    row = Minutes.objects.select_for_update().get(pk=minutes.pk)
    if row.state != State.AGREED:
        refuse("These minutes are not agreed yet: change their words instead.")
    if item is not None and item.meeting_id != row.meeting_id:
        refuse("This item belongs to another meeting.", "item")
    if not text.strip():
        refuse("Say what the minutes should have said.", "text")
    last = row.corrections.aggregate(last=Max("number"))["last"] or 0
    note = MinuteCorrection(minutes=row, number=last + 1, item=item, text=text.strip(), by=by)
    note.full_clean()
    note.save()
    return note


def _locked(minutes: Minutes, seen: int) -> Minutes:
    row = Minutes.objects.select_for_update().select_related("meeting").get(pk=minutes.pk)
    check_seen(row, seen)
    return row


def _opened(minutes: Minutes, by: Person, seen: int) -> Minutes:
    access.require(access.may_prepare_meetings(by), MAY_NOT)
    return _locked(minutes, seen)


def _refuse_fixed(row: Minutes) -> None:
    if row.state == State.AGREED:
        refuse(FIXED.format(day=dates.say_day(row.agreed_on)))


def _refuse_unless(row: Minutes, state: str, rule: str) -> None:
    if not row.can_become(state):
        refuse(f"{rule}. These are: {row.get_state_display().lower()}.")
