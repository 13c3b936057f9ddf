"""What a cancelled meeting passes on to another, and what stays with it because it was published."""

from django.db.models import Max

from governance.models import AgendaItem, Meeting, PaperVersion, Round
from jcb import dates
from jcb.history import Record

# What is copied with an item that a published pack holds: the rows behind it, by the name they are reached by. Of the
# interests declared in it, those that withhold it from somebody go along, with a number of the other meeting.
BEHIND_AN_ITEM = ("deliverable_links", "invitations")
BEHIND_A_FRONT_SHEET = ("recommendations", "themes_considered")


def pass_on(cancelled: Meeting, to: Meeting) -> list[str]:
    """Pass everything that waits for a meeting on to another; returns what was passed on, in words.

    Effects: items, their front sheets and papers, forward items, the round and its highlights belong to the other
    meeting. What a pack already holds stays where it was published, and the other meeting gets a copy without a number.
    """
    told = [_items(cancelled, to), _forward_items(cancelled, to)]
    _round(cancelled, to)
    _themes(cancelled, to)
    return [words for words in told if words]


def waits_for(meeting: Meeting) -> bool:
    """Whether anything would be left without a meeting if this one were cancelled."""
    return meeting.forward_items.filter(done=False).exists() or any(
        not _stays_behind(item) for item in meeting.items.prefetch_related("papers").select_related("front_sheet")
    )


def _stays_behind(item: AgendaItem) -> bool:
    """Withdrawn, or a standing item with nothing behind it, of which the next agenda has its own."""
    return item.is_withdrawn or bool(
        item.standing_id and not item.forward_id and not hasattr(item, "front_sheet") and not item.papers.all()
    )


def _items(cancelled: Meeting, to: Meeting) -> str:
    last = to.items.aggregate(last=Max("order"))["last"] or 0
    moved = 0
    for item in cancelled.items.order_by("order", "pk").prefetch_related("papers").select_related("front_sheet"):
        if _stays_behind(item):
            continue
        moved += 1
        if item.number is None and not item.in_packs.exists():
            item.meeting, item.order = to, last + moved
            item.version += 1
            item.save()
        else:
            _copy_item(item, to, last + moved)
    return f"{moved} agenda item{'' if moved == 1 else 's'} with the papers" if moved else ""


def _forward_items(cancelled: Meeting, to: Meeting) -> str:
    moved = 0
    for item in cancelled.forward_items.filter(done=False):
        item.meeting = to
        item.version += 1
        item.save()
        moved += 1
    return f"{moved} planned item{'' if moved == 1 else 's'}" if moved else ""


def _themes(cancelled: Meeting, to: Meeting) -> None:
    for theme in cancelled.panel_themes.all():
        theme.meeting = to
        theme.version += 1
        theme.save()


def _round(cancelled: Meeting, to: Meeting) -> None:
    """The round goes on for the other meeting, unless that has its own; highlights that were not published go along."""
    if cancelled.packs.exists():
        return
    for highlight in cancelled.highlights.exclude(workstream__in=to.highlights.values("workstream")):
        highlight.meeting = to
        highlight.version += 1
        highlight.save()
    asked = Round.objects.filter(meeting=cancelled).first()
    if asked and not Round.objects.filter(meeting=to).exists() and to.authors_due_at > asked.opened_at:
        asked.meeting, asked.closes_at = to, to.authors_due_at
        asked.version += 1
        asked.save()


def _copy(row: Record | PaperVersion, **changed):
    """A new row that says the same, but for what is changed."""
    fields = {
        field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if not field.primary_key
    }
    if isinstance(row, Record):
        fields["version"] = 1
    return type(row).objects.create(**{**fields, **changed})


def _copy_item(item: AgendaItem, to: Meeting, order: int) -> AgendaItem:
    """The item once more, with everything behind it, for another meeting: not numbered, since not published there."""
    copy = _copy(item, meeting_id=to.pk, order=order, number=None, suffix="", in_supplement=None)
    for name in BEHIND_AN_ITEM:
        for row in getattr(item, name).all():
            _copy(row, item_id=copy.pk)
    for row in item.interests.filter(withholds=True).order_by("number"):
        last = to.interests.aggregate(last=Max("number"))["last"] or 0
        _copy(row, item_id=copy.pk, meeting_id=to.pk, number=last + 1)
    if hasattr(item, "front_sheet"):
        sheet = _copy(item.front_sheet, item_id=copy.pk)
        for name in BEHIND_A_FRONT_SHEET:
            for row in getattr(item.front_sheet, name).all():
                _copy(row, front_sheet_id=sheet.pk)
    for paper in item.papers.all():
        paper_copy = _copy(paper, item_id=copy.pk)
        for version in paper.versions.order_by("number"):
            _copy(version, paper_id=paper_copy.pk)
    return copy


def move_round(meeting: Meeting, was_due_at) -> None:
    """Let an open round close at the meeting's new deadline for authors, where it would have closed at the old one."""
    asked = Round.objects.filter(meeting=meeting, closes_at=was_due_at).first()
    if asked and asked.is_open(dates.now()) and meeting.authors_due_at > asked.opened_at:
        asked.closes_at = meeting.authors_due_at
        asked.version += 1
        asked.save()
