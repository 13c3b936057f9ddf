"""Charts of indicators: bars beside one another, or lines over time, with what they are compared to; and sparklines.

Seen in grey they say the same: the borough's own figures are dark, earlier ones and other places pale, projections
dashed, a target a dashed rule with its words. A line never crosses from one definition to the next. A table with the
same figures always stands beside a chart.
"""

import itertools
import math
from dataclasses import dataclass

from django.utils.safestring import SafeString

from jcb import svg
from needs.figures import Figure, Value, with_unit
from needs.series import Point, Series

MOST_BARS = 16


@dataclass(frozen=True, slots=True)
class Frame:
    """The room that a chart has, in millimetres of its own: a page's width, or a phone's, where its words would be too
    small to read. `label` is the room left of a bar; without it the words stand above the bar."""

    width: float
    label: float
    row: float
    left: float
    right: float

    @property
    def above(self) -> float:
        return 0 if self.label else 7.2

    @property
    def words(self) -> float:
        return self.label or self.width


WIDE = Frame(width=164, label=70, row=8.8, left=20, right=40)
NARROW = Frame(width=92, label=0, row=17, left=16, right=27)


@dataclass(frozen=True, slots=True)
class Scale:
    """From values to millimetres, with the values at which to write."""

    low: float
    high: float
    start: float
    end: float
    ticks: tuple[float, ...]

    def at(self, value: float) -> float:
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def chart(figure: Figure, frame: Frame = WIDE) -> SafeString:
    """An indicator's picture; empty where its values are too few, too many, or in words, to be drawn."""
    drawn = [value for value in figure.values if _end(value) is not None]
    if figure.shape == "lines":
        return _lines(figure, [value for value in drawn if value.value is not None], frame)
    if figure.shape == "bars" and len(drawn) <= MOST_BARS:
        return _bars(figure, list(figure.values) if len(figure.values) <= MOST_BARS else drawn, frame)
    return SafeString("")


def description(figure: Figure) -> str:
    """The whole chart in words: for those who hear it."""
    kind = "Line chart" if figure.shape == "lines" else "Bar chart"
    unit = f", in {figure.unit_words}" if figure.unit not in {"count", "percent", "pounds"} else ""
    target = f" Compared with: {figure.target_words}" if figure.target_words else ""
    said, series = [], _series(figure.values)
    for (area, part, number), values in series.items():
        name = ", ".join(filter(None, (area, part)))
        if len(figure.meanings) > 1:
            name += f" (definition {number})"
        said.append(
            f"{name}: "
            + "; ".join(f"{v.period}, {v.figure}{' (projected)' if v.projected else ''}" for v in values)
            + "."
        )
    broken = " The definition changes, so the figures before and after are not joined." if _changes(figure) else ""
    return f"{kind}: {figure.name}{unit}. {' '.join(said)}{target}{broken}"


