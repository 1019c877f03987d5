"""What is left of the HTML that people's clients send, so that it is fit for a page of ours.

nh3 parses it as a browser does and keeps what structures a text: no images, nothing that is loaded
from elsewhere, no classes, styles or ids. What is left also has to be well made (lists hold items,
links hold a text …), so that it breaks neither the page around it nor what a screen reader says of
it. Where it is not, or is too long or nested too deep, the plain text is shown instead.
"""

from __future__ import annotations

import re
from functools import cache
from html import unescape
from typing import TYPE_CHECKING

from fosdembot.texts.harmless import harmless

# Where it is needed, it is imported: it takes a megabyte and a half of memory.
if TYPE_CHECKING:
    import nh3

LONGEST = 32_768
"""Characters. A Matrix event has no more than 65,536 bytes, which hold the plain text as well."""
MOST_TAGS = 1000
"""Opening and closing ones: parsing may take time that grows with their square."""
DEEPEST = 16
LONGEST_URL = 2000

_TAGS = frozenset(
    {
        *("a", "b", "blockquote", "br", "code", "del", "div", "em", "hr", "i", "li", "ol", "p"),
        *("h1", "h2", "h3", "h4", "h5", "h6", "pre", "s", "strong", "sub", "sup", "u", "ul"),
        *("table", "tbody", "td", "th", "thead", "tr"),
    }
)
_GONE = frozenset({"mx-reply", "script", "style", "template", "title", "textarea", "noscript"})
"""Gone with what is in them. A reply's quote (`mx-reply`) is shown from the message itself."""
_VOID = frozenset({"br", "hr"})
_LISTS = frozenset({"ol", "ul"})
_WITH_TEXT = frozenset({"a", "th", "li"})

_REL = "noopener nofollow noreferrer"
_URL = re.compile(
    r"(?i)(?:https?://[^\s/?#@\\<>\"]+(?:[/?#][^\s\\<>\"]*)?|(?:mailto|matrix):[^\s\\<>\"]+)"
)
"""Absolute, and no name before the host, which would pass for it."""
_IMAGE = re.compile(r"<img\b[^<>]*>", re.IGNORECASE)
_ALT = re.compile(r"""\balt=(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_TOKEN = re.compile(r"<(/?)([a-z0-9]+)[^>]*>|([^<]+)")
_PRE = re.compile("<pre>\n+")
_HEADING = re.compile(r"<(/?)h[1-6]>")
_BOLD = {"": "<div><strong>", "/": "</strong></div>"}


def _attribute(_tag: str, name: str, value: str) -> str | None:
    if name == "rel":
        return value  # ours
    if name == "href":
        return value if len(value) <= LONGEST_URL and _URL.fullmatch(value) else None
    return value if value.isascii() and value.isdecimal() and len(value) < 7 else None


@cache
def _cleaner() -> nh3.Cleaner:
    import nh3

    return nh3.Cleaner(
        tags=set(_TAGS),
        clean_content_tags=set(_GONE),
        attributes={"a": {"href"}, "ol": {"start"}},
        attribute_filter=_attribute,
        link_rel=_REL,
        url_schemes={"http", "https", "mailto", "matrix"},
        url_relative="deny",
    )


def clean(html: str) -> str | None:
    """`html`, harmless and well made; None where the plain text is to be shown instead.

    What was cleaned before stays as it is.
    """
    if len(html) > LONGEST or html.count("<") > MOST_TAGS:
        return None
    if "<img" in html or "<IMG" in html:
        html = _IMAGE.sub(_alternative, html)
    once = _cleaned(html)
    # Tags that went may have parted others that cannot stand in one another.
    cleaned = once if once == html else _cleaned(once)
    if cleaned != once and _cleaned(cleaned) != cleaned:
        return None
    return cleaned if _is_well_made(cleaned) else None


def _cleaned(html: str) -> str:
    # The parser puts in what is written as an entity.
    cleaned = harmless(_cleaner().clean(harmless(html)))
    if "<h" in cleaned:
        # The headings of the page are ours.
        cleaned = _HEADING.sub(lambda found: _BOLD[found[1]], cleaned)
    # No link any more.
    cleaned = cleaned.replace(f'<a rel="{_REL}">', "<a>")
    # A parser leaves out the first line break in there, each time.
    return _PRE.sub("<pre>", cleaned).strip()


def _alternative(image: re.Match[str]) -> str:
    """The text that stands for an image, such as a custom emoji."""
    alt = _ALT.search(image[0])
    if alt is None:
        return ""
    import nh3

    return nh3.clean_text(unescape(alt[1] or alt[2] or ""))


def _is_well_made(html: str) -> bool:
    """Whether it says something, and what is nested fits. `html` is as nh3 writes it."""
    open_tags: list[str] = []
    empty: list[str] = []  # those of them that need a text, and have none yet
    says_something = False
    for closes, tag, text in _TOKEN.findall(html):
        if text:
            if text.isspace():
                continue
            if open_tags and open_tags[-1] in _LISTS:
                return False
            says_something = True
            empty.clear()
        elif closes:
            open_tags.pop()
            if tag in _WITH_TEXT and empty:
                return False
        elif tag in _VOID:
            if open_tags and open_tags[-1] in _LISTS:
                return False
        else:
            in_list = bool(open_tags) and open_tags[-1] in _LISTS
            if in_list != (tag == "li"):
                return False
            open_tags.append(tag)
            if len(open_tags) > DEEPEST:
                return False
            if tag in _WITH_TEXT:
                empty.append(tag)
    # Headers of a table say what the data below are.
    return says_something and ("<th>" not in html or "<td>" in html)
