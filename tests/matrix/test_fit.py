"""What people behind a bridge read: three lines, of the same words."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fosdembot.matrix.content import notice
from fosdembot.matrix.fit import LINE, LINES, fit
from fosdembot.texts.render import Text, lines, literal, say

TAGS = re.compile(r"</?(?:strong|em|code)>|<br>")
ENTITY = re.compile(r"&(?:amp|lt|gt|quot|#x27);")


def bold(*bodies: str) -> Text:
    """Each on a line of its own."""
    return lines(say("<b>{words}</b>", words=literal(body, 5000)) for body in bodies)


def as_irc(body: str) -> int:
    """How many lines an IRC bridge makes of it."""
    return sum(-(-len(line.encode()) // LINE) for line in body.split("\n"))


@pytest.mark.parametrize(
    "bodies", [["one"], ["one", "two", "three"], ["x" * LINE] * 3, ["x" * LINE * 3]]
)
def test_what_is_short_stays_as_it_is(bodies: list[str]) -> None:
    content = notice(bold(*bodies))
    assert fit(content) is content


def test_lines_are_put_together_behind_the_first() -> None:
    content = fit(notice(bold("Questions:", "1 one", "2 two", "3 three & a half", "!more")))
    assert content["body"] == "Questions:\n1 one · 2 two\n3 three & a half · !more"
    assert content["formatted_body"] == (
        "<strong>Questions:</strong><br><strong>1 one</strong> · <strong>2 two</strong>"
        "<br><strong>3 three &amp; a half</strong> · <strong>!more</strong>"
    )


def test_everything_else_of_a_message_stays() -> None:
    content = notice(bold(*"abcdef"), reply_to="$event")
    kept = {key: value for key, value in content.items() if "body" not in key}
    assert {key: value for key, value in fit(content).items() if "body" not in key} == kept


def test_an_empty_line_is_not_worth_one() -> None:
    assert fit(notice(bold("one", "", "two", "", "three")))["body"] == "one\ntwo\nthree"


def test_a_line_that_is_two_in_irc_counts_as_two() -> None:
    long = "y" * (LINE + 100)
    assert fit(notice(bold("one", long, "three")))["body"] == f"one\n{long} · three"


def test_what_is_too_long_is_cut_and_loses_its_markup() -> None:
    content = fit(notice(bold("<first>", "y" * 3000, "last")))
    first, cut, last = content["body"].split("\n")
    assert (first, last) == ("<first>", "last")
    assert cut == "y" * (LINE - 3) + "…"
    assert content["formatted_body"] == f"&lt;first&gt;<br>{cut}<br>last"


def test_bytes_count() -> None:
    body = fit(notice(bold("й" * 3000)))["body"]
    assert len(body.encode()) <= LINES * LINE
    assert body == "й" * ((LINES * LINE - 3) // 2) + "…"


def test_html_with_other_lines_gives_way_to_the_plain_text() -> None:
    content = {"body": "1\n2\n3\n<4>", "formatted_body": "<ol><li>1</li></ol>"}
    assert fit(content)["formatted_body"] == "1<br>2 · 3<br>&lt;4&gt;"


def test_a_message_without_html() -> None:
    assert fit({"body": "1\n2\n3\n4"}) == {"body": "1\n2\n3 · 4"}


@given(st.lists(st.text(st.sampled_from("ab <&й…\u200b"), max_size=900), min_size=1, max_size=12))
def test_always(bodies: list[str]) -> None:
    texts = [say("<i>{it}</i>{raw}", it=body[:40], raw=literal(body, 900)) for body in bodies]
    content = notice(lines(texts))
    fitted = fit(content)
    assert as_irc(fitted["body"]) <= LINES
    assert fitted["formatted_body"].count("<br>") == fitted["body"].count("\n")
    assert fit(fitted) == fitted
    words = re.sub("[ ·\n]", "", content["body"])
    if not fitted["body"].count("…") > content["body"].count("…"):
        assert re.sub("[ ·\n]", "", fitted["body"]) == words
    markup = TAGS.sub("", fitted["formatted_body"])
    assert not set("<>") & set(markup)
    assert "&" not in ENTITY.sub("", markup)
    assert fitted["formatted_body"].count("<em>") == fitted["formatted_body"].count("</em>")
