"""What is left of people's HTML is harmless, well made and bounded."""

from __future__ import annotations

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fosdembot.transcripts.clean_html import DEEPEST, LONGEST, MOST_TAGS, clean


def parsed(html: str) -> None:
    """Raises where a browser would have to guess."""
    page = f'<!DOCTYPE html><html lang="en"><title>x</title><div>{html}</div></html>'
    html5lib.HTMLParser(strict=True).parse(page)


@pytest.mark.parametrize(
    ("html", "left"),
    [
        ("<b>Hi</b> &amp; <i>you</i>", "<b>Hi</b> &amp; <i>you</i>"),
        ("<p>one<p>two", "<p>one</p><p>two</p>"),
        ('<ol start="3"><li>c</ol>', '<ol start="3"><li>c</li></ol>'),
        ('<ol start="-1 x"><li>c</ol>', "<ol><li>c</li></ol>"),
        ('<pre><code class="language-py">x = 1\n</code></pre>', "<pre><code>x = 1\n</code></pre>"),
        ('<p id="top" class="x" style="color: red" onclick="x()">t</p>', "<p>t</p>"),
        ('<font color="red" data-mx-color="#f00">t</font>', "t"),
        ("<mx-reply><blockquote>before</blockquote></mx-reply>after", "after"),
        ("<script>x()</script><style>p {}</style>t", "t"),
        ("<h1>Big</h1>t", "<div><strong>Big</strong></div>t"),
        ('<img src="https://example.org/x" alt=":wave:"> hi', ":wave: hi"),
        ("<img src='mxc://x/y' alt='&lt;b&gt;'>hi", "&lt;b&gt;hi"),
        ("<img src=x onerror=x()>t", "t"),
        ("<iframe src='https://example.org'></iframe><video src=x></video>t", "t"),
        ("<pre>\n\n\n\nx</pre>", "<pre>x</pre>"),
        ("a\u202eb&#x202e;c&#11;d\ud800e&#0;", "abc de\ufffd"),
        ("<table><tr><th>a<tr><td>b</table>", None),
    ],
)
def test_what_is_left(html: str, left: str | None) -> None:
    assert clean(html) == (
        left or "<table><tbody><tr><th>a</th></tr><tr><td>b</td></tr></tbody></table>"
    )


@pytest.mark.parametrize("url", ["https://example.org/?a=1", "mailto:a@b.org", "matrix:u/a:b.org"])
def test_links_say_that_we_do_not_vouch_for_them(url: str) -> None:
    assert clean(f'<a href="{url}" target="_blank">t</a>') == (
        f'<a href="{url}" rel="noopener nofollow noreferrer">t</a>'
    )


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        " jAvaScript:alert(1)",
        "data:text/html,x",
        "//example.org",
        "/x",
        "x",
        "#top",
        "https:x",
        "https://example.org@evil.org/",
        "https:\\\\example.org",
        "https://example.org/>",
        "https://example.org/" + 2000 * "x",
    ],
)
def test_other_addresses_are_no_links(url: str) -> None:
    assert clean(f'<a href="{url}">t</a>') == "<a>t</a>"


@pytest.mark.parametrize(
    "html",
    [
        "",
        " <p> </p>",
        "<script>x</script>",
        "<img src=x>",
        "<li>x</li>",
        "<ul>x</ul>",
        "<ul><b>x</b></ul>",
        "<ul><li></li></ul>x",
        '<a href="https://example.org"></a>x',
        "<table><tr><th>x</table>",
        "<table><tr><th><td>x</table>",
        "<div>" * (DEEPEST + 1) + "x",
        "x" * (LONGEST + 1),
        "<br>" * MOST_TAGS + "<br>x",
        # Which no browser would read as it stands there.
        "<a><object><a>x</a></object></a>",
    ],
)
def test_where_it_says_nothing_or_is_not_well_made_the_plain_text_is_shown(html: str) -> None:
    assert clean(html) is None


PIECES = st.sampled_from(
    [f"<{end}{tag}>" for end in ("", "/") for tag in (
        "a", "a href=https://x.org", "b", "p", "h1", "ul", "li", "table", "tr", "td", "th", "pre",
        "object", "svg", "math", "mi", "style", "form", "select", "template", "br", "hr",
        "img alt=x", "div", "blockquote", "caption", "button", "title", "mx-reply", "noscript",
        "foreignObject",
    )]
    + ["x", " ", "\n", "&lt;", "&#11;"]
    + ["&#x202e;", "\x00", "\u200b", "<!--", "-->", "<![CDATA[", "é"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=25).map("".join))
def test_any_soup_becomes_what_a_strict_parser_takes_and_stays_as_it_is(soup: str) -> None:
    cleaned = clean(soup)
    if cleaned is not None:
        parsed(cleaned)
        assert clean(cleaned) == cleaned
