"""What the programme's pages show, worked out before a template sees it. Dates, links and words are formatted here, once."""

import datetime as dt
import difflib
import functools
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse

from jcb import access, dates
from jcb.asked import AskedDay
from jcb.models import BoardSettings
from needs.series import latest_series
from workstreams import pictures
from workstreams.models import (
    WORST_FIRST,
    Achievement,
    Consideration,
    Deliverable,
    Lineage,
    Measure,
    Plan,
    ProgressUpdate,
    Status,
    Workstream,
)
from workstreams.operations import MAY_NOT_LOG
from workstreams.standing import SLUG, Standing, Tally, since_last_meeting, stand, standings

SHORT = 160
NUMBERS = dict(enumerate("no one two three four five six seven eight nine ten eleven twelve".split()))


def address(deliverable: Deliverable) -> str:
    """A deliverable's own page."""
    stream = deliverable.workstream
    return f"{_plan_address(stream.plan.slug)}{stream.number}/{deliverable.number}/"


@functools.lru_cache(maxsize=100)
def _plan_address(slug: str) -> str:
    """Looked up once for each plan: a list asks for it in every row."""
    return reverse("workstreams:plan", args=[slug])


@dataclass(frozen=True, slots=True)
class Line:
    """A deliverable as a line of a list: every cell is text."""

    url: str
    reference: str
    title: str
    short_title: str
    plan: str
    mark: str
    word: str
    note: str
    owner: str
    due: str
    overdue: str
    forecast: str
    forecast_late: bool
    updated: str
    words: str
    invented: bool
    is_off: bool
    awaits: bool


def line(row: Standing, query: str = "") -> Line:
    """Format one standing for a list."""
    deliverable, latest = row.deliverable, row.latest
    note = ""
    if row.unexplained:
        note = "No explanation since the last meeting"
    elif row.date_has_passed:
        note = f"Its date has passed; last recorded as {row.said.label.lower()}"
    words = latest.narrative if latest else ""
    return Line(
        url=address(deliverable) + query,
        reference=deliverable.reference,
        title=deliverable.title,
        short_title=deliverable.short_title,
        plan=deliverable.workstream.plan.area.name,
        mark=row.mark,
        word=row.word,
        note=note,
        owner=deliverable.lead.name if deliverable.lead else "No owner yet",
        due=dates.say_day(deliverable.agreed_on),
        overdue=f"{row.overdue_days:,} days overdue" if row.overdue_days else "",
        forecast=dates.say_month(row.forecast_on) if row.forecast_on else "No forecast",
        forecast_late=row.forecast_is_late,
        updated=dates.say_day(latest.at) if latest else "No update yet",
        words=words if len(words) <= SHORT else words[:SHORT].rsplit(" ", 1)[0] + " …",
        invented=bool(latest and latest.invented),
        is_off=row.status is Status.OFF_TRACK,
        awaits=bool(latest and latest.awaits_confirmation),
    )


def csv_row(row: Standing, day: dt.date) -> list:
    """One line of the CSV download: dates as ISO, words whole."""
    deliverable, latest = row.deliverable, row.latest
    return [
        str(deliverable.workstream.plan),
        deliverable.reference,
        deliverable.title,
        deliverable.workstream.name,
        row.word,
        row.said.label,
        deliverable.lead.name if deliverable.lead else "",
        deliverable.partner.name if deliverable.partner else "",
        deliverable.agreed_on.isoformat(),
        row.forecast_on.isoformat() if row.forecast_on else "",
        row.overdue_days,
        dates.london_day(latest.at).isoformat() if latest else "",
        latest.narrative if latest else "",
        "yes" if latest and latest.invented else "no",
        day.isoformat(),
    ]


