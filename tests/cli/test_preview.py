"""`fosdembot preview`, as people and programs run it."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from click.testing import CliRunner, Result

from fosdembot.cli import main
from tests.schedule.samples import frab, talk

CHAT = [{"title": "Chat room", "url": "https://matrix.to/#/#kernel:example.org"}]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No config.yaml of somebody's lies about."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A devroom's hour, a desk, a talk without a Matrix room and one of the next day."""
    path = tmp_path / "small.xml"
    events = [
        talk(links=CHAT),
        talk(guid="g2", title="Big <kernels>", date="2026-01-31T10:30:00+01:00", links=CHAT),
        talk(guid="g3", title="Roomless", date="2026-01-31T12:00:00+01:00", room="Hall"),
        {**talk(guid="g4", title="Desk", links=CHAT), "duration": "08:00"},
        talk(guid="g5", title="Last", date="2026-02-01T10:00:00+01:00", links=CHAT),
    ]
    path.write_bytes(frab("xml", events, {"time_zone_name": "Europe/Brussels"}))
    return path


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["preview", *map(str, arguments)])


def output(*arguments: str | Path) -> str:
    result = run(*arguments)
    assert (result.exit_code, result.stderr) == (0, ""), result.output
    return result.stdout


def refusal(*arguments: str | Path) -> str:
    """The one line on stderr."""
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
    return result.stderr[len("Error: ") : -1]


