"""Packs stay whole and readable aloud through the merge: order, tags, links, bookmarks, numbers, and what is refused."""

import io
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, OutlineItem, String

from governance.packs.labels import item_and_page, with_papers
from governance.packs.merge import FAILURES, MergedPack, MergeFailed, Paper, PaperRefused, merge_pack
from governance.papers import intake
from jcb.pdf import RenderedPdf, render_pdf
from tests import tagcheck
from tests.papers import HEADINGS, action, docx_with_styles, link, paragraph, pdf, scan, tagged, text_note

pytestmark = pytest.mark.pdf

BASE = """<html lang="en-GB"><head><title>Meeting pack</title></head><body>
<h1>Meeting pack</h1><p>The cover. <a href="#item-7">Item 7</a></p>
<section style="break-before: page"><h2 id="item-7">7 Therapies</h2><p>To decide.</p></section>
<section style="break-before: page"><h3 id="paper-1">Paper 7.1</h3><table><tr><th scope="row">From</th><td>A commissioner</td></tr></table></section>
<section style="break-before: page"><h2 id="item-8">8 Autism</h2><p>To note.</p></section>
<section style="break-before: page"><h3 id="paper-2">Paper 8.1</h3><p>The paper follows.</p></section>
<section style="break-before: page"><h2 id="item-9">9 Any other business</h2><p>None.</p></section>
</body></html>"""
ITEMS = ["", "7", "7", "8", "8", "9"]


@pytest.fixture(scope="session")
def base() -> RenderedPdf:
    rendered = render_pdf(BASE)
    assert rendered.pages == len(ITEMS)
    return rendered


@pytest.fixture
def merge(base, tmp_path):
    """Put papers behind the two dividers, the first behind that of item 7, and further ones behind that of item 8."""

    def merged(*contents: bytes, foot: str = "Board, 28 September 2020") -> MergedPack:
        papers = []
        for number, content in enumerate(contents, start=1):
            file = tmp_path / f"{number}.pdf"
            file.write_bytes(content)
            place, item = ("paper-1", "7") if number == 1 else ("paper-2", "8")
            papers.append(Paper(f"paper-{number}", file, f"Paper number {number}", base.anchors[place], item))
        return merge_pack(base=base.content, items=ITEMS, papers=papers, foot=foot)

    return merged


def opened(pack: MergedPack) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(pack.content))


def faults(pack: MergedPack) -> list[str]:
    """What is wrong with the tags, by our own look at them."""
    tags = tagcheck.read_tags(pack.content)
    return [
        f"{name}: {found}"
        for name in (
            "unresolved_headers",
            "repeated_ids",
            "wrong_parents",
            "marks_without_element",
            "elements_without_mark",
            "figures_without_words",
        )
        if (found := getattr(tags, name))
    ]


def breaks_rules(pack: MergedPack) -> list[str]:
    """The rules of PDF/UA-1 that it breaks, by veraPDF."""
    verapdf = pytest.importorskip("tests.verapdf")
    return [f"{each.rule}: {each.message} at {each.where}" for each in verapdf.judge(pack.content)]


def elements(pdf_file: pikepdf.Pdf, kind: str) -> list[pikepdf.Object]:
    """All elements of a kind, in reading order."""
    found = []

    def walk(element):
        if not isinstance(element, Dictionary) or "/S" not in element:
            return
        if str(element.S) == kind:
            found.append(element)
        inner = element.get("/K", [])
        for kid in inner if isinstance(inner, Array) else [inner]:
            walk(kid)

    walk(pdf_file.Root.StructTreeRoot.K[0])
    return found


def headings(pack: MergedPack) -> list[int]:
    """The levels of all headings in reading order."""
    levels = []
    with opened(pack) as made:

        def walk(element):
            if not isinstance(element, Dictionary) or "/S" not in element:
                return
            if str(element.S)[1:] in {"H1", "H2", "H3", "H4", "H5", "H6"}:
                levels.append(int(str(element.S)[2]))
            inner = element.get("/K", [])
            for kid in inner if isinstance(inner, Array) else [inner]:
                walk(kid)

        walk(made.Root.StructTreeRoot.K[0])
    return levels


def bookmarks(pack: MergedPack) -> list:
    """(title, page) with what is below, as nested lists."""
    with opened(pack) as made:
        pages = {page.obj.objgen: number for number, page in enumerate(made.pages, start=1)}

        def rows(items):
            return [
                (row.title, pages[row.destination[0].objgen], rows(row.children))
                if row.children
                else (row.title, pages[row.destination[0].objgen])
                for row in items
            ]

        with made.open_outline() as outline:
            return rows(outline.root)


# Whole packs


