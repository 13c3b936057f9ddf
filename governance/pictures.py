"""Diagrams of the plan for print: the commissioning cycle, the programme, lineage, reporting lines, the ladder.

They are drawn from the document's own data, plain text and numbers; the same facts stand in words beside each.
"""

from collections.abc import Sequence

from django.utils.html import format_html
from django.utils.safestring import SafeString

from jcb import svg
from jcb.svg import DEEP, INK, MIDDLE, SOFT, TINT, joined, lines, n, path, picture, rect, text, wrapped

WIDTH = 164.0
WHITE = "#ffffff"


# The cycle

# Each quarter of the ring: its arc, its colour, the arrow it ends in, where its number and its words stand.
QUARTERS = (
    ("M84.5 14.1A32 32 0 0 1 113.9 43.5", DEEP, "M109.4 42.2h9l-4.5 5.4z", (104.6, 25.0), (122, 18), "start"),
    ("M113.9 48.5A32 32 0 0 1 84.5 77.9", MIDDLE, "M85.8 73.4v9l-5.4-4.5z", (104.6, 70.1), (122, 68), "start"),
    ("M79.5 77.9A32 32 0 0 1 50.1 48.5", "#5f909b", "M54.6 49.8h-9l4.5-5.4z", (59.4, 70.1), (42, 68), "end"),
    ("M50.1 43.5A32 32 0 0 1 79.5 14.1", "#274b56", "M78.2 18.6v-9l5.4 4.5z", (59.4, 25.0), (42, 18), "end"),
)


def cycle(stages: Sequence, middle: str) -> SafeString:
    """Four stages in a ring, each leading to the next: `stages` have a name and words, `middle` is who takes part."""
    said = " ".join(f"{place}, {stage.name}: {stage.words}" for place, stage in enumerate(stages, start=1))
    parts = []
    for place, (stage, (arc, shade, arrow, number, words, anchor)) in enumerate(
        zip(stages, QUARTERS, strict=False), start=1
    ):
        parts += [path(arc, stroke=shade, stroke_width="9"), path(arrow, fill=INK)]
        parts.append(text(*number, str(place), anchor="middle", weight=700, fill=WHITE, size=4.2))
        parts.append(text(*words, stage.name, anchor=anchor, weight=600, fill=DEEP, size=4.2))
        parts.append(lines(words[0], words[1] + 5, wrapped(stage.words, 41), anchor=anchor))
    ring = wrapped(middle, 26, size=3.7)
    parts.append(lines(82, 48 - 2.3 * len(ring), ring, step=4.6, anchor="middle", weight=600, fill=DEEP, size=3.7))
    description = f"Diagram: the commissioning cycle, stages in a ring, each leading to the next. {said} In the middle: {middle}, who take part in every stage."
    return picture(WIDTH, 92, description, parts)


# Statuses

SHAPES = {
    "on-track": ("circle", "#1c6436"),
    "at-risk": ("M10 1 19.4 18.5H.6z", "#8a5200"),
    "off-track": ("M10 .5 19.5 10 10 19.5 .5 10z", "#9c1c1c"),
    "complete": ("M1 1h18v18h-18z", DEEP),
    "not-started": ("ring", "#56626c"),
    "closed": ("dash", "#56626c"),
}


def mark(status: str, x: float, y: float, size: float = 3.4) -> SafeString:
    """The shape of a status, as in the key."""
    shape, shade = SHAPES[status]
    if shape == "circle":
        drawn = svg.circle(10, 10, 9, fill=shade)
    elif shape == "ring":
        drawn = svg.circle(10, 10, 7.8, stroke=shade, stroke_width="2.4")
    elif shape == "dash":
        drawn = path("M2 10h16", stroke=shade, stroke_width="3.2")
    else:
        drawn = path(shape, fill=shade)
    if status == "complete":
        drawn = joined([drawn, path("M5 10.5 8.5 14 15 6.5", stroke=WHITE, stroke_width="2.6")])
    return format_html('<g transform="translate({} {}) scale({})">{}</g>', n(x), n(y), f"{size / 20:.3f}", drawn)