def list_page(request, asked: AskedDay, chosen, found: list[Standing]) -> dict:
    """The deliverables list: lines, chips to take a filter off, and the orders to choose from."""
    given = {k: v for k, v in request.GET.items() if v}
    base = reverse("workstreams:deliverables")

    def without(name):
        rest = {k: v for k, v in given.items() if k != name}
        return f"{base}?{urlencode(rest)}" if rest else base

    order, reverse_order = chosen.order
    heads = []
    for name, words in (
        ("reference", "Deliverable"),
        ("status", "Status"),
        ("owner", "Owner"),
        ("due", "Due"),
        ("", "Forecast"),
        ("updated", "Last update"),
    ):
        mine = name == order
        wanted = f"-{name}" if mine and not reverse_order else name
        heads.append(
            {
                "words": words,
                "url": f"{base}?{urlencode({**given, 'sort': wanted})}" if name else "",
                "sort": ("descending" if reverse_order else "ascending") if mine else "",
                "arrow": (" ▼" if reverse_order else " ▲") if mine else "",
            }
        )
    total = sum(stream.size for stream in chosen.streams)
    chips = [{"label": label, "words": words, "url": without(name)} for name, label, words in chosen.in_use()]
    if asked.is_past:
        chips.append({"label": "As it was on", "words": dates.say_day(asked.day), "url": without("as_at")})
    tally = Tally.of(found)
    return {
        "asked": asked,
        "path": without("as_at"),
        "form": chosen.form,
        "lines": [line(row, asked.query) for row in found],
        "heads": heads,
        "chips": chips,
        "count": len(found),
        "total": total,
        "tally": tally,
        "query": urlencode(given),
        "several_plans": len(chosen.plans) > 1,
        "caption": f"Deliverables, ordered by {order}",
    }


def strip_rows(rows: list[Standing]) -> list[dict]:
    """Workstreams in plan order, each with its strip and the same facts in words."""
    streams: dict[Workstream, list[Standing]] = {}
    for row in rows:
        streams.setdefault(row.deliverable.workstream, []).append(row)
    return [
        {"workstream": stream, "marks": [row.mark for row in group], "tally": Tally.of(group)}
        for stream, group in streams.items()
    ]


def programme(plan: Plan, asked: AskedDay, since: dt.datetime | None = None) -> tuple[list[Standing], Tally]:
    """How every deliverable of a plan stands, in plan order, and how many are where."""
    rows = Deliverable.objects.filter(workstream__plan=plan).order_by("workstream__number", "number")
    found = standings(rows, day=asked.day, since=since or since_last_meeting(asked.day))
    return found, Tally.of(found)


def plan_page(plan: Plan, asked: AskedDay, person) -> dict:
    """A plan's page."""
    found, tally = programme(plan, asked)
    progress = _progress(plan, asked) if found else []
    gap = plan.gap_months
    story = _story(plan)
    return {
        "plan": plan,
        "asked": asked,
        "tally": tally,
        "streams": strip_rows(found),
        "marks": [row.mark for row in sorted_by_attention(found)],
        "workstreams": list(plan.workstreams.all()) if not found else [],
        "past": plan.is_past_period(asked.day),
        "gap": {
            "months": len(gap),
            "words": NUMBERS.get(len(gap), str(len(gap))),
            "first": dates.say_month(gap[0]),
            "last": dates.say_month(gap[-1]),
        }
        if gap
        else None,
        "period": f"{dates.say_month(plan.edition_month)} to {dates.say_month(plan.ends_on)}",
        "ends": dates.say_day(plan.ends_on),
        "refresh": dates.say_month(plan.next_refresh),
        "lineage": story,
        "lineage_picture": pictures.lineage(story) if story else "",
        "progress_picture": pictures.progress_over_time(progress) if progress else "",
        "progress_table": progress,
        "counts": {
            "deliverables": len(found),
            "themes": plan.themes.count(),
            "outcomes": plan.visionoutcomes.count(),
            "principles": plan.principles.count(),
            "sections": plan.sections.count(),
            "achievements": Achievement.objects.filter(reported_in=plan).count(),
            "strategies": plan.strategys.count(),
            "services": plan.services.count(),
        },
        "others": list(Plan.objects.visible_to(person).exclude(pk=plan.pk).select_related("area")),
    }


def _story(plan: Plan) -> list[Lineage]:
    """What became of the workstreams of the edition before this one; of the first edition, what became of its own."""
    if plan.previous_id:
        steps = Q(after__plan=plan) | Q(before__plan=plan.previous_id)
    else:
        steps = Q(before__plan=plan) | Q(after__plan__previous=plan)
    rows = Lineage.objects.filter(steps).select_related("before__plan", "after__plan", "lives_on_as")
    return list(rows.order_by("key"))


def sorted_by_attention(rows: list[Standing]) -> list[Standing]:
    """Worst first, for a headline's strip."""
    return sorted(rows, key=lambda row: WORST_FIRST.index(row.status))


def _progress(plan: Plan, asked: AskedDay) -> list[dict]:
    """How many deliverables were where at the end of each month of the plan's life so far: one query."""
    updates = list(
        ProgressUpdate.objects.filter(deliverable__workstream__plan=plan)
        .as_at(asked.day)
        .order_by("at")
        .values_list("deliverable_id", "status", "at")
    )
    due = {
        d.pk: d.agreed_on for d in Deliverable.objects.filter(workstream__plan=plan).select_related("workstream__plan")
    }
    return pictures.month_by_month(updates, due, start=plan.edition_month, day=asked.day)


