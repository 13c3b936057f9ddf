"""What is done to statements of families: recorded, changed, replied to, published, withdrawn; and activities to hear them."""

import datetime as dt
import hashlib
from collections.abc import Collection

from django.db import transaction
from django.db.models import Max

from jcb import access, dates
from jcb.history import refuse
from jcb.identifying import refuse_identifying
from jcb.models import Area, BoardSettings, Person
from jcb.steps import check_seen, save
from needs.models import (
    Engagement,
    EngagementPrinciple,
    Moderation,
    PrincipleFollowed,
    Response,
    Statement,
    StatementArea,
)
from needs.replies.pages import boroughs

MAY_NOT_RECORD = "You can read what families said; commissioners, the forum and the secretariat record it."
MAY_NOT_REPLY = "You can read the replies; the Board’s members, commissioners and the secretariat write them."
MAY_NOT_MODERATE = "You can read what is public; the secretariat publishes it."
NO_AREA = "Choose the borough that it was said in, or both."
READ_ANEW = "A reply was written since you opened this. Nothing was published. Read it, then publish."
Kind = Response.Kind


@transaction.atomic
def record(*, by: Person, setting: str, text: str, heard_through: str, areas: Collection[Area]) -> Statement:
    """Record what families said, in plain words, with where it was said. It is not public yet."""
    access.require(access.may_record_statements(by), MAY_NOT_RECORD)
    _refuse_unfit(areas, text=text, heard_through=heard_through)
    last = Statement.objects.select_for_update().order_by("number").last()
    row = Statement(
        number=last.number + 1 if last else 1, setting=setting, text=text.strip(), heard_through=heard_through.strip()
    )
    row.full_clean()
    row.save()
    _settle_areas(row, areas)
    return row


@transaction.atomic
def change(
    *, by: Person, statement: Statement, seen: int, setting: str, text: str, heard_through: str, areas: Collection[Area]
) -> Statement:
    """Change the words of a statement. What is public stays as it was read until it is published again."""
    access.require(access.may_record_statements(by), MAY_NOT_RECORD)
    _refuse_unfit(areas, text=text, heard_through=heard_through)
    row = _locked(statement, seen)
    _settle_areas(row, areas)
    return save(row, setting=setting, text=text.strip(), heard_through=heard_through.strip())


@transaction.atomic
def reply(
    *,
    by: Person,
    statement: Statement,
    seen: int,
    kind: str,
    text: str,
    because: str,
    on: dt.date | None,
    lead: Person | None,
) -> Response:
    """Reply to a statement. The replies before it stay in the record; `seen` is the number of the last one, or 0."""
    access.require(access.may_reply_to_families(by), MAY_NOT_REPLY)
    refuse_identifying(text, "text")
    refuse_identifying(because, "because")
    if kind == Kind.WE_COULD_NOT and not because.strip():
        refuse("Say why it could not be done: families are owed the reason.", "because")
    if kind == Kind.WE_DID and on and on > dates.last_of_month(dates.today()):
        refuse(f"{dates.say_day(on)} has not come. Say when it was done, or choose “We will”.", "on")
    if kind == Kind.WE_WILL and on and on < dates.today():
        refuse(f"{dates.say_day(on)} is past. Say by when it will be done, or choose “We did”.", "on")
    Statement.objects.select_for_update().get(pk=statement.pk)
    number = _last(statement.responses)
    if number != seen:
        refuse("Somebody replied since you opened this. Read that reply, then say what is missing.")
    row = Response(
        statement=statement,
        number=number + 1,
        kind=kind,
        text=text.strip(),
        because=because.strip(),
        on=on,
        lead=lead,
        by=by,
    )
    row.full_clean()
    row.save()
    return row


@transaction.atomic
def publish(*, by: Person, statement: Statement, seen: int, reply: int) -> Moderation:
    """Put a statement on the public page as it reads now, with its latest reply: the one numbered `reply`, 0 for none."""
    access.require(access.may_moderate(by), MAY_NOT_MODERATE)
    row = _locked(statement, seen)
    latest = row.responses.order_by("-number").first()
    if (latest.number if latest else 0) != reply:
        refuse(READ_ANEW)
    for words in (row.text, *((latest.text, latest.because) if latest else ())):
        refuse_identifying(words, None)
    return _moderate(row, by, public=True, reply=latest)


