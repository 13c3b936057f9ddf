"""Merge a 400-page pack of 40 papers, and append the same files bare with pikepdf, in interleaved rounds.

    python bench/pack.py             7 rounds; prints the middle ratio, the lowest and highest, and the memory
    python bench/pack.py 3           as many rounds

Each measurement is a child process of its own, timed inside from the opening of the first file to the saved pack; its
peak of memory is the child's own. The bare append drops every tag, link and bookmark: it is the floor, not a rival.
Drawing the pack's own pages, and turning a Word paper into pages, are measured apart.
"""

import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from dataclasses import dataclass
from pathlib import Path

import pikepdf

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

PAPERS, KINDS, SECTIONS, ITEMS = 40, 8, 12, 10
MOST_TIMES, MOST_MB = 5.0, 600
WORDS = (
    "review therapy school child family service budget partner board waiting autism speech plan nurse team local health"
).split()


@dataclass(frozen=True)
class Measured:
    """One child: seconds, megabytes at its peak, and the pages it wrote."""

    seconds: float
    megabytes: float
    pages: int


def words(dice: random.Random, count: int) -> str:
    return " ".join(dice.choice(WORDS) for _ in range(count)).capitalize() + "."


def page(title: str, body: str) -> str:
    return (
        f'<html lang="en-GB"><head><title>{title}</title><link rel="stylesheet" href="asset:print.css"></head>'
        f"<body>{body}</body></html>"
    )


def paper(number: int) -> str:
    """A paper of nine pages as they come: headings, paragraphs, links, lists, and a table on every third page."""
    dice = random.Random(number)  # noqa: S311 -- the same words every time
    parts = [
        f'<h1>Paper {number}</h1><p><a href="#s{SECTIONS - 1}">The end</a> and <a href="https://board.example/">more</a></p>'
    ]
    for section in range(SECTIONS):
        parts.append(
            f'<h2 id="s{section}">{words(dice, 4)}</h2>' + "".join(f"<p>{words(dice, 90)}</p>" for _ in range(2))
        )
        if section % 2 == 0:
            parts.append("<ul>" + "".join(f"<li>{words(dice, 12)}</li>" for _ in range(5)) + "</ul>")
        if section % 3 == 0:
            rows = "".join(
                f'<tr><th scope="row">{2010 + row}</th><td>{words(dice, 2)}</td><td>{dice.randint(5, 900)}</td></tr>'
                for row in range(12)
            )
            head = '<tr><th scope="col">Year</th><th scope="col">Place</th><th scope="col">Children</th></tr>'
            parts.append(f"<table><caption>Figures</caption><thead>{head}</thead><tbody>{rows}</tbody></table>")
    return page(f"Paper {number}", "".join(parts))


def own_pages() -> str:
    """The pack's own part: a page for each item, and a divider for each paper."""
    per_item = PAPERS // ITEMS
    parts = ["<h1>Pack</h1>"]
    for number in range(PAPERS):
        if number % per_item == 0:
            item = number // per_item + 1
            parts.append(
                f'<section style="break-before: page"><h2 id="item-{item}">{item} Item</h2><p>To decide.</p></section>'
            )
        parts.append(
            f'<section style="break-before: page"><h3 id="paper-{number}">Paper {number}</h3>'
            '<table><caption>Paper</caption><tr><th scope="row">From</th><td>Commissioner</td></tr></table></section>'
        )
    return page("Pack", "".join(parts))


