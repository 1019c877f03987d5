"""In which meeting the speaker of a talk is."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fosdembot.settings import Settings, SettingsError, load
from fosdembot.talks.meeting_of import meeting_of

from .programme import settings, talk

LINK = "https://link.example.org/linked"
TEMPLATE = "https://meet.example.org/{track}"


def meetings(**fields: object) -> Settings:
    return settings(jitsi=fields)


def url(rules: Settings, **fields: Any) -> str | None:
    found = meeting_of(talk("a", "10:00", **fields), rules)
    return str(found) if found is not None else None


def test_the_link_then_the_template_then_the_table() -> None:
    table = {"Kernel": "https://meet.example.org/table"}
    rules = meetings(template=TEMPLATE, table=table)
    assert url(rules, meeting=LINK) == LINK
    assert url(rules) == "https://meet.example.org/kernel"
    assert url(meetings(table=table)) == "https://meet.example.org/table"
    assert url(rules, track="") is None
    assert url(rules, track="", room="Kernel") == "https://meet.example.org/table"
    assert url(meetings()) is None


@pytest.mark.parametrize("name", ["a", "17", "Kernel", "Hall 1"])
def test_the_table_knows_talks_tracks_and_places(name: str) -> None:
    assert url(meetings(table={name: LINK}), id="17") == LINK


def test_the_nearest_entry_of_the_table_counts() -> None:
    hall, track, one = (f"https://meet.example.org/{name}" for name in ("hall", "track", "talk"))
    table = {"Hall 1": hall, "Kernel": track, "a": one}
    assert url(meetings(table=table)) == one
    assert url(meetings(table=table | {"a": ""})) == track
    assert url(meetings(table=table | {"a": "", "Kernel": ""})) == hall


@pytest.mark.parametrize(
    ("template", "meeting"),
    [
        ("https://m.example/{track}_{room}", "https://m.example/kernel_k-1-105-la-fontaine"),
        ("https://m.example/{slug}", "https://m.example/tiny-kernels"),
        ("https://m.example/t/Talk{id}", "https://m.example/t/talk17"),
        ("https://m.example/{year}", "https://m.example/2026"),
        ("https://m.example/all", "https://m.example/all"),
    ],
)
def test_what_a_template_may_hold(template: str, meeting: str) -> None:
    fields = {"id": "17", "slug": "Tiny kernels!", "room": "K.1.105 (La Fontaine)"}
    assert url(meetings(template=template), **fields) == meeting


def test_in_a_rehearsal_the_bot_enters_no_meeting() -> None:
    sections = {"template": TEMPLATE, "table": {"a": LINK}}
    rehearsal = settings(rehearsal={"room": "!stage"}, jitsi=sections)
    assert url(rehearsal, meeting=LINK) is None


@pytest.mark.parametrize(
    "bad", ["https://meet.example.org/a?jwt=hush", "http://meet.example.org/a", "javascript:a", "x"]
)
def test_an_address_that_is_none_is_refused_and_a_secret_not_repeated(bad: str) -> None:
    """In a link it counts for nothing: the next that says something does."""
    assert url(meetings(table={"a": LINK}), meeting=bad) == LINK
    for section in ({"table": {"a": bad}}, {"template": bad}):
        with pytest.raises(SettingsError) as caught:
            load({"jitsi": section})
        assert str(caught.value).startswith("jitsi.t")
        assert "hush" not in str(caught.value)


@given(st.text(), st.text(), st.text(), st.text())
def test_no_name_leads_to_another_server(track: str, room: str, slug: str, id_: str) -> None:
    rules = meetings(template="https://meet.example.org/{track}-{room}-{slug}-{id}")
    fields: dict[str, Any] = {"track": track, "room": room, "slug": slug, "id": id_}
    found = meeting_of(talk("a", "10:00", **fields), rules)
    assert found is None or (found.host, found.tenant) == ("meet.example.org", "")
