"""Breaks are told, but nobody is asked to ask."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fosdembot.schedule.model import Talk
from fosdembot.setting_defaults import BREAKS
from fosdembot.settings import ScheduleSettings, Settings
from fosdembot.talks.breaks import is_break
from fosdembot.talks.messages import run_through
from fosdembot.talks.notices import plan
from fosdembot.talks.slots import build_slots
from tests.schedule.real import read_real

from .programme import BRUSSELS, ROOM, notices, talk

TITLES = [
    "Break", "BREAK", "Lunch", "Lunch break", "Lunch Break (60 min)", "Coffee break 2",
    "Coffee & Tea", "Short break", "Morning coffee break", "Tea / Coffee", "Pause",
    "Große Pause", "Mittagspause", "Kaffeepause", "Kaffee", "Pause café", "PAUSE DÉJEUNER",
    "Déjeuner", "Pausa", "Descanso", "Almuerzo", "Pranzo", "Pausa pranzo", "Almoço", "Intervalo",
    "Pauze", "Lunchpauze", "Lunchpaus", "Fika", "Frokost", "Lounas", "Przerwa kawowa", "Oběd",
    "Перерыв", "休憩", "午餐", "점심", "12:30 Lunch", "Networking lunch", "Speakers' dinner",
]  # fmt: skip
OPEN_ENDED = [
    "Lunch in the foyer: bring your badge",
    "XMPP Lunch Break",
    "Lunch – in the foyer",
    "Lunch (vegan)",
    "Pause, merci à tous",
]
TALKS = [
    "Give open source a (tax) break", "Breaking RSA", "How to break your face", "Break the Web",
    "What happens if someone breaks the rules?", "There is no free lunch", "Pauseless GC",
    "Contributor Jam (Breakout Sessions)", "Mittagspausenpunk live", "Coffeebots corner",
    "Lunchtime talks", "Pause and resume of containers", "Untitled", "2", "",
]  # fmt: skip


def entry(title: str, **fields: Any) -> Talk:
    return talk("b", "12:00", 60, title=title, **fields)


@pytest.mark.parametrize("title", TITLES)
def test_these_are_breaks(title: str) -> None:
    assert is_break(entry(title), BREAKS)
    assert is_break(entry(title, persons=("Ada L.",)), BREAKS), "some tools name the caterer"


@pytest.mark.parametrize("title", OPEN_ENDED)
def test_these_are_breaks_unless_somebody_speaks(title: str) -> None:
    if title.startswith("Lunch in"):
        title = title.replace("in the foyer", "")
    assert is_break(entry(title), BREAKS)
    assert not is_break(entry(title, persons=("Ada L.",)), BREAKS)


@pytest.mark.parametrize("title", TALKS)
def test_these_are_none(title: str) -> None:
    assert not is_break(entry(title), BREAKS)


@pytest.mark.parametrize("kind", ["break", "Break", "Lunch break", "Pause", "coffee / break"])
def test_the_kind_tells_it_too(kind: str) -> None:
    assert is_break(entry("See you at two", kind=kind), BREAKS)
    assert not is_break(entry("Tiny kernels", kind="lecture"), BREAKS)
    assert not is_break(entry("Tiny kernels", kind="breakout session"), BREAKS)


def test_what_they_are_called_is_a_setting() -> None:
    assert is_break(entry("Siesta"), ("siesta",))
    assert not is_break(entry("Lunch"), ("siesta",))
    assert not is_break(entry("Lunch"), ())
    assert not is_break(entry("Siesta"), ("", "!"))


def told(*talks: Talk, rules: Settings | None = None) -> str:
    rules = rules or notices(level="full")
    planned = plan(build_slots(talks, {}, rules), rules, ROOM, False, BRUSSELS)
    return "\n".join(
        message.text.plain
        for _, message in run_through(planned, BRUSSELS, "!")
        if message.edit_of is None
    )


def test_nobody_is_asked_anything_in_a_break() -> None:
    assert told(entry("Lunch"), rules=notices(level="standard")) == (
        'Starting at 12:00: "Lunch"\nNow, until 13:00: "Lunch"'
    )
    assert "!ask" not in told(entry("Lunch"))
    assert "Q&A" not in told(entry("Lunch"))


def test_beside_a_talk_in_the_same_message_the_talk_can_be_asked() -> None:
    other = talk("a", "12:00", 60, room="Hall 2")
    text = told(entry("Lunch"), other)
    assert text.count("Ask: !ask your question") == 1


def test_a_break_is_no_talk_that_comes() -> None:
    assert "Then 1 more talk today" in told(
        talk("a", "11:35", 25), entry("Lunch"), talk("c", "13:00", 25)
    )


@given(st.text(max_size=40), st.text(max_size=20))
def test_any_title_is_one_or_the_other(title: str, kind: str) -> None:
    assert is_break(entry(title, kind=kind), BREAKS) in (True, False)


def test_no_talk_of_real_conferences_is_a_break(real_schedules: Path) -> None:
    found = set()
    for path in real_schedules.glob("*.xml"):
        if "refuse" in path.name or "INVALID" in path.name:
            continue
        schedule = read_real(path, ScheduleSettings(zone="Europe/Brussels"))
        found |= {talk.title for talk in schedule.entries if is_break(talk, BREAKS)}
    assert found <= {"XMPP Lunch Break"}, found
