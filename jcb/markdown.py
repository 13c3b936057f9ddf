"""The little Markdown that people may type: paragraphs, lists, bold, emphasis and links to https addresses.

Everything else stays as it was typed and can be read as such: HTML, pictures, headings, code. The result is safe HTML for
the screen and for print; this is one of the few places that may call text safe, so read changes to it twice.
"""

from urllib.parse import urlsplit

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

DEEPEST_LIST = 3
DEEPEST_EMPHASIS = 6


def to_html(text: str) -> SafeString:
    """Markdown as safe HTML; empty text gives an empty string.

    Lists are up to three deep. What is nested deeper is not meant by anyone and could hold up the making of a PDF: such
    a text is shown as it was typed, so that no word is lost; so is one with a link that has no address.
    """
    tokens = _READER.parse(text)
    if _too_deep(tokens) or _leads_nowhere(tokens):
        return format_html("<p>{}</p>", text)
    html = _READER.renderer.render(tokens, _READER.options, {})
    return mark_safe(html)  # noqa: S308 -- the renderer escaped every piece of text, and makes no tag but its own


def is_safe_link(address: str) -> bool:
    """Whether a link may lead there: https, a host, and no user name that could pass for the host."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc


def _reader() -> MarkdownIt:
    reader = MarkdownIt("zero", {"html": False, "maxNesting": 100})
    reader.enable(["list", "emphasis", "link", "escape"])
    reader.validateLink = is_safe_link
    return reader


def _too_deep(tokens) -> bool:
    lists = deepest = 0
    for token in tokens:
        if token.type in {"bullet_list_open", "ordered_list_open"}:
            lists += 1
            deepest = max(deepest, lists)
        elif token.type in {"bullet_list_close", "ordered_list_close"}:
            lists -= 1
    emphasis = max((inner.level for token in tokens for inner in token.children or ()), default=0)
    return deepest > DEEPEST_LIST or emphasis > DEEPEST_EMPHASIS


def _leads_nowhere(tokens) -> bool:
    inner = (each for token in tokens for each in token.children or ())
    return any(each.type == "link_open" and not each.attrGet("href") for each in inner)


_READER = _reader()