def theme_page(plan: Plan, asked: AskedDay) -> dict:
    """The matrix of workstreams by themes."""
    themes = list(plan.themes.all())
    streams = list(plan.workstreams.all())
    cells = {
        (c.workstream_id, c.theme_id): c for c in Consideration.objects.filter(workstream__plan=plan, on__lte=asked.day)
    }
    rows = [
        {
            "workstream": stream,
            "cells": [{"theme": theme, "done": cells.get((stream.pk, theme.pk))} for theme in themes],
        }
        for stream in streams
    ]
    per_theme = [(theme, sum((s.pk, theme.pk) in cells for s in streams)) for theme in themes]
    thinnest = min(per_theme, key=lambda pair: pair[1])[0].short_name if per_theme else ""
    missing = len(streams) * len(themes) - len(cells)
    say = f"{len(cells)} of {len(streams) * len(themes)} considered."
    if missing:
        say += f" {thinnest} is thinnest."
    return {
        "plan": plan,
        "asked": asked,
        "themes": per_theme,
        "rows": rows,
        "say": say,
        "missing": missing,
        "invented": any(c.invented for c in cells.values()),
    }


def workstream_page(workstream: Workstream, asked: AskedDay) -> dict:
    """A workstream's page."""
    since = since_last_meeting(asked.day)
    found = standings(workstream.deliverables.order_by("number"), day=asked.day, since=since)
    themes = list(workstream.plan.themes.all())
    considered = {c.theme_id: c for c in workstream.considerations.filter(on__lte=asked.day)}
    before = list(workstream.came_from.select_related("before__plan", "lives_on_as"))
    after = list(workstream.became.select_related("after__plan", "lives_on_as"))
    earlier = [step.before for step in before if step.before]
    threads = workstream.threads.select_related("finding__theme", "statement")
    threads = list(threads) + [
        t
        for d in workstream.deliverables.prefetch_related("threads__finding__theme", "threads__statement")
        for t in d.threads.all()
    ]
    return {
        "workstream": workstream,
        "plan": workstream.plan,
        "asked": asked,
        "lines": [line(row, asked.query) for row in found],
        "tally": Tally.of(found),
        "marks": [row.mark for row in found],
        "aliases": list(workstream.aliases.all()),
        "leads": [lead for lead in workstream.leads.select_related("person") if lead.holds_on(asked.day)],
        "themes": [(theme, considered.get(theme.pk)) for theme in themes],
        "before": before,
        "after": after,
        "achievements": list(
            Achievement.objects.filter(workstream__in=[workstream, *earlier]).select_related(
                "reported_in", "workstream"
            )
        ),
        "findings": _distinct(t.finding for t in threads),
        "statements": _distinct(t.statement for t in threads),
        "measures": _measures(workstream, asked),
        "past": workstream.plan.is_past_period(asked.day),
    }


def _measures(workstream: Workstream, asked: AskedDay) -> list[dict]:
    """The indicators of a workstream and its deliverables, each with its latest figures in the plan's borough. Seven
    queries however many there are."""
    measures = Measure.objects.filter(Q(workstream=workstream) | Q(deliverable__workstream=workstream))
    indicators = _distinct(m.indicator for m in measures.order_by("deliverable", "pk").select_related("indicator"))
    found = latest_series(
        indicators,
        boroughs=[workstream.plan.area],
        day=asked.day,
        smallest=BoardSettings.current().smallest_figure,
        recorded_by=dates.end_of_day(asked.day) if asked.is_past else None,
    )
    return [{"indicator": indicator, "series": found[indicator.pk]} for indicator in indicators]


def _distinct(items) -> list:
    return list(dict.fromkeys(item for item in items if item is not None))


