"""The little Markdown that people may type, and everything else as the text that it is."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jcb.markdown import is_safe_link, to_html

ALLOWED = {"p", "ul", "ol", "li", "strong", "em", "a", "br"}


class Tags(HTMLParser):
    """The tags, attributes and words of a piece of HTML."""

    def __init__(self, html: str):
        super().__init__()
        self.tags, self.attributes, self.words = [], [], ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.words += data


@pytest.mark.parametrize(
    ("typed", "html"),
    [
        ("", ""),
        ("One.\n\nTwo.", "<p>One.</p>\n<p>Two.</p>\n"),
        ("**Bold** and *leaning*", "<p><strong>Bold</strong> and <em>leaning</em></p>\n"),
        ("- one\n- two", "<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n"),
        ("1. one\n2. two", "<ol>\n<li>one</li>\n<li>two</li>\n</ol>\n"),
        ("[Offer](https://offer.example/)", '<p><a href="https://offer.example/">Offer</a></p>\n'),
        (r"\*not leaning\*", "<p>*not leaning*</p>\n"),
    ],
)
def test_paragraphs_lists_bold_emphasis_and_links_are_understood(typed, html):
    assert to_html(typed) == html


@pytest.mark.parametrize(
    "typed",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "# Not a heading",
        "> not a quotation",
        "`not code`",
        "![not a picture](https://x.example/y.png)",
        "<https://not.a.link/>",
        "| not | a table |",
        "---",
        "&lt;script&gt;",
    ],
)
def test_everything_else_is_read_as_it_was_typed(typed):
    found = Tags(to_html(typed))
    assert set(found.tags) <= {"p", "a"}
    assert re.sub(r"\W", "", typed.split("](")[0]) in re.sub(r"\W", "", found.words)
    assert "src" not in dict(found.attributes)


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "http://plain.example/",
        "file:///etc/passwd",
        "//elsewhere.example/",
        "/admin/",
        "https://",
        "https://bank.example@evil.example/",
        "https://[::1",
        "asset:print.css",
        "",
    ],
)
def test_a_link_leads_nowhere_but_to_https(address):
    assert not is_safe_link(address)
    assert "a" not in Tags(to_html(f"[words]({address})")).tags


def test_words_nested_deeper_than_anyone_means_are_shown_as_typed():
    typed = "\n".join("  " * depth + f"- level {depth}" for depth in range(8))
    html = to_html(typed)
    assert Tags(html).tags == ["p"]
    assert "level 7" in html


def test_three_levels_of_lists_are_still_lists():
    assert Tags(to_html("- one\n  - two\n    - three")).tags.count("ul") == 3


@pytest.mark.parametrize("typed", ["*" * 20_000, "[" * 20_000, "- " * 5_000, "**a" * 5_000, "[a](" * 5_000])
def test_text_made_to_keep_the_reader_busy_is_answered_all_the_same(typed):
    assert to_html(typed)


@given(st.text(max_size=300))
def test_whatever_is_typed_only_our_own_tags_come_out(typed):
    found = Tags(to_html(typed))
    assert set(found.tags) <= ALLOWED
    for name, value in found.attributes:
        assert name in {"href", "start", "title"}
        assert name != "href" or is_safe_link(value)
