"""Front sheets: what an item says before its paper. Saved here, and made into the frozen data that is read and printed.

Recommendations and themes are rows of their own, and are saved with their sheet as one: its version counts for all.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from governance.models import AgendaItem, FrontSheet, Recommendation, ThemeConsidered
from jcb import access, dates
from jcb.history import Conflict, refuse, save_seen
from jcb.models import Person
from workstreams.models import Theme

MAY_NOT = "The front sheet is written by its author, the item's presenter and the secretariat."
MAY_NOT_CLEAR = "Only the secretariat records who wrote a front sheet and who cleared it."
OVER = "This meeting is {state}, so its front sheets stay as they are."
BEGUN = "Somebody else began this front sheet since you opened the page. What you typed is below: save it again."
TEXTS = ("summary", "been_before", "money", "legal", "equality", "risk", "co_production", "next_steps", "director")
CLEARING = ("cleared_by", "cleared_at")
KEPT_BY_SECRETARIAT = ("author", *CLEARING)
RECOMMENDATIONS, THEMES = "recommendations", "themes_considered"  # as if they were fields of the sheet
# In the order in which they are read, each with its heading. The summary stands before them.
HEADINGS = (
    ("been_before", "Where it has been before"),
    ("money", "Money"),
    ("legal", "Legal"),
    ("equality", "Equality and impact on children"),
    ("risk", "Risk"),
    ("co_production", "Co-production"),
    ("next_steps", "Next steps"),
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A front sheet as it is read. `parts` are headings with their text, `unsaid` the headings without."""

    recommendations: tuple[str, ...]
    summary: str
    parts: tuple[tuple[str, str], ...]
    themes: tuple[tuple[str, str], ...]
    unsaid: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    cleared: bool
    invented: bool


def build(sheet: FrontSheet) -> Sheet:
    """A front sheet as frozen data. Reads the database only."""
    said = [(heading, getattr(sheet, name).strip()) for name, heading in HEADINGS]
    themes = tuple(
        (each.theme.short_name, each.note) for each in sheet.themes_considered.select_related("theme").order_by("theme")
    )
    unsaid = [heading for heading, text in said if not text]
    if not themes:
        unsaid.append("Themes considered")
    facts = [
        ("Author", str(sheet.author) if sheet.author else ""),
        ("Responsible director", sheet.director),
        ("Cleared", f"{sheet.cleared_by}, {dates.say_instant(sheet.cleared_at)}" if sheet.cleared_by else "Not yet"),
    ]
    return Sheet(
        recommendations=tuple(row.text for row in sheet.recommendations.order_by("number")),
        summary=sheet.summary,
        parts=tuple((heading, text) for heading, text in said if text),
        themes=themes,
        unsaid=tuple(unsaid),
        facts=tuple((name, value) for name, value in facts if value),
        cleared=sheet.cleared_by_id is not None,
        invented=sheet.invented,
    )


def of(item: AgendaItem) -> FrontSheet | None:
    """The front sheet of an item, where it has one."""
    return FrontSheet.objects.filter(item=item).select_related("author", "cleared_by").first()


def recommendations_of(sheet: FrontSheet) -> list[str]:
    return list(sheet.recommendations.order_by("number").values_list("text", flat=True)) if sheet.pk else []


def themes_of(sheet: FrontSheet) -> dict[int, str]:
    """What was considered, by the theme's primary key."""
    return dict(sheet.themes_considered.order_by("theme").values_list("theme", "note")) if sheet.pk else {}


def mark_of(value: Sequence[str] | Mapping[int, str]) -> str:
    """A short text that changes with a list of recommendations or themes: which one a person had before them."""
    if isinstance(value, Mapping):
        value = sorted(value.items())
    return hashlib.sha256(json.dumps(list(value)).encode()).hexdigest()[:16]


@transaction.atomic
def save_front_sheet(
    *,
    sheet: FrontSheet,
    by: Person,
    seen: int,
    changed: Sequence[str],
    recommendations: Sequence[str] | None = None,
    recommendations_seen: str = "",
    themes: Mapping[int, str] | None = None,
    themes_seen: str = "",
) -> FrontSheet:
    """Save a front sheet: the fields that were changed, and the whole lists of recommendations and themes where given.

    `seen` is the version that was opened (0 for a new sheet), `…_seen` the `mark_of` the lists as they were opened.
    Effects: the row, its recommendations numbered from 1, its themes, and history of each. What was cleared and is then
    changed by somebody outside the secretariat is no longer cleared. Raises PermissionDenied, Conflict (also over
    "recommendations" and "themes_considered"), or ValidationError with a sentence; nothing is written then.
    """
    item = AgendaItem.objects.select_related("meeting").get(pk=sheet.item_id)
    access.require(access.may_write_front_sheet(by, item), MAY_NOT)
    if item.meeting.is_over:
        refuse(OVER.format(state=item.meeting.get_state_display().lower()))
    changed = list(changed)
    if not access.is_secretariat(by):
        access.require(not set(changed) & set(KEPT_BY_SECRETARIAT) or not sheet.pk, MAY_NOT_CLEAR)
        if sheet.cleared_by_id:
            sheet.cleared_by = sheet.cleared_at = None
            changed += [name for name in CLEARING if name not in changed]
    current = _save(sheet, seen, changed)
    if recommendations is not None:
        _save_recommendations(current, [text.strip() for text in recommendations if text.strip()], recommendations_seen)
    if themes is not None:
        _save_themes(current, {key: note.strip() for key, note in themes.items() if note.strip()}, themes_seen)
    return current


def _save(sheet: FrontSheet, seen: int, changed: list[str]) -> FrontSheet:
    if sheet.pk:
        return save_seen(sheet, seen=seen, changed=changed)
    if FrontSheet.objects.filter(item=sheet.item_id).exists():
        refuse(BEGUN)
    sheet.full_clean()
    try:
        with transaction.atomic():
            sheet.save(force_insert=True)
    except IntegrityError:
        refuse(BEGUN)
    return sheet


def _save_recommendations(sheet: FrontSheet, texts: list[str], seen: str) -> None:
    rows = list(sheet.recommendations.order_by("number"))
    theirs = [row.text for row in rows]
    if texts == theirs:
        return
    if seen and mark_of(theirs) != seen:
        raise Conflict(sheet, [RECOMMENDATIONS])
    for number, text in enumerate(texts, start=1):
        row = rows[number - 1] if number <= len(rows) else Recommendation(front_sheet=sheet, number=number, version=0)
        if row.text != text or not row.pk:
            row.text = text
            row.version += 1
            row.full_clean()
            row.save()
    for row in rows[len(texts) :]:
        row.delete()


def _save_themes(sheet: FrontSheet, notes: dict[int, str], seen: str) -> None:
    theirs = themes_of(sheet)
    if notes == theirs:
        return
    if seen and mark_of(theirs) != seen:
        raise Conflict(sheet, [THEMES])
    rows = {row.theme_id: row for row in sheet.themes_considered.all()}
    for theme in Theme.objects.filter(pk__in=notes):
        row = rows.pop(theme.pk, None) or ThemeConsidered(front_sheet=sheet, theme=theme, version=0)
        if row.note != notes[theme.pk] or not row.pk:
            row.note = notes[theme.pk]
            row.version += 1
            row.full_clean()
            row.save()
    for row in rows.values():
        row.delete()