def prepare(folder: Path) -> None:
    """Draw the pack's own part and the papers, and write the worker's request, all into a folder."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jcb.settings")
    import django  # noqa: PLC0415 -- the children that are measured do without

    django.setup()
    from governance.packs.merge import Paper, write_request  # noqa: PLC0415 -- after Django
    from jcb.pdf import render_pdf  # noqa: PLC0415 -- after Django

    kinds = [render_pdf(paper(kind)).content for kind in range(KINDS)]
    start = time.perf_counter()
    base = render_pdf(own_pages())
    print(f"Apart: the pack's own {base.pages} pages drawn in {time.perf_counter() - start:.1f} s", flush=True)
    convert()
    papers = []
    per_item = PAPERS // ITEMS
    for number in range(PAPERS):
        file = folder / f"paper-{number:02}.pdf"
        file.write_bytes(kinds[number % KINDS])
        after, item = base.anchors[f"paper-{number}"], str(number // per_item + 1)
        papers.append(Paper(f"paper-{number}", file, f"Paper {number}", after, item))
    items, now = [], ""
    begins = {base.anchors[f"item-{item}"]: str(item) for item in range(1, ITEMS + 1)}
    for number in range(1, base.pages + 1):
        now = begins.get(number, now)
        items.append(now)
    write_request(folder, base=base.content, items=items, papers=papers, foot="Board, 28 September 2020")


def convert() -> None:
    """Say how long one Word paper of some ten pages takes to become pages."""
    from governance.papers import office  # noqa: PLC0415 -- after Django
    from tests import papers  # noqa: PLC0415 -- after Django

    if not office.is_available():
        print("Apart: no Word paper was turned into pages, LibreOffice is not here", flush=True)
        return
    dice = random.Random(1)  # noqa: S311 -- the same words every time
    word = papers.docx("".join(papers.paragraph(words(dice, 90)) for _ in range(60)))
    start = time.perf_counter()
    office.pages_of(word, "docx")
    print(f"Apart: a Word paper turned into pages in {time.perf_counter() - start:.1f} s", flush=True)


def append_bare(folder: Path) -> pikepdf.Pdf:
    """What pikepdf does by itself: all pages, one file after the other."""
    pack = pikepdf.open(folder / "base.pdf")
    for file in sorted(folder.glob("paper-*.pdf")):
        with pikepdf.open(file) as source, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that tags and links are lost is the point
            pack.pages.extend(source.pages)
    pack.save(folder / "bare.pdf")
    return pack


def child(what: str, folder: Path) -> None:
    """Do one of the two, and print how long it took, how much memory, and how many pages."""
    if what == "merge":
        from governance.packs import merge_worker  # noqa: PLC0415 -- loading is not what is measured
    start = time.perf_counter()
    pack = merge_worker.main(folder) if what == "merge" else append_bare(folder)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "linux" else 1024 * 1024)
    print(json.dumps([seconds, peak, len(pack.pdf.pages if what == "merge" else pack.pages)]), flush=True)
    os._exit(0)  # as the worker does


def measure(what: str, folder: Path) -> Measured:
    command = [sys.executable, str(Path(__file__).resolve()), what, str(folder)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)  # noqa: S603 -- itself
    return Measured(*json.loads(done.stdout))


def rounds(count: int) -> list[tuple[Measured, Measured]]:
    """So many rounds of (bare append, merge), after one that only warms up."""
    with tempfile.TemporaryDirectory(prefix="jcb-pack-bench-") as name:
        folder = Path(name)
        prepare(folder)
        return [(measure("bare", folder), measure("merge", folder)) for _ in range(count + 1)][1:]


def report(taken: list[tuple[Measured, Measured]]) -> bool:
    """Print the figures; whether they are within what was promised."""
    ratios = sorted(ours.seconds / bare.seconds for bare, ours in taken)
    middle, most = statistics.median(ratios), max(ours.megabytes for _, ours in taken)
    print(
        f"Pack of {taken[0][1].pages} pages and {PAPERS} papers: merged in {middle:.2f} times the bare append "
        f"({ratios[0]:.2f} to {ratios[-1]:.2f}; at most {MOST_TIMES:g}), "
        f"{statistics.median(o.seconds for _, o in taken):.2f} s against {statistics.median(b.seconds for b, _ in taken):.2f} s; "
        f"{most:.0f} MB (bare {max(b.megabytes for b, _ in taken):.0f}; at most {MOST_MB})",
        flush=True,
    )
    return middle <= MOST_TIMES and most < MOST_MB


if __name__ == "__main__":
    if sys.argv[1:2] in (["bare"], ["merge"]):
        child(sys.argv[1], Path(sys.argv[2]))
    else:
        sys.exit(0 if report(rounds(int(sys.argv[1]) if sys.argv[1:] else 7)) else 1)