def status_strip(rows: Sequence, width: float = 128) -> SafeString:
    """One shape for each deliverable, by workstream: `rows` have a number, a name, marks and a tally in words."""
    label, most = 62.0, max((len(row.marks) for row in rows), default=1)
    step = min(9.2, (width - label - 8) / max(most, 1))
    parts = []
    for place, row in enumerate(rows):
        y = place * 7
        parts.append(text(0, y + 4.8, str(row.number), weight=600, fill=MIDDLE))
        parts.append(text(5, y + 4.8, wrapped(row.name, label - 6, most=1)[0]))
        for column, status in enumerate(row.marks):
            x = label + column * step
            parts.append(rect(x, y + 0.7, step - 1, 5.6, fill=TINT))
            parts.append(mark(status, x + (step - 4.4) / 2, y + 1.8))
        parts.append(text(width, y + 4.8, str(len(row.marks)), anchor="end", fill=SOFT))
    said = " ".join(f"{row.number}, {row.name}: {row.tally}." for row in rows)
    return picture(width, len(rows) * 7 + 1, f"Status of each deliverable by workstream. {said}", parts)


# The programme


def programme(streams: Sequence, themes: Sequence) -> SafeString:
    """Workstreams side by side, crossed by the themes. Both have a short name, a workstream its number too."""
    step = WIDTH / max(len(streams), 1)
    head = 32 if themes else 28
    height = head + len(themes) * 9.4 + 2
    parts = []
    for place, stream in enumerate(streams):
        x = place * step
        parts += [rect(x, 0, step - 1.6, height, fill=TINT), rect(x, 0, step - 1.6, 1.4, fill=DEEP)]
        parts.append(text(x + 2, 8.5, str(stream.number), fill=MIDDLE, size=5))
        words = wrapped(stream.short_name, step - 4.5, size=2.7, most=5)
        parts.append(lines(x + 2, 14, words, step=3.8, weight=600, size=2.7))
    for place, theme in enumerate(themes):
        y = head + place * 9.4
        parts.append(rect(0, y, WIDTH - 1.6, 6.6, fill=WHITE, stroke=MIDDLE, stroke_width=".4"))
        parts.append(text(WIDTH / 2, y + 4.5, wrapped(theme.name, WIDTH - 8, most=1)[0], anchor="middle"))
    said = "; ".join(f"{stream.number}, {stream.short_name}" for stream in streams)
    across = f" Running across all of them: {'; '.join(theme.name for theme in themes)}." if themes else ""
    return picture(WIDTH, height, f"Diagram: the workstreams of the programme side by side: {said}.{across}", parts)


# Lineage

STEP_LOOKS = {
    "continues": {"fill": DEEP, "fill_opacity": ".88"},
    "refocused": {"fill": "#5f98a3", "fill_opacity": ".9"},
    "moved": {
        "fill": "#c3ccd1",
        "fill_opacity": ".9",
        "stroke": SOFT,
        "stroke_width": ".35",
        "stroke_dasharray": "1.2 1",
    },
    "closed": {},
}
ROW, TOP, BAR = 10.8, 8.0, 8.4