def deliverable_page(deliverable: Deliverable, asked: AskedDay, person) -> dict:
    """A deliverable with its log, newest first, as it stood on the day asked for."""
    since = since_last_meeting(asked.day)
    log = list(
        deliverable.updates.as_at(asked.day)
        .order_by("-number")
        .select_related("by", "on_behalf_of", "corrects", "confirms", "no_change_since", "evidence")
    )
    latest = log[0] if log else None
    present = latest if not asked.is_past else deliverable.updates.order_by("-number").first()
    row = stand(deliverable, latest, day=asked.day, since=since)
    may_log = not asked.is_past and access.may_log_progress(person, deliverable, asked.today)
    stream = deliverable.workstream
    threads = list(deliverable.threads.select_related("finding__theme", "statement")) + list(
        stream.threads.select_related("finding__theme", "statement")
    )
    return {
        "deliverable": deliverable,
        "workstream": stream,
        "plan": stream.plan,
        "asked": asked,
        "row": row,
        "line": line(row),
        "log": log,
        "entries": _entries(log),
        "present": present,
        "since": since,
        "date_changes": list(deliverable.date_changes.order_by("at", "pk")),
        "may_log": may_log,
        "may_not_log": MAY_NOT_LOG,
        "answers_for": person.pk in (deliverable.lead_id, deliverable.deputy_id),
        "may_confirm": bool(
            present
            and not asked.is_past
            and present.awaits_confirmation
            and access.may_confirm_complete(person, deliverable, present.said_by, asked.today)
        ),
        "may_repeat": bool(may_log and present and present.narrative and not row.is_finished),
        "milestones": [
            (milestone, bool(milestone.done_on and milestone.done_on <= asked.day))
            for milestone in deliverable.milestones.all()
        ],
        "findings": _distinct(t.finding for t in threads),
        "statements": _distinct(t.statement for t in threads),
        "measures": list(deliverable.measures.select_related("indicator")),
        "leads": [lead for lead in stream.leads.all() if lead.holds_on(asked.day)],
        "past": stream.plan.is_past_period(asked.day),
    }


def _entries(log: list[ProgressUpdate]) -> list[dict]:
    """The log as it is read: each update with what changed against the one before."""
    entries = []
    for place, update in enumerate(log):
        before = log[place + 1] if place + 1 < len(log) else None
        moved = ""
        if before and before.forecast_on != update.forecast_on:
            old, new = dates.say_month(before.forecast_on) or "none", dates.say_month(update.forecast_on) or "none"
            moved = f"Forecast moved from {old} to {new}."
        who = f"{update.by} on behalf of {update.on_behalf_of}" if update.on_behalf_of else str(update.by)
        local = update.at.astimezone(dates.LONDON)
        entries.append(
            {
                "update": update,
                "mark": SLUG[Status(update.status)],
                "when": f"{dates.say_day(update.at)}, {local:%H:%M}",
                "who": who,
                "moved": moved,
                "corrected_by": next((later for later in log[:place] if later.corrects_id == update.pk), None),
                "words_date": dates.say_day(update.words_at) if update.no_change_since_id else "",
            }
        )
    return entries


def correction_start(corrects: ProgressUpdate) -> dict:
    """What the form of a correction starts with: the words and evidence of then. The status stays today's, so that
    mending an old sentence does not change where the deliverable stands."""
    return {
        "narrative": corrects.narrative,
        "evidence_link": corrects.evidence_link,
        "no_evidence_because": corrects.no_evidence_because,
    }


def conflict_page(deliverable: Deliverable, form, written: dict, theirs: list[ProgressUpdate], corrects) -> dict:
    """Both texts whole, and what differs, for the second of two who saved."""
    newest = theirs[0]
    mine = {**written, "status_word": Status(written["status"]).label, "mark": SLUG[Status(written["status"])]}
    form.see(newest.number)
    return {
        "deliverable": deliverable,
        "workstream": deliverable.workstream,
        "plan": deliverable.workstream.plan,
        "theirs": _entries(theirs),
        "newest": newest,
        "mine": mine,
        "corrects": corrects,
        "form": form,
        "difference": word_difference(newest.narrative, written["narrative"]),
        "same_status": newest.status == written["status"],
        "same_forecast": newest.forecast_on == written["forecast_on"],
        "their_forecast": dates.say_month(newest.forecast_on) or "No forecast",
        "my_forecast": dates.say_month(written["forecast_on"]) or "No forecast",
    }


def word_difference(theirs: str, mine: str) -> list[tuple[str, str]]:
    """Two texts word by word: ("same" | "theirs" | "mine", words). Long texts are compared paragraph by paragraph."""
    split = (lambda text: text.split()) if len(theirs) + len(mine) < 8_000 else (lambda text: text.split("\n"))
    a, b = split(theirs), split(mine)
    parts = []
    for kind, a1, a2, b1, b2 in difflib.SequenceMatcher(a=a, b=b, autojunk=False).get_opcodes():
        if kind == "equal":
            parts.append(("same", " ".join(a[a1:a2])))
            continue
        if a2 > a1:
            parts.append(("theirs", " ".join(a[a1:a2])))
        if b2 > b1:
            parts.append(("mine", " ".join(b[b1:b2])))
    return parts