def test_a_pack_of_tagged_untagged_and_scanned_papers_is_pdf_ua(merge):
    pack = merge(tagged(), tagged(language="cy"), scan(pages=2))
    assert faults(pack) == []
    assert breaks_rules(pack) == []


def test_papers_stand_behind_their_own_dividers_and_every_page_has_both_numbers(merge):
    pack = merge(tagged(), scan(), scan(pages=2))
    assert pack.labels == ("", "7.1", "7.2", "7.3", "7.4", "8.1", "8.2", "8.3", "8.4", "8.5", "9.1")
    assert pack.first_pages == {"paper-1": 4, "paper-2": 8, "paper-3": 9}
    assert pack.pages == 11
    with opened(pack) as made:
        last = b"".join(each.read_bytes() for each in made.pages[10].obj.Contents)
        assert last.rstrip().endswith(b"EMC")
        assert b"/Artifact" in last
        labels = made.Root.PageLabels.Nums
        assert [labels[n] for n in range(0, len(labels), 2)] == [0, 1, 5, 10]
        assert (str(labels[3].P), labels[3].St) == ("7.", 1)


def test_the_same_input_gives_the_same_bytes(merge):
    papers = (tagged(), scan())
    assert merge(*papers).content == merge(*papers).content


def test_without_papers_the_base_is_stamped_and_stays_pdf_ua(merge):
    pack = merge()
    assert pack.labels == ("", "7.1", "7.2", "8.1", "8.2", "9.1")
    assert faults(pack) == []
    assert breaks_rules(pack) == []


def test_several_papers_behind_one_divider_keep_their_order_in_pages_and_tags(merge):
    pack = merge(tagged(), tagged("<h1>Second</h1>"), tagged("<h1>Third</h1>"))
    with opened(pack) as made:
        assert [str(part.T) for part in elements(made, "/Part")] == [f"Paper number {n}" for n in (1, 2, 3)]
    assert faults(pack) == []


# Tags


def test_each_paper_is_a_part_with_its_title_and_language_between_its_divider_and_the_next_item(merge):
    with opened(merge(tagged(language="cy"))) as made:
        (part,) = elements(made, "/Part")
        assert (str(part.T), str(part.Lang)) == ("Paper number 1", "cy")
        assert elements(made, "/Document") == [elements(made, "/Document")[0]]


def test_headings_of_a_paper_come_below_its_divider_and_never_leave_out_a_level(merge):
    pack = merge(tagged("<h1>One</h1><h2>Two</h2><h3>Three</h3><h1>Again</h1>"), tagged("<h3>Deep</h3><h1>High</h1>"))
    assert headings(pack) == [1, 2, 3, 4, 5, 6, 4, 2, 3, 4, 4, 2]
    assert breaks_rules(pack) == []


def test_identifiers_of_two_papers_that_are_alike_are_kept_apart_with_what_names_them(merge):
    pack = merge(tagged(), tagged())
    assert faults(pack) == []
    with opened(pack) as made:
        ids = [bytes(each) for each in made.Root.StructTreeRoot.IDTree.Names if isinstance(each, String)]
        assert ids == sorted(set(ids))


def test_types_and_classes_that_mean_different_things_in_two_papers_are_kept_apart(merge):
    def own_types(meaning: str) -> bytes:
        with pikepdf.open(io.BytesIO(tagged("<p>Words</p>"))) as made:
            tree = made.Root.StructTreeRoot
            tree.RoleMap = Dictionary({"/Kasten": Name(meaning)})
            tree.ClassMap = Dictionary({"/Wide": Dictionary(O=Name.Layout, TextAlign=Name.Center)})
            paragraph_element = elements(made, "/P")[0]
            paragraph_element.S = Name.Kasten
            paragraph_element.C = Name.Wide
            out = io.BytesIO()
            made.save(out)
        return out.getvalue()

    pack = merge(own_types("/P"), own_types("/Note"))
    with opened(pack) as made:
        roles = made.Root.StructTreeRoot.RoleMap
        assert {str(meaning) for name, meaning in roles.items() if name.startswith("/Kasten")} == {"/P", "/Note"}
        assert len(elements(made, "/Kasten")) == 1
        assert "/Wide" in made.Root.StructTreeRoot.ClassMap


def test_pages_without_tags_become_pictures_with_words_in_their_stead(merge):
    pack = merge(scan(pages=2))
    with opened(pack) as made:
        figures = elements(made, "/Figure")
        assert [str(figure.Alt)[:34] for figure in figures] == [
            "Paper number 1, page 1 of 2. This ",
            "Paper number 1, page 2 of 2. This ",
        ]