@transaction.atomic
def withdraw(*, by: Person, statement: Statement, seen: int) -> Moderation:
    """Take a statement off the public page."""
    access.require(access.may_moderate(by), MAY_NOT_MODERATE)
    row = _locked(statement, seen)
    if not row.moderations.in_force().exists():
        refuse("This is not public.")
    return _moderate(row, by, public=False, reply=None)


def _moderate(row: Statement, by: Person, *, public: bool, reply: Response | None) -> Moderation:
    found = Moderation(
        statement=row,
        number=_last(row.moderations) + 1,
        public=public,
        text=row.text,
        setting=row.setting,
        where=boroughs(row),
        reply=reply,
        by=by,
    )
    found.full_clean()
    found.save()
    return found


def _last(rows) -> int:
    return rows.aggregate(last=Max("number"))["last"] or 0


def _locked(statement: Statement, seen: int) -> Statement:
    row = Statement.objects.select_for_update().get(pk=statement.pk)
    check_seen(row, seen)
    return row


def _refuse_unfit(areas: Collection[Area], **words: str) -> None:
    if not areas:
        refuse(NO_AREA, "areas")
    for name, text in words.items():
        refuse_identifying(text, name)


def _settle_areas(row: Statement, areas: Collection[Area]) -> None:
    wanted = {area.pk for area in areas}
    for place in row.areas.all():
        if place.area_id in wanted:
            wanted.discard(place.area_id)
        else:
            place.delete()
    for area in areas:
        if area.pk in wanted:
            StatementArea(statement=row, area=area).save()


# How families were heard ----------------------------------------------------------------------------------------------


@transaction.atomic
def hold_activity(*, by: Person, followed: dict[EngagementPrinciple, str], **values) -> Engagement:
    """Record an activity to hear families, with how it followed each principle."""
    access.require(access.may_record_statements(by), MAY_NOT_RECORD)
    _refuse_unfit_activity(values, followed)
    name = hashlib.sha256(f"{values['title']} {values['on']}".encode()).hexdigest()[:16]
    if Engagement.objects.filter(key=name).exists():
        refuse("An activity of this name and date is recorded already. Change that one.", "title")
    row = Engagement(key=name, **values)
    row.full_clean()
    row.save()
    _settle_principles(row, followed)
    return row


@transaction.atomic
def change_activity(
    *, by: Person, activity: Engagement, seen: int, followed: dict[EngagementPrinciple, str], **values
) -> Engagement:
    """Change what is recorded of an activity."""
    access.require(access.may_record_statements(by), MAY_NOT_RECORD)
    _refuse_unfit_activity(values, followed)
    row = Engagement.objects.select_for_update().get(pk=activity.pk)
    check_seen(row, seen)
    if values["heard"] is None and is_few(row.heard):
        values["heard"] = row.heard  # it was not shown, so an empty box does not take it away
    _settle_principles(row, followed)
    return save(row, **values)


def is_few(heard: int | None) -> bool:
    """Whether so few were heard that their number is not shown."""
    return heard is not None and 0 < heard < BoardSettings.current().smallest_figure


def _refuse_unfit_activity(values: dict, followed: dict[EngagementPrinciple, str]) -> None:
    for name in ("title", "text"):
        refuse_identifying(values[name], name)
    for principle, how in followed.items():
        refuse_identifying(how, f"principle_{principle.number}")


def _settle_principles(row: Engagement, followed: dict[EngagementPrinciple, str]) -> None:
    present = {each.principle_id: each for each in row.followed.all()}
    for principle, how in followed.items():
        found = present.get(principle.pk)
        if found is None and how.strip():
            PrincipleFollowed(engagement=row, principle=principle, how=how.strip()).save()
        elif found is not None and not how.strip():
            found.delete()
        elif found is not None and found.how != how.strip():
            save(found, how=how.strip())