def lineage(record) -> SafeString:
    """What became of each workstream: `record` has before_year, after_year, before, after (number, name) and steps."""
    left = {number: TOP + place * ROW for place, (number, _) in enumerate(record.before)}
    right = {number: TOP + place * ROW for place, (number, _) in enumerate(record.after)}
    bodies = list(dict.fromkeys(step.moved_to for step in record.steps if step.moved_to))
    away, below = {}, TOP + len(record.after) * ROW + 3
    for body in bodies:
        movers = [step for step in record.steps if step.moved_to == body]
        away[body] = (below, 6.25 * len(movers))
        below += max(6.25 * len(movers), 13) + 4
    height = max(TOP + len(record.before) * ROW, below) + 1
    parts = [text(0, 4, record.before_year, weight=600, size=3.6)]
    parts.append(text(WIDTH, 4, record.after_year, weight=600, size=3.6, anchor="end"))
    met: dict[str, int] = {}
    for step in record.steps:
        if step.before_number is None:
            continue
        start = left[step.before_number]
        if step.after_number is not None:
            parts.append(_ribbon(start, right[step.after_number], BAR, STEP_LOOKS[step.kind]))
        elif step.moved_to:
            place = met.get(step.moved_to, 0)
            met[step.moved_to] = place + 1
            parts.append(_ribbon(start, away[step.moved_to][0] + place * 6.25, 6, STEP_LOOKS["moved"]))
    for number, name in record.before:
        y = left[number]
        parts += [rect(57, y, 1.4, BAR, fill=INK), text(0, y + 5.7, str(number), weight=600, fill=MIDDLE)]
        parts.append(text(5, y + 5.7, wrapped(name, 51, size=3.1, most=1)[0], size=3.1))
    came = {step.after_number: step.words for step in record.steps if step.after_number is not None}
    new = {step.after_number for step in record.steps if step.kind == "new"}
    for number, name in record.after:
        y = right[number]
        look = {"stroke": INK, "stroke_width": ".5"} if number in new else {"fill": INK}
        parts += [rect(102, y, 1.4, BAR, **look), text(106, y + 3.9, str(number), weight=600, fill=MIDDLE)]
        parts.append(text(110.5, y + 3.9, wrapped(name, 53, size=3.1, most=1)[0], size=3.1))
        parts.append(text(110.5, y + 7.8, came.get(number, ""), fill=SOFT, size=2.8))
    for body, (y, tall) in away.items():
        names = wrapped(body, 57, size=3.1, most=2)
        parts.append(rect(102, y, 1.4, tall, fill="#9aa7ae"))
        parts.append(lines(106, y + 3.6, names, step=3.9, size=3.1))
        note = (
            "moved there; lives on as a theme"
            if any(s.theme for s in record.steps if s.moved_to == body)
            else "moved there"
        )
        parts.append(text(106, y + 3.6 + 3.9 * len(names), note, fill=SOFT, size=2.8))
    description = f"Diagram: the workstreams of {record.before_year} and of {record.after_year}. " + " ".join(
        step.sentence for step in record.steps
    )
    return picture(WIDTH, height, description, parts)


def _ribbon(start: float, end: float, tall: float, look: dict[str, str]) -> SafeString:
    d = (
        f"M58.4 {n(start)}C78 {n(start)} 82 {n(end)} 102 {n(end)}V{n(end + tall)}"
        f"C82 {n(end + tall)} 78 {n(start + BAR)} 58.4 {n(start + BAR)}Z"
    )
    return path(d, **look)


# Reporting lines


