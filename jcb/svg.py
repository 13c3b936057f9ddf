"""Pictures from escaped parts: SVG in millimetres, the same on the screen and on paper.

One unit is one millimetre in print. The whole description stands in `<title>`: it is all that the tags of a PDF keep.
Nothing here takes text as safe, and no picture has a style of its own beside its attributes (the site forbids them).
"""

from collections.abc import Iterable

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

INK, SOFT, RULE, TINT = "#18222c", "#475460", "#b9c4ca", "#f0f4f5"
DEEP, MIDDLE, PALE, RED = "#0d4a5a", "#3f7f8c", "#b6cbd0", "#9c1c1c"
SIZE = 3.2

# How wide a letter of the typeface is, in sizes; enough to know where a line must end.
NARROW, WIDE = set("iljtfrI.,:;'’‘|!()[] -"), set("mwMW%@—")


def picture(width: float, height: float, description: str, parts: Iterable[SafeString]) -> SafeString:
    """A whole picture. `description` says everything that it shows."""
    return format_html(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}" role="img" font-family="Source Sans 3" '
        'font-size="{}" fill="{}"><title>{}</title>{}</svg>',
        n(width),
        n(height),
        SIZE,
        INK,
        description,
        joined(parts),
    )


def joined(parts: Iterable[SafeString]) -> SafeString:
    return format_html_join("", "{}", ((part,) for part in parts))


def text(
    x: float,
    y: float,
    words: str,
    *,
    anchor: str = "start",
    weight: int = 400,
    fill: str = INK,
    size: float = SIZE,
) -> SafeString:
    """One line of words; `y` is its baseline."""
    return format_html(
        '<text x="{}" y="{}" text-anchor="{}" font-weight="{}" fill="{}" font-size="{}">{}</text>',
        n(x),
        n(y),
        anchor,
        weight,
        fill,
        n(size),
        words,
    )


def lines(x: float, y: float, parts: Iterable[str], *, step: float = 4.1, **look) -> SafeString:
    """Lines of words, one under the other."""
    return joined(text(x, y + place * step, words, **look) for place, words in enumerate(parts))


def rect(
    x: float, y: float, width: float, height: float, *, fill: str = "none", stroke: str = "none", **more
) -> SafeString:
    """A box; `more` as in `path`."""
    return format_html(
        '<rect x="{}" y="{}" width="{}" height="{}" fill="{}" stroke="{}"{}/>',
        n(x),
        n(y),
        n(max(width, 0)),
        n(height),
        fill,
        stroke,
        _attributes(more),
    )


def path(d: str, *, fill: str = "none", stroke: str = "none", **more) -> SafeString:
    """A line or a shape; `more` are attributes, such as stroke_width=".5", stroke_dasharray="1.6 1.2"."""
    return format_html('<path d="{}" fill="{}" stroke="{}"{}/>', d, fill, stroke, _attributes(more))


def circle(x: float, y: float, radius: float, *, fill: str = "none", stroke: str = "none", **more) -> SafeString:
    return format_html(
        '<circle cx="{}" cy="{}" r="{}" fill="{}" stroke="{}"{}/>',
        n(x),
        n(y),
        n(radius),
        fill,
        stroke,
        _attributes(more),
    )


def width_of(words: str, size: float = SIZE) -> float:
    """About how wide a line of words is."""
    return size * sum(
        0.28 if sign in NARROW else 0.82 if sign in WIDE else 0.6 if sign.isupper() else 0.505 for sign in words
    )


def wrapped(words: str, width: float, *, size: float = SIZE, most: int = 9) -> list[str]:
    """Words as lines of at most that width; what is over after `most` lines ends in an ellipsis."""
    found: list[str] = []
    for word in words.split():
        if found and width_of(f"{found[-1]} {word}", size) <= width:
            found[-1] += f" {word}"
        else:
            found.append(word)
    found = [_cut(line, width, size) for line in found]
    return found if len(found) <= most else [*found[: most - 1], f"{found[most - 1]} …"]


def n(value: float) -> str:
    """A number as an attribute, short."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _cut(line: str, width: float, size: float) -> str:
    """A single word that is wider than its place, cut."""
    if width_of(line, size) <= width * 1.15:
        return line
    while len(line) > 1 and width_of(f"{line}…", size) > width:
        line = line[:-1]
    return f"{line}…"


def _attributes(more: dict[str, str]) -> SafeString:
    return format_html_join("", ' {}="{}"', ((name.replace("_", "-"), value) for name, value in more.items()))