def test_marks_left_over_in_a_paper_without_tags_are_taken_out(merge):
    def leave_marks(made):
        made.pages[0].obj.Contents = made.make_stream(
            b"/Artifact BMC 0 0 10 10 re f EMC /P <</MCID 0>> BDC 9 9 5 5 re f EMC"
        )
        made.pages[0].obj.StructParents = 0

    pack = merge(pdf(leave_marks))
    assert faults(pack) == []
    with opened(pack) as made:
        drawn = b"".join(each.read_bytes() for each in made.pages[3].obj.Contents)
    assert drawn.count(b"BDC") == 2  # ours around the picture, and the stamp's
    assert b"BMC" not in drawn


# Links and bookmarks


def test_links_of_papers_still_lead_where_they_led(merge):
    pack = merge(tagged(), tagged())
    with opened(pack) as made:
        pages = {page.obj.objgen: number for number, page in enumerate(made.pages, start=1)}
        leads = [
            pages[annotation.Dest[0].objgen]
            for page in (made.pages[3], made.pages[7])
            for annotation in page.obj.get("/Annots", [])
        ]
        assert leads == [5, 9]


def test_named_destinations_of_papers_are_kept_apart(merge):
    def named(made):
        made.Root.Names = Dictionary(
            Dests=Dictionary(Names=Array([String("end"), Array([made.pages[1].obj, Name.Fit])]))
        )
        link(made, Dest=String("end"))

    pack = merge(pdf(named, pages=2), pdf(named, pages=2))
    with opened(pack) as made:
        names = made.Root.Names.Dests.Names
        found = [str(names[place]) for place in range(0, len(names), 2)]
        assert {"paper-1-end", "paper-2-end", "item-7"} <= set(found)
        pages = {page.obj.objgen: number for number, page in enumerate(made.pages, start=1)}
        assert [pages[made.pages[n].obj.Annots[0].Dest[0].objgen] for n in (3, 7)] == [5, 9]
    assert faults(pack) == []


@pytest.mark.parametrize(
    "given",
    [
        {"A": action(S=Name.Launch, F=String("calc.exe"))},
        {"A": action(S=Name.JavaScript, JS=String("app.alert(1)"))},
        {"A": action(S=Name.GoToR, F=String("other.pdf"), D=Array([0, Name.Fit]))},
        {"A": action(S=Name.URI, URI=String("javascript:alert(1)"))},
        {"A": action(S=Name.URI, URI=String("file:///etc/passwd"))},
        {"A": action(S=Name.URI, URI=String("https://x.example/"), Next=action(S=Name.JavaScript, JS=String("x")))},
        {"AA": Dictionary(E=action(S=Name.JavaScript, JS=String("x")))},
        {"PA": action(S=Name.Launch, F=String("calc.exe"))},
    ],
    ids=str,
)
def test_nothing_that_runs_or_opens_files_comes_into_a_pack(merge, given):
    def act(made):
        link(made, **given)
        made.Root.OpenAction = action(S=Name.JavaScript, JS=String("x"))
        made.pages[0].obj.AA = Dictionary(O=action(S=Name.JavaScript, JS=String("x")))

    pack = merge(pdf(act))
    with opened(pack) as made:
        for item in made.objects:
            if isinstance(item, Dictionary | pikepdf.Stream):
                text = item.unparse(resolved=True)
                for word in (b"JavaScript", b"javascript", b"/Launch", b"/GoToR", b"file:", b"/AA", b"/PA"):
                    assert word not in text
    assert faults(pack) == []


def test_comments_do_not_come_into_a_pack(merge):
    with opened(merge(pdf(text_note))) as made:
        assert "/Annots" not in made.pages[3].obj


def test_what_a_paper_hides_in_layers_stays_hidden(merge):
    def hide(made):
        layer = made.make_indirect(Dictionary(Type=Name.OCG, Name=String("Draft")))
        made.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=Dictionary(OFF=Array([layer])))
        made.pages[0].obj.Resources.Properties = Dictionary(Layer=layer)

    with opened(merge(pdf(hide))) as made:
        layer = made.pages[3].obj.Resources.Properties.Layer
        assert [each.objgen for each in made.Root.OCProperties.D.OFF] == [layer.objgen]


def test_every_item_has_a_bookmark_with_both_numbers_and_its_papers_below(merge):
    def mark(made):
        with made.open_outline() as outline:
            outline.root.append(OutlineItem("Costs", 1))

    pack = merge(pdf(mark, pages=2), scan())
    assert bookmarks(pack) == [
        ("Meeting pack (page 1)", 1, [
            ("7 Therapies (7.1, page 2)", 2, [("Paper 7.1 (7.2, page 3)", 3, [("Costs (7.4, page 5)", 5)])]),
            ("8 Autism (8.1, page 6)", 6, [("Paper 8.1 (8.2, page 7)", 7, [("Paper number 2 (8.3, page 8)", 8)])]),
            ("9 Any other business (9.1, page 9)", 9),
        ]),
    ]  # fmt: skip