def reporting(record) -> SafeString:
    """Whom the Board answers to, and what reports to it: `record` has a board, bodies, parties and streams, all words."""
    parts: list[SafeString] = []
    bodies = [body for body, _ in record.bodies]
    count = max(len(bodies), 1)
    wide = min(64.0, (WIDTH - 10 * (count - 1)) / count)
    gap = (WIDTH - wide * count) / (count + 1)
    for place, body in enumerate(bodies):
        x = gap + place * (wide + gap)
        middle = x + wide / 2
        parts.append(path(f"M82 31V25H{n(middle)}V20", stroke=INK, stroke_width=".5"))
        parts.append(path(f"M{n(middle)} 16.6l-1.9 3.6h3.8z", fill=INK))
        parts.append(rect(x, 2, wide, 14, fill=WHITE, stroke=DEEP, stroke_width=".6"))
        parts.append(_centred(middle, 9, wrapped(body, wide - 6, size=3.3, most=3), weight=600, size=3.3))
    parts.append(rect(52, 31, 60, 18, fill=DEEP))
    parts.append(
        _centred(82, 40, wrapped(record.board, 52, size=3.6, most=3), weight=600, size=3.6, fill=WHITE, step=4.4)
    )
    half = (len(record.parties) + 1) // 2
    for side, names in ((0, record.parties[:half]), (1, record.parties[half:])):
        x = 0 if side == 0 else WIDTH - 42
        tall = 14.0
        first = 40 - (len(names) * (tall + 2) - 2) / 2
        for place, name in enumerate(names):
            y = first + place * (tall + 2)
            parts.append(rect(x, y, 42, tall, fill=TINT))
            parts.append(_centred(x + 21, y + tall / 2, wrapped(name, 38, size=3, most=3), size=3, step=3.8))
            reach = "M42.6 {0}H51.4" if side == 0 else "M121.4 {0}H112.6"
            parts.append(
                path(reach.format(n(y + tall / 2)), stroke=SOFT, stroke_width=".5", stroke_dasharray="1.6 1.2")
            )
    bottom = max(61.0, 40 + half * 8 + 6)
    parts.append(path(f"M82 {n(bottom)}V53", stroke=INK, stroke_width=".5"))
    parts.append(path("M82 49.6l-1.9 3.6h3.8z", fill=INK))
    words = wrapped(" · ".join(record.streams), 118, size=2.9, most=4)
    tall = 8 + 4 * len(words)
    parts.append(rect(20, bottom, 124, tall, fill=TINT))
    parts.append(text(82, bottom + 5.6, f"{len(record.streams)} workstreams", anchor="middle", weight=600))
    parts.append(lines(82, bottom + 10, words, anchor="middle", step=4, size=2.9))
    said = (
        f"Diagram: reporting lines. {record.board} answers to {_listed(bodies)}. "
        f"Its members come from {_listed(record.parties)}, and answer to their own organisations. "
        f"{len(record.streams)} workstreams report to it: {_listed(record.streams)}."
    )
    return picture(WIDTH, bottom + tall + 1, said, parts)


def _centred(x: float, middle: float, words: list[str], *, step: float = 4.1, size: float = 3.2, **look) -> SafeString:
    first = middle - (len(words) - 1) * step / 2 + size * 0.35
    return lines(x, first, words, step=step, size=size, anchor="middle", **look)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:-1]) + f" and {names[-1]}" if len(names) > 1 else "".join(names)


# The dispute ladder


def ladder(rungs: Sequence) -> SafeString:
    """The rungs as steps that go up: each has a number, a name, who tries to settle it, and its clock in words."""
    step = WIDTH / max(len(rungs), 1)
    wide = step - 4
    blocks = [
        (
            wrapped(rung.name, wide - 4, size=3.4, most=2),
            wrapped(rung.who, wide - 4, size=2.8, most=9),
            wrapped(rung.clock, wide - 4, size=2.8, most=9),
        )
        for rung in rungs
    ]
    tall = max((15 + 4.2 * len(a) + 3.6 * len(b) + 3.6 * len(c) for a, b, c in blocks), default=20)
    rise = 6.5
    height = tall + rise * (len(rungs) - 1) + 1
    parts = []
    for place, (rung, (name, who, clock)) in enumerate(zip(rungs, blocks, strict=True)):
        x, y = place * step, rise * (len(rungs) - 1 - place)
        parts += [rect(x, y, wide, height - y, fill=TINT), rect(x, y, wide, 1.4, fill=DEEP)]
        parts.append(text(x + 2, y + 7.6, str(rung.number), fill=MIDDLE, size=5))
        parts.append(lines(x + 2, y + 13, name, step=4.2, weight=600, size=3.4))
        below = y + 13 + 4.2 * len(name)
        parts.append(lines(x + 2, below, who, step=3.6, size=2.8))
        look = {"weight": 600, "fill": svg.RED} if rung.timed else {"fill": SOFT}
        parts.append(lines(x + 2, below + 3.6 * len(who) + 1.4, clock, step=3.6, size=2.8, **look))
        if place:
            parts.append(path(f"M{n(x - 3.6)} {n(y + rise + 2.2)}l3.2 1.9l-3.2 1.9z", fill=INK))
    said = " ".join(f"{rung.number}, {rung.name}: {rung.who}; {rung.clock}." for rung in rungs)
    return picture(WIDTH, height, f"Diagram: the steps that a dispute climbs. {said}", parts)
