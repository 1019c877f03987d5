"""What the plugin makes of the settings that maubot has; its life inside a real maubot is
tested in tests/e2e."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from mautrix.util.config import RecursiveDict
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap

from fosdembot.clock import ScaledClock, WallClock
from fosdembot.plugin import Config, make_clock
from fosdembot.settings import ClockSettings, SettingsError, load

BASE = (Path(__file__).parents[1] / "base-config.yaml").read_text()
START = datetime(2026, 1, 31, 9, tzinfo=UTC)


def config(text: str, base: str | None = BASE) -> Config:
    """Settings as an operator wrote them, with `base` as the plugin's own."""

    def load_base() -> RecursiveDict[CommentedMap] | None:
        return RecursiveDict(YAML().load(base), CommentedMap) if base is not None else None

    return Config(lambda: YAML().load(text), load_base, lambda _: None)


def test_settings_as_people_write_them() -> None:
    settings, problems = config(
        "organisers: ['@ada:example.org']\n"
        "notices:\n  level: off\n  heads_up_minutes: 15\n  countdown_minutes: [10, 5]\n"
        "limits: {messages_per_second: 2.5}\n"
        "clock: {start: 2026-01-31T09:00:00Z, speed: 60}\n"
        "rooms:\n"
    ).read()
    assert problems == []
    assert settings.organisers == ("@ada:example.org",)
    assert settings.notices.level == "off"
    assert settings.notices.countdown_minutes == (10, 5)
    assert settings.limits.messages_per_second == 2.5
    assert settings.clock.start == START


def test_what_cannot_be_used_is_named_by_its_key() -> None:
    _, problems = config("notices: {level: loud}\nodd: 1\n").read()
    assert [problem.partition(":")[0] for problem in problems] == ["notices.level", "odd"]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("organisers: ada", "organisers"),
        ("clock: {start: noon}", "clock.start"),
        ("- a\n- b", "expected keys with values"),
        ("a: [", "not YAML"),
        ("rooms: {table: {x: y}}", "rooms.table.x"),
    ],
)
def test_where_guessing_does_harm_it_refuses_in_one_line(text: str, part: str) -> None:
    with pytest.raises(SettingsError, match=part) as refused:
        config(text).read()
    assert "\n" not in str(refused.value)


def test_a_newer_version_adds_its_keys_and_keeps_what_was_written() -> None:
    written = config("notices: {qa_minutes: 7}\nunknown: 1\n")
    written.read()
    written.update(save=False)
    assert written["notices"]["qa_minutes"] == 7
    assert written["unknown"] == 1
    assert "heads_up_minutes" in written["notices"]
    settings, problems = load(dict(written.data))
    assert settings.notices.qa_minutes == 7
    assert problems == ["unknown: no such setting; it is ignored"]


def test_standalone_maubot_leaves_the_operator_s_file_alone() -> None:
    written = config("notices: {qa_minutes: 7}\n", base=None)
    written.read()
    written.update(save=False)
    assert dict(written.data) == {"notices": {"qa_minutes": 7}}


def test_the_clock_is_the_wall_s_or_a_rehearsal_s() -> None:
    assert isinstance(make_clock(ClockSettings()), WallClock)
    wall = datetime(2026, 1, 1, tzinfo=UTC)
    clock = make_clock(ClockSettings(start=START, wall_start=wall, speed=60))
    assert isinstance(clock, ScaledClock)
    assert clock.from_wall(wall + timedelta(minutes=1)) == START + timedelta(hours=1)
    now = make_clock(ClockSettings(start=START)).now()
    assert START <= now < START + timedelta(minutes=1)