def nice_scale(low: float, high: float, start: float, end: float, *, from_zero: bool) -> Scale:
    """A scale whose ends and ticks are round numbers. Not from nought, it still spans a tenth of the largest value, so
    that a small change does not look like a large one."""
    if from_zero:
        low = min(low, 0)
    elif high - low < abs(high) / 10:
        middle = (high + low) / 2
        low, high = middle - abs(high) / 20, middle + abs(high) / 20
    if high <= low:
        high = low + 1
    raw = (high - low) / 4
    size = 10 ** math.floor(math.log10(raw))
    step = next(size * times for times in (1, 2, 2.5, 5, 10) if size * times >= raw * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    ticks = tuple(round(place * step, 6) for place in range(first, last + 1))
    return Scale(ticks[0], ticks[-1], start, end, ticks)


def _end(value: Value) -> float | None:
    """How far a bar reaches."""
    return next((v for v in (value.high, value.value, value.low) if v is not None), None)


def _series(values) -> dict[tuple[str, str, int], list[Value]]:
    found: dict[tuple[str, str, int], list[Value]] = {}
    for value in values:
        found.setdefault((value.area, value.part, value.definition), []).append(value)
    return found


def _changes(figure: Figure) -> bool:
    return len({value.definition for value in figure.values}) > 1


def _label(value: Value, figure: Figure) -> str:
    """What stands at a value: the number, or what was printed where that is not exact."""
    if value.value is None or value.qualifier != "exact":
        return value.figure
    return with_unit(value.value, figure.unit).removesuffix(" weeks").removesuffix(" points")


def _tick(tick: float, figure: Figure) -> str:
    return with_unit(tick, figure.unit).removesuffix(" weeks").removesuffix(" points")


# Bars


def _bars(figure: Figure, values: list[Value], frame: Frame) -> SafeString:
    longest = max(filter(None, [*(_end(v) for v in values), figure.target]), default=1)
    scale = nice_scale(0, longest, frame.label, frame.width - 26, from_zero=True)
    top = 7 if figure.target is not None else 2.5
    height = top + len(values) * frame.row + 8
    ground = height - 7
    parts = []
    for tick in scale.ticks:
        x = scale.at(tick)
        parts.append(svg.path(f"M{svg.n(x)} {svg.n(top)}V{svg.n(ground)}", stroke=svg.RULE, stroke_width=".2"))
        words = _tick(tick, figure)
        if tick == scale.ticks[-1] and figure.unit not in {"percent", "pounds", "count"}:
            words += f" {figure.unit_words}"
        parts.append(svg.text(x, height - 2, words, anchor="middle", fill=svg.SOFT, size=2.8))
    latest = {}
    for value in values:
        if value.local and not value.projected:
            latest[(value.area, value.part)] = value.period
    several = len({v.definition for v in values}) > 1
    before = values[0].definition if values else 0
    labels = []
    for place, value in enumerate(values):
        y = top + 1.2 + place * frame.row
        if several and value.definition != before:
            parts.append(svg.path(f"M0 {svg.n(y - 1.2)}H{svg.n(frame.width)}", stroke=svg.INK, stroke_width=".3"))
            before = value.definition
        labels.append(_bar_label(value, y, frame, several=several))
        current = value.local and latest.get((value.area, value.part), value.period) == value.period
        parts.append(_bar(value, _label(value, figure), y + frame.above, scale, dark=current))
    if figure.target is not None:
        parts.append(_target_rule(figure, scale.at(figure.target), ground, frame))
    return svg.picture(frame.width, height, description(figure), [*parts, *labels])


def _bar_label(value: Value, y: float, frame: Frame, *, several: bool) -> SafeString:
    under = ", ".join(filter(None, (value.part, value.period, "projected" * value.projected)))
    if several:
        under += f", definition {value.definition}"
    ground = [svg.rect(0, y - 0.4, frame.width, 7.2, fill="#ffffff")] if frame.above else []
    return svg.joined(
        [
            *ground,
            svg.text(
                0, y + 2.7, svg.wrapped(value.area, frame.words - 2, most=1)[0], weight=600 if value.local else 400
            ),
            svg.text(0, y + 6.1, svg.wrapped(under, frame.words - 2, size=2.8, most=1)[0], fill=svg.SOFT, size=2.8),
        ]
    )


def _bar(value: Value, words: str, y: float, scale: Scale, *, dark: bool) -> SafeString:
    """A bar to its value; of a range, its sure part filled and its possible part in outline; of "over", an open end."""
    fill = svg.DEEP if dark else svg.PALE
    zero, end = scale.at(0), _end(value)
    if end is None:
        return svg.text(zero + 1.6, y + 4.6, words, weight=600)
    sure = value.low if value.low is not None and value.high is not None else end
    parts = []
    if value.projected:
        parts.append(
            svg.rect(
                zero + 0.2,
                y + 0.2,
                scale.at(end) - zero - 0.4,
                6,
                fill="#ffffff",
                stroke=fill,
                stroke_width=".5",
                stroke_dasharray="1.6 1",
            )
        )
    else:
        parts.append(svg.rect(zero, y, scale.at(sure) - zero, 6.4, fill=fill))
    if sure != end:
        parts.append(
            svg.rect(
                scale.at(sure),
                y + 0.25,
                scale.at(end) - scale.at(sure),
                5.9,
                fill="#ffffff",
                stroke=fill,
                stroke_width=".5",
            )
        )
    reach = scale.at(end)
    if value.qualifier == "over":
        parts.append(svg.path(f"M{svg.n(reach)} {svg.n(y)}l3.4 3.2l-3.4 3.2z", fill=fill))
        reach += 4
    # A ground of its own, so that no rule of the scale runs through the figure.
    parts.append(svg.rect(reach + 0.6, y + 1, svg.width_of(words) + 2.4, 4.6, fill="#ffffff"))
    parts.append(svg.text(reach + 1.6, y + 4.4, words, weight=600))
    return svg.joined(parts)


def _target_rule(figure: Figure, x: float, ground: float, frame: Frame) -> SafeString:
    words = figure.target_short
    right = svg.width_of(words, 2.9) <= frame.width - x - 2
    return svg.joined(
        [
            svg.path(f"M{svg.n(x)} 2V{svg.n(ground)}", stroke=svg.RED, stroke_width=".7", stroke_dasharray="1.8 1"),
            svg.text(
                x + 1.2 if right else x - 1.2,
                3.9,
                svg.wrapped(words, (frame.width - x - 2) if right else x - 2, size=2.9, most=1)[0],
                anchor="start" if right else "end",
                fill=svg.RED,
                weight=600,
                size=2.9,
            ),
        ]
    )


# Lines

MARKS = ("circle", "square", "triangle", "diamond")
SHADES = (svg.DEEP, svg.MIDDLE, "#6f9ea8", svg.SOFT)


def _lines(figure: Figure, values: list[Value], frame: Frame) -> SafeString:
    height, left, right = 58.0, frame.left, frame.width - frame.right
    ends = [v.value for v in values] + [bound for v in values for bound in (v.low, v.high) if bound is not None]
    if figure.target is not None:
        ends.append(figure.target)
    low, high = min(ends), max(ends)
    across = nice_scale(low, high, height - 9, 6, from_zero=0 <= low < high / 2 or low < 0)
    first, last = min(v.at for v in values), max(v.at for v in values)
    if last == first:
        last = first + 1
    along = Scale(first, last, left + 6, right - 4, ())
    parts = []
    for tick in across.ticks:
        y = across.at(tick)
        parts.append(
            svg.path(
                f"M{svg.n(left)} {svg.n(y)}H{svg.n(right)}",
                stroke=svg.INK if tick == 0 else svg.RULE,
                stroke_width=".4" if tick == 0 else ".2",
            )
        )
        parts.append(svg.text(left - 3, y + 1.1, _tick(tick, figure), anchor="end", fill=svg.SOFT, size=2.8))
    parts += _years_below(values, along, height)
    if figure.target is not None:
        y = across.at(figure.target)
        parts.append(
            svg.path(
                f"M{svg.n(left)} {svg.n(y)}H{svg.n(right)}", stroke=svg.RED, stroke_width=".7", stroke_dasharray="1.8 1"
            )
        )
        parts.append(svg.text(left + 1, y - 1.4, figure.target_short, fill=svg.RED, weight=600, size=2.9))
    if len({v.definition for v in values}) > 1:
        parts += _breaks(figure, values, along, height)
    names = list(dict.fromkeys((v.area, v.part) for v in values))
    taken: list[float] = []
    for (area, part, _), points in _series(values).items():
        place = names.index((area, part))
        shade, mark = SHADES[place % 4], MARKS[place % 4]
        parts += _segments(points, along, across, shade)
        for point in points:
            parts.append(_mark(mark, along.at(point.at), across.at(point.value), shade, hollow=point.projected))
            if len(names) == 1:
                parts.append(
                    svg.text(
                        along.at(point.at),
                        across.at(point.value) - 2.6,
                        _label(point, figure),
                        anchor="middle",
                        weight=600,
                        size=3,
                    )
                )
        if points[-1] == [p for p in values if (p.area, p.part) == (area, part)][-1]:
            parts.append(_name(area, part, points[-1], along, across, taken, frame.right - 6))
    return svg.picture(frame.width, height, description(figure), parts)


def _segments(points: list[Value], along: Scale, across: Scale, shade: str) -> list[SafeString]:
    """Between two points a line: whole between figures that were counted, dashed to one that is projected."""
    parts = []
    for before, after in itertools.pairwise(points):
        look = {"stroke_dasharray": "2.4 1.2"} if after.projected else {}
        d = (
            f"M{svg.n(along.at(before.at))} {svg.n(across.at(before.value))}"
            f"L{svg.n(along.at(after.at))} {svg.n(across.at(after.value))}"
        )
        parts.append(svg.path(d, stroke=shade, stroke_width=".9", **look))
    for point in points:
        if point.low is not None and point.high is not None:
            x = svg.n(along.at(point.at))
            parts.append(
                svg.path(
                    f"M{x} {svg.n(across.at(point.low))}V{svg.n(across.at(point.high))}",
                    stroke=shade,
                    stroke_width=".5",
                )
            )
    return parts


def _breaks(figure: Figure, values: list[Value], along: Scale, height: float) -> list[SafeString]:
    """A rule where one definition ends and the next begins."""
    parts = []
    numbers = sorted({v.definition for v in values})
    for before, after in itertools.pairwise(numbers):
        ends = max(v.at for v in values if v.definition == before)
        begins = min(v.at for v in values if v.definition == after)
        stated = next((m.from_at for m in figure.meanings if m.number == after), None)
        at = stated if stated is not None and ends <= stated <= begins else (ends + begins) / 2
        x = along.at(at)
        parts.append(
            svg.path(f"M{svg.n(x)} 4V{svg.n(height - 9)}", stroke=svg.INK, stroke_width=".4", stroke_dasharray=".6 .9")
        )
        parts.append(svg.text(x + 1, 5.4, "definition changes", fill=svg.SOFT, size=2.7))
    return parts


def _years_below(values: list[Value], along: Scale, height: float) -> list[SafeString]:
    """The periods under the ground line, where there is room for them."""
    parts, last = [], -99.0
    for at, period in sorted({(v.at, v.period) for v in values}):
        x, wide = along.at(at), svg.width_of(period, 2.8)
        if x - wide / 2 > last + 1.5:
            parts.append(svg.text(x, height - 2.5, period, anchor="middle", fill=svg.SOFT, size=2.8))
            last = x + wide / 2
    return parts


def _mark(kind: str, x: float, y: float, shade: str, *, hollow: bool) -> SafeString:
    look = {"fill": "#ffffff" if hollow else shade, "stroke": shade, "stroke_width": ".5"}
    if kind == "circle":
        return svg.circle(x, y, 1.35, **look)
    if kind == "square":
        return svg.rect(x - 1.2, y - 1.2, 2.4, 2.4, **look)
    if kind == "triangle":
        return svg.path(f"M{svg.n(x)} {svg.n(y - 1.6)}l1.6 2.9h-3.2z", **look)
    return svg.path(f"M{svg.n(x)} {svg.n(y - 1.7)}l1.7 1.7l-1.7 1.7l-1.7 -1.7z", **look)


def _name(
    area: str, part: str, point: Value, along: Scale, across: Scale, taken: list[float], room: float
) -> SafeString:
    """The line's name at its end, moved down from names that stand there already."""
    words = svg.wrapped(", ".join(filter(None, (area, part))), room, most=3)
    y = across.at(point.value) + 1
    while any(abs(y - other) < 4.2 * len(words) for other in taken):
        y += 1
    taken.append(y)
    return svg.lines(along.at(point.at) + 4, y, words, step=4, weight=600)


# Sparklines

SPARK = Frame(width=30, label=0, row=7, left=1.6, right=1.6)
JOINED_FROM = 3  # points; fewer are dots


def sparkline(series: Series) -> SafeString:
    """A series as a line without words: the last figure a full dot, those before hollow or a line, the target dashed. Not
    joined across definitions. Empty where no figure is a number."""
    points = [point for point in series.points if point.value is not None]
    if not points:
        return SafeString("")
    ends = [point.value for point in points]
    if series.target is not None:
        ends.append(series.target)
    across = _spark_scale(min(ends), max(ends))
    first, last = points[0].at, points[-1].at
    along = Scale(first if last > first else last - 1, last, SPARK.left, SPARK.width - SPARK.right, ())
    ground = svg.n(SPARK.row)
    parts = [svg.path(f"M0 {ground}H{svg.n(SPARK.width)}", stroke=svg.RULE, stroke_width=".3")]
    if series.target is not None:
        y = svg.n(across.at(series.target))
        parts.append(
            svg.path(f"M0 {y}H{svg.n(SPARK.width)}", stroke=svg.RED, stroke_width=".5", stroke_dasharray="1.4 1")
        )
    joined = len(points) >= JOINED_FROM
    for _, group in itertools.groupby(points, key=lambda point: point.definition):
        parts += _stretch(list(group), along, across, joined=joined)
    parts.append(svg.circle(along.at(last), across.at(points[-1].value), 1.3, fill=svg.DEEP))
    return svg.picture(SPARK.width, SPARK.row, series.words, parts)


def _spark_scale(low: float, high: float) -> Scale:
    """The whole height for what there is; yet it spans a tenth of the largest value, as the scale of a chart does."""
    least = max(abs(low), abs(high)) / 10 or 1
    if high - low < least:
        middle = (high + low) / 2
        low, high = middle - least / 2, middle + least / 2
    return Scale(low, high, SPARK.row - 1.5, 1.5, ())


def _stretch(points: list[Point], along: Scale, across: Scale, *, joined: bool) -> list[SafeString]:
    """The figures of one definition: a line where they are enough, else hollow dots."""
    if joined and len(points) > 1:
        places = (f"{svg.n(along.at(point.at))} {svg.n(across.at(point.value))}" for point in points)
        return [svg.path(f"M{'L'.join(places)}", stroke=svg.DEEP, stroke_width=".7", stroke_linejoin="round")]
    return [
        svg.circle(along.at(p.at), across.at(p.value), 1.05, fill="#ffffff", stroke=svg.DEEP, stroke_width=".5")
        for p in points
    ]
