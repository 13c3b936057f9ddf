"""Pictures of the programme: SVG made on the server, with attributes and classes only, the same on screen and in print.

Every picture carries its whole description in `<title>`, and stands beside a table with the same facts.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from jcb import dates
from workstreams.models import WORST_FIRST, Lineage, Status, Workstream
from workstreams.standing import effective

BOX, GAP, TOP = 34, 14, 30
LEFT_WIDTH, RIGHT_AT, RIGHT_WIDTH, WIDTH = 276, 436, 304, 740
LINES = {"continues": "c-link", "refocused": "c-link c-dash", "moved": "c-link c-dot c-soft", "closed": "c-link c-dot"}


def lineage(story: list[Lineage]) -> SafeString:
    """What became of each workstream from one edition to the next: boxes left and right, a line for each step."""
    before = _in_order(step.before for step in story)
    after = _in_order(step.after for step in story)
    elsewhere = list(dict.fromkeys(step.moved_to for step in story if step.moved_to))
    rows = max(len(before), len(after))
    left = {stream.pk: _middle(place) for place, stream in enumerate(before)}
    right = {stream.pk: _middle(place) for place, stream in enumerate(after)}
    away = {body: _middle(rows + place) + 12 for place, body in enumerate(elsewhere)}
    parts = [_heading(0, before), _heading(RIGHT_AT, after)]
    for step in story:
        end = right[step.after_id] if step.after_id else away.get(step.moved_to)
        if step.before_id and end:
            parts.append(_line(left[step.before_id], end, LINES[step.kind]))
    parts += [_box(0, left[s.pk], LEFT_WIDTH, "c-box", _name(s)) for s in before]
    new = {step.after_id for step in story if step.kind == Lineage.Kind.NEW}
    for stream in after:
        parts.append(_box(RIGHT_AT, right[stream.pk], RIGHT_WIDTH, "c-boxb", _name(stream)))
        if stream.pk in new:
            parts.append(_text(RIGHT_AT + RIGHT_WIDTH - 12, right[stream.pk] + 5, "new", "c-t c-b c-e"))
    parts += [_box(RIGHT_AT, y, RIGHT_WIDTH, "c-box", _fitted(body)) for body, y in away.items()]
    bottom = _middle(rows) + 12 if elsewhere else _middle(rows)
    parts.append(_key(bottom, [step.kind for step in story]))
    height = bottom + 40 + (BOX + GAP) * max(len(elsewhere) - 1, 0)
    return _svg(WIDTH, height, "Lineage of the workstreams. " + " ".join(say_step(step) for step in story), parts)


def say_step(step: Lineage) -> str:
    """One step of the lineage as a sentence."""
    if step.kind == Lineage.Kind.NEW:
        return f"{step.after.short_name} is new."
    if step.after:
        how = "continues as" if step.kind == Lineage.Kind.CONTINUES else "is refocused as"
        return f"{step.before.short_name} {how} {step.after.short_name}."
    if step.kind == Lineage.Kind.CLOSED:
        return f"{step.before.short_name} closes."
    theme = f" and lives on as the theme {step.lives_on_as.short_name}" if step.lives_on_as else ""
    return f"{step.before.short_name} moves to {step.moved_to}{theme}."


def month_by_month(
    updates: Iterable[tuple[int, str, dt.datetime]], due: Mapping[int, dt.date], *, start: dt.date, day: dt.date
) -> list[dict]:
    """How many deliverables were where at the end of each month from `start`, and on `day`.

    `updates` are (deliverable, status, at) in order of time; `due` has the agreed date of every deliverable. Each row
    has "month" in words and "counts" by Status.
    """
    ends, month = [], start
    while dates.last_of_month(month) < day:
        ends.append(dates.last_of_month(month))
        month = dates.add_months(month, 1)
    ends.append(day)
    said = dict.fromkeys(due, Status.NOT_STARTED)
    waiting, rows = list(updates), []
    place = 0
    for end in ends:
        limit = dates.end_of_day(end)
        while place < len(waiting) and waiting[place][2] < limit:
            said[waiting[place][0]] = Status(waiting[place][1])
            place += 1
        counts = Counter(effective(status, due[pk], end) for pk, status in said.items())
        words = dates.say_month(end) if end == dates.last_of_month(end) else dates.say_day(end)
        rows.append({"month": words, "on": end, "counts": {status: counts[status] for status in Status}})
    return rows


def progress_over_time(rows: list[dict]) -> SafeString:
    """A column for each month, stacked by status; the worst stands on the ground line, where change is easiest seen."""
    width, height, left, bottom = 740, 270, 34, 215
    total = max((sum(row["counts"].values()) for row in rows), default=1) or 1
    step = (width - left) / max(len(rows), 1)
    scale = (bottom - 10) / total
    parts = []
    for tick in (0, total // 2, total):
        y = bottom - tick * scale
        parts.append(format_html('<line class="c-axis" x1="{}" x2="{}" y1="{}" y2="{}"/>', left, width, _n(y), _n(y)))
        parts.append(_text(left - 6, y + 4, str(tick), "c-s c-e"))
    every = max(1, -(-len(rows) // 9))
    for place, row in enumerate(rows):
        x, y = left + place * step + step * 0.1, bottom
        for status in WORST_FIRST:
            if number := row["counts"][status]:
                y -= number * scale
                parts.append(_slice(x, y, step * 0.8, number * scale, status))
        if place % every == 0 and (place + every <= len(rows) or place == len(rows) - 1):
            parts.append(_text(x + step * 0.4, bottom + 18, f"{row['on']:%b %Y}", "c-s c-m"))
    parts.append(_status_key(bottom + 46))
    first, last = rows[0], rows[-1]
    said = f"Deliverables by status, month by month. {_say_counts(first)} {_say_counts(last)}"
    return _svg(width, height, said, parts)


def _say_counts(row: dict) -> str:
    counts = ", ".join(f"{row['counts'][s]} {s.label.lower()}" for s in WORST_FIRST if row["counts"][s])
    return f"{row['month']}: {counts}."


def _slice(x: float, y: float, width: float, height: float, status: Status) -> SafeString:
    return format_html(
        '<rect class="c-st c-st-{}" x="{}" y="{}" width="{}" height="{}"/>',
        status.value.replace(" ", "-"),
        _n(x),
        _n(y),
        _n(width),
        _n(max(height - 1, 0.5)),
    )


def _status_key(y: float) -> SafeString:
    parts = []
    for place, status in enumerate(WORST_FIRST):
        x = place * 122
        parts += [_slice(x, y - 11, 14, 15, status), _text(x + 20, y + 2, status.label, "c-s")]
    return format_html_join("", "{}", ((part,) for part in parts))


def _name(stream: Workstream) -> str:
    return _fitted(f"{stream.number} {stream.short_name}", 37)


def _in_order(streams) -> list[Workstream]:
    return sorted({stream for stream in streams if stream}, key=lambda stream: stream.number)


def _middle(place: int) -> float:
    return TOP + place * (BOX + GAP) + BOX / 2


def _heading(x: int, streams: list[Workstream]) -> SafeString:
    return _text(x, 16, str(streams[0].plan.edition_month.year) if streams else "", "c-t c-b")


def _line(start: float, end: float, css: str) -> SafeString:
    path = f"M{LEFT_WIDTH} {_n(start)} C 350 {_n(start)}, 362 {_n(end)}, {RIGHT_AT} {_n(end)}"
    return format_html('<path class="{}" d="{}"/>', css, path)


def _box(x: int, middle: float, width: int, css: str, words: str) -> SafeString:
    return format_html(
        '<rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="3"/>{}',
        css,
        x,
        _n(middle - BOX / 2),
        width,
        BOX,
        _text(x + 12, middle + 5, words, "c-t"),
    )


def _key(y: float, kinds: list[str]) -> SafeString:
    words = {"continues": "continues", "refocused": "refocused", "moved": "moved, lives on as a theme"}
    shown = [kind for kind in words if kind in kinds]
    parts = []
    for place, kind in enumerate(shown):
        x, down = (place % 2) * 120, (place // 2) * 24
        parts.append(format_html('<path class="{}" d="M{} {} H{}"/>', LINES[kind], x, _n(y + down), x + 38))
        parts.append(_text(x + 46, y + down + 5, words[kind], "c-s"))
    return format_html_join("", "{}", ((part,) for part in parts))


def _fitted(words: str, most: int = 42) -> str:
    """A long name cut at a word, for a box that it would not fit: the whole name stands in the table."""
    return words if len(words) <= most else words[:most].rsplit(" ", 1)[0] + " …"


def _text(x: float, y: float, words: str, css: str) -> SafeString:
    return format_html('<text class="{}" x="{}" y="{}">{}</text>', css, _n(x), _n(y), words)


def _svg(width: float, height: float, description: str, parts: Iterable[SafeString]) -> SafeString:
    body = format_html_join("", "{}", ((part,) for part in parts))
    return format_html(
        '<svg viewBox="0 0 {} {}" role="img" class="jcb-picture"><title>{}</title>{}</svg>',
        width,
        _n(height),
        description,
        body,
    )


def _n(value: float) -> str:
    """A coordinate, short."""
    return f"{value:.1f}".rstrip("0").rstrip(".")
