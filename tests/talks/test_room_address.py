"""In which Matrix room a talk takes place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fosdembot.settings import Settings
from fosdembot.talks.room_address import address_of, alias_part

from .programme import settings, talk

TEMPLATE = "#{year}-{track}:example.org"


def rooms(**fields: object) -> Settings:
    return settings(rooms=fields)


EVERYTHING = rooms(
    alias_template=TEMPLATE, table={"Kernel": "#table:example.org"}, default="#default:example.org"
)


def test_the_link_then_the_template_then_the_table_then_the_default() -> None:
    here = talk("a", "10:00", chat_room="#link:example.org")
    assert address_of(here, EVERYTHING) == "#link:example.org"
    assert address_of(talk("a", "10:00"), EVERYTHING) == "#2026-kernel:example.org"
    table = rooms(table={"Kernel": "#table:example.org"}, default="#default:example.org")
    assert address_of(talk("a", "10:00"), table) == "#table:example.org"
    assert address_of(talk("a", "10:00", track="Go"), table) == "#default:example.org"
    assert address_of(talk("a", "10:00"), Settings()) is None


def test_a_template_that_cannot_be_filled_in_leaves_it_to_the_table() -> None:
    here = talk("a", "10:00", track="")
    assert address_of(here, EVERYTHING) == "#default:example.org"
    assert address_of(talk("a", "10:00", track="???"), EVERYTHING) == "#default:example.org"


@pytest.mark.parametrize("name", ["a", "17", "Kernel", "Hall 1"])
def test_the_table_knows_talks_tracks_and_places(name: str) -> None:
    table = rooms(table={name: "!abc"})
    assert address_of(talk("a", "10:00", id="17"), table) == "!abc"


def test_the_nearest_entry_of_the_table_counts() -> None:
    table = rooms(table={"Hall 1": "#hall:x", "Kernel": "#track:x", "a": "#talk:x"})
    assert address_of(talk("a", "10:00"), table) == "#talk:x"
    assert address_of(talk("b", "10:00"), table) == "#track:x"
    assert address_of(talk("b", "10:00", track=""), table) == "#hall:x"


@pytest.mark.parametrize(
    ("template", "alias"),
    [
        ("#{track}_{room}:x", "#kernel_hall-1:x"),
        ("#{slug}:x", "#tiny-kernels:x"),
        ("#talk{id}:x", "#talk17:x"),
        ("#{year}:x", "#2026:x"),
        ("#lobby:x", "#lobby:x"),
    ],
)
def test_what_a_template_may_hold(template: str, alias: str) -> None:
    here = talk("a", "10:00", id="17", slug="Tiny kernels!")
    assert address_of(here, rooms(alias_template=template)) == alias


@pytest.mark.parametrize("of", ["", "Kernel", "Hall 1"])
def test_in_a_rehearsal_every_talk_of_it_is_in_one_room(of: str) -> None:
    rehearsal = settings(rehearsal={"room": "!stage", "of": of}, rooms={"default": "#d:e.org"})
    here = talk("a", "10:00", chat_room="#link:example.org")
    elsewhere = talk("b", "10:00", chat_room="#link:example.org", room="Hall 2", track="Go")
    assert address_of(here, rehearsal) == "!stage"
    assert address_of(elsewhere, rehearsal) == ("!stage" if of == "" else None)


def test_an_alias_that_is_too_long_is_none() -> None:
    here = talk("a", "10:00", track="x" * 240)
    assert address_of(here, rooms(alias_template=TEMPLATE)) is None


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("Decentralised Communication", "decentralised-communication"),
        ("K.1.105 (La Fontaine)", "k.1.105-la-fontaine"),
        ("Café & Größe", "cafe-grosse"),
        ("C++ / C#", "c-c"),
        ("日本語 トラック", "日本語-トラック"),
        (" -- ", ""),
        ("a:b\x00c", "a-b-c"),
        ("under_score", "under_score"),
    ],
)
def test_a_name_is_made_fit_for_an_alias(name: str, part: str) -> None:
    assert alias_part(name) == part


@given(st.text())
def test_any_name_is_made_fit(name: str) -> None:
    part = alias_part(name)
    assert not set(part) & set(": #\x00\n")
    assert alias_part(part) == part