def as_json(*arguments: str | Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(output(*arguments, "--json"))
    return found


def test_every_message_with_its_time_and_text(small: Path) -> None:
    assert (
        output("--schedule", small, "--day", "1")
        == """\
#kernel:example.org, Sat 31 Jan 2026
  09:50:00        Starting at 10:00: "Tiny kernels". Then 1 more talk today: !schedule
  09:55:00  edit  Starting in 5 minutes, at 10:00: "Tiny kernels". Then 1 more talk today: !schedule
  09:59:00  edit  Starting in 1 minute, at 10:00: "Tiny kernels". Then 1 more talk today: !schedule
  10:00:00  pin   Now, until 10:25: "Tiny kernels"
                  Ask: !ask your question. Vote: 👍 on a question, or !vote 12. Q&A at 10:20
  10:20:00        Q&A until 10:25. No question is waiting: !ask yours
                  Then, at 10:30: "Big <kernels>"
  10:30:00  pin   Now, until 10:55: "Big <kernels>"
                  Ask: !ask your question. Vote: 👍 on a question, or !vote 12. Q&A at 10:50
  10:50:00        Q&A until 10:55. No question is waiting: !ask yours
                  No more talks here today
  5 messages, 2 edits

5 messages and 2 edits in 1 room-day: median 5, most 5 (#kernel:example.org, Sat 31 Jan).
1 talk without a Matrix room, so nothing is told about them; rooms.default or \
rooms.alias_template in the settings gives them one.
"""
    )


def test_what_is_odd_in_the_schedule_is_told(tmp_path: Path) -> None:
    path = tmp_path / "odd.xml"
    events = [talk(links=CHAT), talk(guid="g2", title="Bad", date="Sat, 31 Jan 2026 11:00:00")]
    path.write_bytes(frab("xml", events, {"time_zone_name": "Europe/Brussels"}))
    warning = "left out 'Bad' (id 1): its date reads 'Sat, 31 Jan 2026 11:00:00'"
    assert output("--schedule", path).splitlines()[-1] == f"warning: {warning}"
    assert as_json("--schedule", path)["warnings"] == [warning]


def test_json(small: Path) -> None:
    found = as_json("--schedule", small)
    assert found["room_days"] == [
        {"room": "#kernel:example.org", "day": "2026-01-31", "messages": 5, "edits": 2},
        {"room": "#kernel:example.org", "day": "2026-02-01", "messages": 3, "edits": 2},
    ]
    assert found["talks_without_room"] == 1
    assert len(found["messages"]) == 12
    assert found["messages"][5] == {
        "room": "#kernel:example.org",
        "time": "2026-01-31T09:30:00Z",
        "kind": "now",
        "edit": False,
        "pin": True,
        "text": 'Now, until 10:55: "Big <kernels>"\n'
        "Ask: !ask your question. Vote: 👍 on a question, or !vote 12. Q&A at 10:50",
        "html": "<strong>Now, until 10:55:</strong> &quot;Big &lt;kernels&gt;&quot;<br>"
        "Ask: <code>!ask your question</code>. Vote: 👍 on a question, or <code>!vote 12</code>. "
        "Q&amp;A at 10:50",
    }


@pytest.mark.parametrize("day", ["2", "2026-02-01"])
def test_one_day(small: Path, day: str) -> None:
    found = as_json("--schedule", small, "--day", day)
    assert [room_day["day"] for room_day in found["room_days"]] == ["2026-02-01"]


@pytest.mark.parametrize(("room", "messages"), [("KERNEL:ex", 8), ("janson", 8), ("hall", 3)])
def test_one_room_by_a_part_of_its_address_or_of_a_place(
    small: Path, tmp_path: Path, room: str, messages: int
) -> None:
    config = tmp_path / "settings.yaml"
    config.write_text('rooms: {default: "#lobby:example.org"}')
    found = as_json("--schedule", small, "--config", config, "--room", room)
    assert sum(room_day["messages"] for room_day in found["room_days"]) == messages


def test_the_settings_of_a_standalone_configuration_count(small: Path, tmp_path: Path) -> None:
    settings = f'{{schedule: {{source: "{small}"}}, notices: {{level: quiet}}}}'
    for name, text in (
        ("standalone.yaml", f"user: {{}}\nplugin_config: {settings}\n"),
        ("plain.yaml", settings),
        ("config.yaml", f"plugin_config: {settings}"),
    ):
        (tmp_path / name).write_text(text)
        options = [] if name == "config.yaml" else ["--config", name]
        kinds = Counter(message["kind"] for message in as_json(*options)["messages"])
        assert kinds == {"now": 3, "qa": 3}


def test_options_count_more_than_the_settings(small: Path, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("schedule: {source: nowhere.xml, zone: Asia/Tokyo}")
    assert "10:00:00" in output("--schedule", small, "--zone", "Europe/Brussels")


def test_a_setting_that_cannot_be_used_is_named(small: Path, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("notices: {level: loud}")
    result = run("--schedule", small)
    assert result.exit_code == 0
    assert result.stderr.startswith("warning: notices.level: ")


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ("plugin_config: [1]", "config.yaml: plugin_config holds no settings"),
        ("rooms: {default: lobby}", "rooms.default: "),
        ("schedule: fosdem.xml", "schedule: "),
        ("a: b: c", "config.yaml is not YAML, line 1: "),
    ],
)
def test_a_configuration_that_cannot_be_used(
    small: Path, tmp_path: Path, config: str, said: str
) -> None:
    (tmp_path / "config.yaml").write_text(config)
    assert refusal("--schedule", small).startswith(said)


def test_what_is_not_there_is_named(small: Path, tmp_path: Path) -> None:
    assert refusal() == "which schedule? Name it with --schedule PATH_OR_ADDRESS"
    assert refusal("--schedule", small, "--day", "3") == (
        "no such day; there are 2026-01-31, 2026-02-01"
    )
    assert refusal("--schedule", small, "--room", "zig") == (
        "no room with messages is called so; there are #kernel:example.org …"
    )
    assert refusal("--schedule", small, "--zone", "Mars").startswith("schedule.zone: ")
    assert "none.xml" in refusal("--schedule", tmp_path / "none.xml")


def test_a_schedule_without_rooms_says_what_to_set(tmp_path: Path) -> None:
    path = tmp_path / "roomless.xml"
    path.write_bytes(frab("xml", [talk()]))
    text = output("--schedule", path)
    assert text.startswith("No messages.\n1 talk without a Matrix room")
    assert refusal("--schedule", path, "--day", "1") == "there are no messages on any day"


def test_a_hostile_title_cannot_write_to_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "hostile.json"
    title = "\x1b[2J\u202e@room\nnext"
    path.write_bytes(frab("json", [talk(title=title, links=CHAT)]))
    text = output("--schedule", path)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "@room" not in text


def test_a_room_of_fosdem_is_not_flooded(real_schedules: Path) -> None:
    found = as_json("--schedule", real_schedules / "fosdem-2026-r4-20260202.xml")
    messages = [room_day["messages"] for room_day in found["room_days"]]
    assert len({room_day["room"] for room_day in found["room_days"]}) == 68
    assert median(messages) <= 32
    assert max(messages) <= 50


def test_one_room_for_everything_stays_bearable(real_schedules: Path, tmp_path: Path) -> None:
    """37 halls, up to 32 talks that start in the same minute."""
    source = tmp_path / "all.yaml"
    source.write_text('rooms: {alias_template: "#all:example.org"}')
    schedule = real_schedules / "fosdem-2021.xml"
    found = as_json("--schedule", schedule, "--config", source, "--zone", "Europe/Brussels")
    assert max(room_day["messages"] for room_day in found["room_days"]) <= 150
    assert max(len(message["text"]) for message in found["messages"]) < 4000
