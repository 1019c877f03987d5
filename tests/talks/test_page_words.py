"""What stands for rooms and talks in addresses that are printed on posters."""

from __future__ import annotations

from urllib.parse import urlsplit

from hypothesis import given
from hypothesis import strategies as st

from fosdembot.talks.page_words import PageWords, talk_word


def test_a_room_is_called_as_in_its_alias() -> None:
    words = PageWords(["#2026-kernel:fosdem.org", "#Rust_room:fosdem.org"])
    assert words.of("#2026-kernel:fosdem.org") == "2026-kernel"
    assert words.called("Rust_Room") == "#Rust_room:fosdem.org"


def test_whoever_comes_later_takes_no_room_its_word() -> None:
    """A speaker may name any room in the schedule: what is printed must not lead there."""
    ours = ["#kernel:fosdem.org", "#cloud:fosdem.org"]
    words = PageWords(["#kernel:evil.example", *ours])
    assert words.called("kernel") == "#kernel:fosdem.org"
    other = words.of("#kernel:evil.example")
    assert other.startswith("~")
    assert words.called(other) == "#kernel:evil.example"


def test_names_that_differ_in_case_alone_are_told_apart() -> None:
    words = PageWords(["#Kernel:fosdem.org", "#kernel:fosdem.org"])
    assert words.called("KERNEL") == "#kernel:fosdem.org"
    assert words.called(words.of("#Kernel:fosdem.org")) == "#Kernel:fosdem.org"


@given(st.lists(st.text(max_size=20).map("#{}:x".format) | st.text(max_size=20), unique=True))
def test_each_room_has_a_word_of_its_own_that_browsers_leave_as_it_is(addresses: list[str]) -> None:
    words = PageWords(addresses)
    for address in addresses:
        word = words.of(address)
        assert words.called(word) == address
        assert urlsplit(f"https://x/r/{word}/t").path == f"/r/{word}/t"
        assert word.isascii()
        assert word not in (".", "..")


def test_a_talk_is_called_by_its_guid_where_that_goes_into_an_address() -> None:
    assert talk_word("3f2a-11") == "3f2a-11"
    for guid in ("..", "a/b", "20260131@pretalx/ä", "\ud800", ""):
        assert talk_word(guid).startswith("~")
