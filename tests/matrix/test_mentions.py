"""Whom a message names."""

from __future__ import annotations

import pytest

from fosdembot.matrix.mentions import is_user_id, linked, typed

ADA = "@ada:example.org"
TO = "https://matrix.to/#/"


@pytest.mark.parametrize(
    ("html", "users"),
    [
        (f'<a href="{TO}{ADA}">Ada</a>', [ADA]),
        (f"<a class='x' href='{TO}%40ada%3Aexample.org'>Ada</a> and so on", [ADA]),
        (f'<a href="{TO}{ADA}?via=example.org">Ada</a>', [ADA]),
        ('<a href="matrix:u/ada:example.org?action=chat">Ada</a>', [ADA]),
        (f'<a href="{TO}{ADA}">A</a><a href="{TO}{ADA}">B</a>', [ADA]),
        (f'<a href="{TO}{ADA}">A</a><a href="{TO}@b:x.org">B</a>', [ADA, "@b:x.org"]),
        (f'<mx-reply><a href="{TO}@b:x.org">B</a></mx-reply><a href="{TO}{ADA}">A</a>', [ADA]),
        (f'<mx-reply><a href="{TO}@b:x.org">B</a>', []),
        (f'<a href="{TO}#room:example.org">room</a>', []),
        (f'<a href="{TO}!room:example.org/$event">event</a>', []),
        (f'<a href="https://evil.example/#/{ADA}">Ada</a>', []),
        (f'<a href="{TO}@ada">Ada</a>', []),
        (f'<a href="{TO}@{"a" * 300}:example.org">Ada</a>', []),
        (f"{TO}{ADA}", []),
        ("", []),
        ("<mx-reply>" * 100_000, []),
        (f'<a href="{TO}' * 100_000, []),
    ],
)
def test_whom_a_message_links_to(html: str, users: list[str]) -> None:
    assert linked(html) == users


@pytest.mark.parametrize(
    ("text", "user", "rest"),
    [
        (ADA, ADA, ""),
        (f"{ADA} 12", ADA, "12"),
        (f"  {ADA}:8448  12 ", f"{ADA}:8448", "12"),
        (f"[Ada]({TO}{ADA}) 12", ADA, ") 12"),
        ("@under_score=1/2:Sub.example.org", "@under_score=1/2:Sub.example.org", ""),
        (f"{ADA}.", ADA, ""),
        (f"{ADA}: 12!", ADA, "12"),
        ("Ada", None, "Ada"),
        ("@ada", None, "@ada"),
        ("ada:example.org", None, "ada:example.org"),
        ("@" * 60_000, None, "@" * 60_000),
        ("", None, ""),
    ],
)
def test_whom_a_text_names(text: str, user: str | None, rest: str) -> None:
    assert typed(text) == (user, rest)


@pytest.mark.parametrize("value", ["", "@", "@a", "a:b", "@a:b c", f"x{ADA}", f"@{'a' * 300}:b"])
def test_what_is_no_user(value: str) -> None:
    assert not is_user_id(value)
