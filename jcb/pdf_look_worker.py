"""The child process that looks at a PDF that somebody handed in; `jcb.pdf_look` starts it and nothing else does.

It stands behind the wall of `jcb.walled`, because a small file can unpack into something enormous. In its folder:

    request.json   {"memory_mb", "seconds"}                     paper.pdf
    answer.json    the fields of `jcb.pdf_look.Look`            mended.pdf, where a page left open what it had opened
                   or {"failure": one word}
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary, Name

from jcb import walled
from jcb.pdf_drawings import annotations, balance, contents, fonts_left_out, has_words

RUNS = {"/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/GoToE", "/Rendition", "/Movie", "/Sound"}
CARRIES = ("/JS", "/JavaScript", "/EmbeddedFiles", "/EF", "/XFA", "/AA", "/RichMedia", "/RichMediaContent")
PLAYS = {"/FileAttachment", "/Movie", "/Sound", "/Screen", "/RichMedia", "/3D"}
NO_COMMENTS = {"/Link", "/Widget", "/Popup", "/PrinterMark", "/TrapNet"}
LOOKED_THROUGH = 1_000  # pages; of a longer file only the number is told


def look(folder: Path) -> dict:
    """What there is to say about the file in the folder."""
    file = folder / "paper.pdf"
    mended = False
    try:
        try:
            pdf = pikepdf.open(file, attempt_recovery=False)
        except pikepdf.PasswordError:
            raise
        except pikepdf.PdfError:
            pdf = pikepdf.open(file)
            mended = True
        with pdf:
            if runs_something(pdf):
                return {"failure": "active"}
            return describe(pdf, folder) | {"damaged": mended}
    except pikepdf.PasswordError:
        return {"failure": "locked"}
    except pikepdf.PdfError as error:
        # The library that reads PDF files says so where it was refused more memory.
        return {"failure": "memory" if "bad_alloc" in str(error) else "broken"}


def runs_something(pdf: pikepdf.Pdf) -> bool:
    """Whether anything in the file runs, plays, or is another file; looked for everywhere, reachable or not."""
    return any(
        str(item.get("/S", "")) in RUNS or str(item.get("/Subtype", "")) in PLAYS or any(key in item for key in CARRIES)
        for item in parts(pdf)
    )


def parts(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    """Every dictionary of a file, those written into others too: a script can stand in the catalogue itself."""
    waiting = list(pdf.objects)
    while waiting:
        item = waiting.pop()
        if isinstance(item, Dictionary | pikepdf.Stream):
            yield item
            waiting += [value for _, value in item.items() if is_inside(value)]
        elif isinstance(item, Array):
            waiting += [value for value in item if is_inside(value)]


def is_inside(value) -> bool:
    return isinstance(value, Dictionary | Array) and not value.is_indirect


def describe(pdf: pikepdf.Pdf, folder: Path) -> dict:
    pages = len(pdf.pages)
    form = pdf.Root.get("/AcroForm")
    fields = len(form.get("/Fields", [])) if isinstance(form, Dictionary) else 0
    said = {
        "pages": pages,
        "secured": pdf.is_encrypted,
        "fields": fields,
        "tagged": False,
        "pictures": [],
        "comments": 0,
        "hidden_layers": 0,
        "fonts_left_out": [],
        "longest_side": 0.0,
        "was_mended": False,
    }
    if not 0 < pages <= LOOKED_THROUGH:
        return said
    all_pages = [page.obj for page in pdf.pages]
    tree, marked = pdf.Root.get("/StructTreeRoot"), pdf.Root.get("/MarkInfo", {}).get("/Marked", False)
    said["tagged"] = bool(marked and isinstance(tree, Dictionary) and "/K" in tree and "/ParentTree" in tree)
    said["pictures"] = [number for number, page in enumerate(all_pages, start=1) if not has_words(page)]
    said["comments"] = sum(
        str(each.get("/Subtype", "")) not in NO_COMMENTS for page in all_pages for each in annotations(page)
    )
    said["hidden_layers"] = hidden_layers(pdf)
    said["fonts_left_out"] = sorted(fonts_left_out(all_pages))[:20]
    said["longest_side"] = max(longest_side(page) for page in all_pages)
    said["was_mended"] = mend(pdf, all_pages)
    if said["was_mended"]:
        pdf.save(folder / "mended.pdf")
    return said


def hidden_layers(pdf: pikepdf.Pdf) -> int:
    layers = pdf.Root.get("/OCProperties")
    if not isinstance(layers, Dictionary):
        return 0
    shown = layers.get("/D", {})
    if shown.get("/BaseState") == Name.OFF:
        return max(0, len(layers.get("/OCGs", [])) - len(shown.get("/ON", [])))
    return len(shown.get("/OFF", []))


def longest_side(page: pikepdf.Object) -> float:
    """In points, by the page's own box or the one it inherits."""
    box = page.get("/MediaBox", [0, 0, 0, 0])
    unit = float(page.get("/UserUnit", 1))
    return unit * max(abs(float(box[2]) - float(box[0])), abs(float(box[3]) - float(box[1])))


def mend(pdf: pikepdf.Pdf, pages: list[pikepdf.Object]) -> bool:
    """Close on each page what it left open, so that nothing of it reaches what is drawn after it."""
    changed = False
    for page in pages:
        before, behind = balance(page)
        if before or behind:
            page.Contents = Array(
                [pdf.make_stream(before + b"\n"), *contents(page), pdf.make_stream(b"\n" + behind + b"\n")]
            )
            changed = True
    return changed


def main(folder: Path) -> None:
    """Answer for the file in the folder; whatever goes wrong is told by one word."""
    request = json.loads((folder / "request.json").read_text())
    walled.lock_down(memory_mb=request["memory_mb"], seconds=request["seconds"])
    try:
        answer = look(folder)
    except MemoryError:
        answer = {"failure": "memory"}
    except Exception as error:  # whatever a file provokes is told, never thrown
        answer = {"failure": "broken", "detail": f"{type(error).__name__}: {error}"[:300]}
    (folder / "answer.json").write_text(json.dumps(answer))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
