"""What is done to figures: entered, corrected, removed, or brought in as a table, wholly or not at all."""

import hashlib

from django.db import transaction

from jcb import access
from jcb.history import refuse
from jcb.models import Area, Person
from jcb.steps import check_seen, save
from needs.entering.reading import Figure
from needs.entering.table import SAME, Checked, Line, check
from needs.models import Definition, Indicator, Observation, Source

MAY_NOT = "You can read the figures; commissioners and the secretariat enter them."
CHANGED_SINCE = "Figures were changed since this was checked. Nothing went in. Look at the new check, then bring it in."


@transaction.atomic
def enter(
    *,
    by: Person,
    definition: Definition,
    area: Area,
    breakdown: str,
    period: tuple,
    projected: bool,
    figure: Figure,
    source: Source,
    note: str,
) -> Observation:
    """Enter one figure. `source` may be a new one, which is kept too."""
    access.require(access.may_enter_figures(by), MAY_NOT)
    _lock({definition.indicator_id})
    start, end = period
    same = Observation.objects.filter(
        definition=definition,
        area=area,
        period_start=start,
        period_end=end,
        breakdown__iexact=breakdown,
        is_projection=projected,
    ).first()
    if same is not None:
        refuse("This area, group and period have a figure already. Correct that one.", "period")
    return _write(Observation(), definition, area, breakdown, start, end, projected, figure, _kept(source), note)


@transaction.atomic
def correct(
    *, by: Person, observation: Observation, seen: int, figure: Figure | None, source: Source, note: str
) -> Observation:
    """Correct a figure; without one, only its source and note. What it is about stays: another area or period is another figure."""
    access.require(access.may_enter_figures(by), MAY_NOT)
    row = Observation.objects.select_for_update().get(pk=observation.pk)
    check_seen(row, seen)
    values = {"source": _kept(source), "note": note}
    if figure is not None:
        values |= {name: getattr(figure, name) for name in Figure.__slots__}
    return save(row, **values)


@transaction.atomic
def remove(*, by: Person, observation: Observation, seen: int) -> None:
    """Remove a figure that should never have been entered. Its history stays."""
    access.require(access.may_enter_figures(by), MAY_NOT)
    row = Observation.objects.select_for_update().get(pk=observation.pk)
    check_seen(row, seen)
    if row.claims.exists() or row.claims_against.exists():
        refuse("A paper said something about this figure, so it stays. Correct it instead.")
    row.delete()


@transaction.atomic
def enter_table(
    *, by: Person, text: str, indicator: Indicator | None = None, source: Source | None = None, digest: str
) -> Checked:
    """Bring in a table that was checked and shown: all of it or, where anything is wrong or has changed since, nothing.

    `digest` is that of the check that was shown. Gives back the check, which says whether it went in.
    """
    access.require(access.may_enter_figures(by), MAY_NOT)
    _lock({line.definition.indicator_id for line in check(text, indicator=indicator, source=source).lines})
    found = check(text, indicator=indicator, source=source)
    if found.problems or found.digest != digest:
        return found
    for fresh in found.new_sources:
        _kept(fresh)
    for line in found.lines:
        if line.state != SAME:
            _write_line(line)
    found.went_in = True
    return found


def _write_line(line: Line) -> None:
    row = line.present or Observation()
    note = line.note or row.note
    _write(
        row,
        line.definition,
        line.area,
        line.breakdown,
        line.start,
        line.end,
        line.projected,
        line.figure,
        line.source,
        note,
    )


def _write(
    row: Observation, definition, area, breakdown, start, end, projected, figure: Figure, source, note
) -> Observation:
    """Save a figure that was checked, without asking the database again for each of its links."""
    if row.pk is None:
        what = f"{definition.pk} {area.pk} {start} {end} {breakdown} {projected}"
        row.key = f"{definition.indicator.key[:60]}-{hashlib.sha256(what.encode()).hexdigest()[:16]}"
    else:
        row.version += 1
    row.definition, row.area, row.breakdown, row.is_projection = definition, area, breakdown, projected
    row.period_start, row.period_end, row.source, row.note = start, end, source, note
    for name in Figure.__slots__:
        setattr(row, name, getattr(figure, name))
    row.save()
    return row


def _kept(source: Source) -> Source:
    """The source, kept if it is new. Its key is for files and addresses."""
    if source.pk is None:
        source.key = f"source-{hashlib.sha256(source.title.casefold().encode()).hexdigest()[:16]}"
        source.full_clean()
        source.save()
    return source


def _lock(indicators: set[int]) -> None:
    """Let one person at a time enter figures of an indicator, so that what was checked is what is written."""
    list(Indicator.objects.select_for_update().filter(pk__in=indicators).order_by("pk").values("pk"))
