"""The golden thread of one workstream as a picture: needs on the left, then the workstream, its deliverables, indicators."""

from django.utils.safestring import SafeString

from jcb import svg
from workstreams.models import Workstream

WIDTH, COLUMN, GUTTER = 220.0, 44.0, 14.6
BOX, STEP, MOST = 13.0, 16.0, 9


def thread(workstream: Workstream, needs: list, steps: list, known: list) -> SafeString:
    """Boxes in four columns with the links between them; empty where there is nothing but the workstream."""
    needs, known = needs[:MOST], known[:MOST]
    if not steps:
        return SafeString("")
    height = max(len(needs), len(steps), len(known), 1) * STEP + 2
    middle = height / 2
    stream = (1, middle - BOX / 2)
    left = [(0, y) for y in _rows(len(needs), height)]
    right = [(2, y) for y in _rows(len(steps), height)]
    far = [(3, y) for y in _rows(len(known), height)]
    parts = [_link(place, stream) for place in left]
    parts += [_link(stream, place) for place in right]
    by_reference = {step.reference: place for step, place in zip(steps, right, strict=True)}
    for each, place in zip(known, far, strict=True):
        parts += [_link(by_reference[name], place) for name in each.measures if name in by_reference]
        if not each.measures:
            parts.append(_link(stream, place, over=True))
    parts += [_box(place, need.kind, need.text) for need, place in zip(needs, left, strict=True)]
    parts.append(_box(stream, f"Workstream {workstream.number}", workstream.short_name, dark=True))
    parts += [
        _box(place, f"{step.reference} {step.word}", step.title) for step, place in zip(steps, right, strict=True)
    ]
    parts += [_box(place, "Indicator", each.name) for each, place in zip(known, far, strict=True)]
    return svg.picture(WIDTH, height, _in_words(workstream, needs, steps, known), parts)


def _rows(count: int, height: float) -> list[float]:
    room = height / max(count, 1)
    return [room * place + (room - BOX) / 2 for place in range(count)]


def _at(column: int) -> float:
    return column * (COLUMN + GUTTER)


def _link(one: tuple[int, float], other: tuple[int, float], *, over: bool = False) -> SafeString:
    x1, y1 = _at(one[0]) + COLUMN, one[1] + BOX / 2
    x2, y2 = _at(other[0]), other[1] + BOX / 2
    bend = (x2 - x1) / 2 if not over else GUTTER / 2
    d = f"M{svg.n(x1)} {svg.n(y1)}C{svg.n(x1 + bend)} {svg.n(y1)} {svg.n(x2 - bend)} {svg.n(y2)} {svg.n(x2)} {svg.n(y2)}"
    return svg.path(d, stroke=svg.SOFT if not over else svg.RULE, stroke_width=".5")


def _box(place: tuple[int, float], head: str, words: str, *, dark: bool = False) -> SafeString:
    x, y = _at(place[0]), place[1]
    fill, ink = (svg.DEEP, "#ffffff") if dark else ("#ffffff", svg.INK)
    return svg.joined(
        [
            svg.rect(x, y, COLUMN, BOX, fill=fill, stroke=svg.DEEP, stroke_width=".4"),
            svg.text(x + 1.8, y + 3.9, svg.wrapped(head, COLUMN - 3, size=3, most=1)[0], weight=600, fill=ink, size=3),
            svg.lines(x + 1.8, y + 7.7, svg.wrapped(words, COLUMN - 3, size=2.9, most=2), step=3.6, fill=ink, size=2.9),
        ]
    )


def _in_words(workstream: Workstream, needs: list, steps: list, known: list) -> str:
    unmeasured = [step.reference for step in steps if not any(step.reference in each.measures for each in known)]
    said = [
        f"{len(needs)} needs lead to workstream {workstream.number}, {workstream.short_name}, which leads to "
        f"{len(steps)} deliverables: {', '.join(step.reference for step in steps)}."
    ]
    said += [f"{', '.join(each.measures)} lead to the indicator {each.name}." for each in known if each.measures]
    if unmeasured:
        said.append(f"{', '.join(unmeasured)} have no indicator of their own.")
    return " ".join(said)