# The look of pages


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_the_stamp_stands_at_the_foot_of_turned_and_cropped_pages(merge, turn):
    def turned(made):
        made.pages[0].obj.Rotate = turn
        made.pages[0].obj.CropBox = Array([600, 850, 100, 50])

    with opened(merge(pdf(turned))) as made:
        drawn = made.pages[3].obj.Contents[-1].read_bytes()
        matrix = {0: b"1 0 0 1 100 50", 90: b"0 1 -1 0 600 50", 180: b"-1 0 0 -1 600 850", 270: b"0 -1 1 0 100 850"}
        assert b"q " + matrix[turn] + b" cm" in drawn


def test_a_pack_can_be_a_paper_of_another_pack(merge):
    pack = merge(merge(scan(), foot="Żółć").content)
    assert faults(pack) == []
    assert breaks_rules(pack) == []


# What is refused


@pytest.mark.parametrize(
    ("made", "word"),
    [
        (lambda: pdf(encryption=pikepdf.Encryption(user="secret", owner="secret")), "locked"),
        (lambda: pdf(encryption=pikepdf.Encryption(user="", owner="secret")), "secured"),
        (lambda: b"%PDF-1.7 and nothing more", "broken"),
        (lambda: b"", "broken"),
        (lambda: pdf(pages=0), "empty"),
        (lambda: pdf(lambda p: setattr(p.Root, "AcroForm", Dictionary(Fields=Array([Dictionary(T=String("a"))])))), "form"),
    ],
    ids=["locked", "secured", "broken", "nothing", "empty", "form"],
)  # fmt: skip
def test_a_paper_that_cannot_be_joined_is_named_and_refused_with_a_sentence(merge, made, word):
    with pytest.raises(PaperRefused) as refused:
        merge(scan(), made())
    assert refused.value.paper == "paper-2"
    assert str(refused.value) == FAILURES[word]


def test_tags_that_lead_in_a_circle_are_refused(merge):
    def circle() -> bytes:
        with pikepdf.open(io.BytesIO(tagged("<div><p>Words</p></div>"))) as made:
            top = made.Root.StructTreeRoot.K[0]
            top.K.append(top)
            division = top.K[0]
            division.K = Array([division])
            out = io.BytesIO()
            made.save(out)
        return out.getvalue()

    with pytest.raises(PaperRefused, match="lead in a circle"):
        merge(circle())


def test_a_merge_that_takes_too_long_is_stopped(merge, settings):
    settings.PACK_SECONDS = 0
    with pytest.raises(MergeFailed, match="after 0 seconds"):
        merge(scan())


def test_papers_out_of_order_are_a_mistake_of_ours(base, tmp_path):
    papers = [Paper("a", Path("a.pdf"), "A", 5), Paper("b", Path("b.pdf"), "B", 3)]
    with pytest.raises(ValueError, match="in the order"):
        merge_pack(base=base.content, items=ITEMS, papers=papers)


# Papers from Word


@pytest.mark.office
def test_a_paper_from_word_keeps_the_pack_pdf_ua(merge):
    body = "".join(
        paragraph(words, style=style)
        for words, style in (("Therapies", "Heading1"), ("Three start.", ""), ("Money", "Heading3"), ("None.", ""))
    )
    rows = "".join(
        f"<w:tr>{''.join(f'<w:tc><w:tcPr/>{paragraph(cell)}</w:tc>' for cell in row)}</w:tr>"
        for row in (("Year", "Children"), ("2019", "617"))
    )
    table = f"<w:tbl><w:tblPr/><w:tblGrid><w:gridCol/><w:gridCol/></w:tblGrid>{rows}</w:tbl>"
    taken = intake.take_in(docx_with_styles(body + table + paragraph("The end."), HEADINGS))
    pack = merge(taken.pages)
    assert faults(pack) == []
    assert breaks_rules(pack) == []
    assert headings(pack)[3:5] == [4, 5]


# Labels


def test_pages_are_counted_within_their_item_whatever_stands_between():
    assert item_and_page(["", "1", "1", "", "2", "7A", "1"]) == ["", "1.1", "1.2", "", "2.1", "7A.1", "1.3"]


def test_papers_lengthen_their_item_at_their_place():
    assert with_papers(["", "1", "2"], [(2, "1", 2), (3, "2", 1)]) == ["", "1", "1", "1", "2", "2"]
