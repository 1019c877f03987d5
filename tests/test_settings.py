"""The settings: defaults as documented, and what a wrong value does."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from ruamel.yaml import YAML

from fosdembot.settings import Settings, SettingsError, load

BASE_CONFIG = Path(__file__).parents[1] / "base-config.yaml"


def read_yaml(text: str) -> dict[str, Any]:
    """Read as maubot does."""
    data: dict[str, Any] = YAML().load(text)
    return data


def plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return {name: plain(getattr(value, name)) for name in type(value).model_fields}
    if isinstance(value, dict):
        return {key: plain(child) for key, child in value.items()}
    if isinstance(value, list | tuple):
        return [plain(child) for child in value]
    return value


def uncommented(text: str) -> list[str]:
    lines = [line.strip() for line in text.splitlines()]
    return [
        line
        for before, line in zip(["", *lines], lines, strict=False)
        if line and not line.startswith(("#", "- ")) and not before.startswith("#")
    ]


def test_base_config_lists_every_setting_with_its_default() -> None:
    assert plain(read_yaml(BASE_CONFIG.read_text())) == plain(Settings())


def test_base_config_is_read_without_a_problem() -> None:
    assert load(read_yaml(BASE_CONFIG.read_text())) == (Settings(), [])


def test_every_setting_of_base_config_has_a_comment() -> None:
    assert uncommented(BASE_CONFIG.read_text()) == []


def test_missing_and_null_mean_the_default() -> None:
    assert load({}) == (Settings(), [])
    assert load({"schedule": None, "notices": {"level": None, "pin": None}}) == (Settings(), [])
    assert load({"organisers": None, "clock": {"start": None}}) == (Settings(), [])


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("control_room: #control:example.org", "control_room"),
        ("rooms:\n  default: #lobby:example.org", "rooms.default"),
        ("rooms:\n  alias_template: #{track}:example.org", "rooms.alias_template"),
        ("rooms:\n  table:\n    Kernel: #kernel:example.org", "rooms.table.Kernel"),
        ("hosts:\n  '*': #hosts:example.org", "hosts.*"),
        ("notices:\n  edits_by_room:\n    A:", "notices.edits_by_room.A"),
        ("schedule: {source: }", "schedule.source"),
    ],
)
def test_an_address_without_quotes_is_a_comment_and_named(text: str, key: str) -> None:
    settings, problems = load(read_yaml(text))
    assert settings == Settings()
    (problem,) = problems
    assert problem.startswith(f"{key}: nothing stands there; ")
    assert '"#room:server"' in problem


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ({"prerecorded": {"tracks": "Main"}}, "prerecorded.tracks: expected a list, like [...]"),
        ({"notices": {"pin": "perhaps"}}, "notices.pin: expected true or false"),
        ({"notices": {"qa_minutes": "soon"}}, "notices.qa_minutes: expected a whole number"),
        ({"notices": {"qa_minutes": -1}}, "notices.qa_minutes: must be greater than or equal"),
        ({"notices": ["level"]}, "notices: expected keys with values, as in base-config.yaml"),
        ({"notices": {"tracks": "A"}}, "notices.tracks: expected names with values"),
        ({"shedule": {"source": "x"}}, "shedule: no such setting; it is ignored; did you mean sch"),
        ({"notices": {"levels": 1}}, "notices.levels: no such setting; it is ignored; did you mea"),
        ({"organizers": []}, "organizers: no such setting; it is ignored; did you mean organisers"),
    ],
)
def test_people_read_what_to_write_instead(raw: dict[str, Any], said: str) -> None:
    (problem,) = load(raw)[1]
    assert problem.startswith(said)
    assert "valid" not in problem


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        ({"notices": {"level": "loud"}}, "notices.level"),
        ({"notices": {"tracks": {"Kernel": "loud"}}}, "notices.tracks.Kernel"),
        ({"notices": {"qa_minutes": "soon"}}, "notices.qa_minutes"),
        ({"notices": {"qa_minutes": -1}}, "notices.qa_minutes"),
        ({"notices": {"qa_minutes": True}}, "notices.qa_minutes"),
        ({"notices": {"countdown_minutes": [5, "one"]}}, "notices.countdown_minutes.1"),
        ({"notices": {"pin": "perhaps"}}, "notices.pin"),
        ({"notices": ["level"]}, "notices"),
        ({"prerecorded": {"tracks": "Main"}}, "prerecorded.tracks"),
        ({"limits": {"messages_per_second": 0}}, "limits.messages_per_second"),
        ({"limits": {"messages_per_second": True}}, "limits.messages_per_second"),
        ({"command_prefix": "a b"}, "command_prefix"),
        ({"command_prefix": ""}, "command_prefix"),
    ],
)
def test_a_wrong_value_is_named_by_its_key_and_replaced(raw: dict[str, Any], key: str) -> None:
    settings, problems = load(raw)
    assert settings == Settings()
    (problem,) = problems
    assert problem.startswith(f"{key}: ")
    assert problem.endswith("; the default is used")


def test_a_wrong_value_leaves_the_right_ones_beside_it() -> None:
    settings, problems = load(
        {
            "notices": {
                "level": "loud",
                "qa_minutes": 7,
                "tracks": {"A": "loud", "B": "quiet"},
                "countdown_minutes": ["x", "y"],
            },
            "organisers": ["@ada:example.org"],
        }
    )
    assert settings.notices.qa_minutes == 7
    assert settings.notices.tracks == {"B": "quiet"}
    assert settings.notices.countdown_minutes == (5, 1)
    assert settings.organisers == ("@ada:example.org",)
    assert [problem.split(":")[0] for problem in problems] == [
        "notices.level",
        "notices.tracks.A",
        "notices.countdown_minutes.0",
        "notices.countdown_minutes.1",
    ]


def test_a_setting_that_is_not_known_is_named_and_ignored() -> None:
    settings, problems = load({"organizers": ["@ada:example.org"], "schedule": {"url": "x"}})
    assert settings == Settings()
    assert sorted(problems) == [
        "organizers: no such setting; it is ignored; did you mean organisers?",
        "schedule.url: no such setting; it is ignored",
    ]


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        ({"control_room": "lobby"}, "control_room"),
        ({"control_room": "#lobby"}, "control_room"),
        ({"control_room": 5}, "control_room"),
        ({"organisers": "@ada:example.org"}, "organisers"),
        ({"organisers": ["ada"]}, "organisers.0"),
        ({"moderators": ["@ada:example.org", None]}, "moderators.1"),
        ({"rooms": {"default": "lobby"}}, "rooms.default"),
        ({"rooms": {"table": {"Kernel": "kernel"}}}, "rooms.table.Kernel"),
        ({"rooms": {"alias_template": "#{year}-{name}:example.org"}}, "rooms.alias_template"),
        ({"rooms": {"alias_template": "#{year:example.org"}}, "rooms.alias_template"),
        ({"rooms": {"alias_template": "{year}-{track}"}}, "rooms.alias_template"),
        ({"schedule": {"zone": "Europe/Nowhere"}}, "schedule.zone"),
        ({"schedule": {"zone": "../../etc/passwd"}}, "schedule.zone"),
        ({"schedule": {"user_agent": "a\r\nX-Forged: b"}}, "schedule.user_agent"),
        ({"schedule": {"user_agent": "Ünïcode"}}, "schedule.user_agent"),
        ({"schedule": "schedule.xml"}, "schedule"),
        ({"clock": {"speed": 0}}, "clock.speed"),
        ({"clock": {"speed": float("nan")}}, "clock.speed"),
        ({"clock": {"start": "2026-01-31T09:00:00"}}, "clock.start"),
        ({"rehearsal": {"room": "#alias:example.org"}}, "rehearsal.room"),
    ],
)
def test_where_a_default_could_do_harm_the_bot_refuses(raw: dict[str, Any], key: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(raw)
    message = str(caught.value)
    assert message.startswith(f"{key}: ")
    assert "\n" not in message


def test_a_refusal_names_all_that_is_wrong() -> None:
    text = "pages:\n  guests: yes\n  framed_by: https://a.example\n  proxies: one\n"
    with pytest.raises(SettingsError) as caught:
        load(read_yaml(text))
    assert str(caught.value) == (
        "pages.framed_by: expected a list, like [...]; "
        "pages.guests: must be 'off', 'ask' or 'ask_and_vote'; "
        "pages.proxies: expected a whole number"
    )


def test_a_refusal_is_no_longer_than_people_read() -> None:
    with pytest.raises(SettingsError, match=r"rooms\.table\.9: [^;]*; and 90 more$"):
        load({"rooms": {"table": {str(number): "lobby" for number in range(100)}}})


def test_a_refusal_does_not_repeat_what_was_typed() -> None:
    with pytest.raises(SettingsError) as caught:
        load({"control_room": "syt_secret_token"})
    assert "syt_secret_token" not in str(caught.value)


@pytest.mark.parametrize("version", ["%YAML 1.1\n---\n", ""])
def test_on_and_off_mean_themselves_in_every_version_of_yaml(version: str) -> None:
    text = version + (
        "notices: {level: off, edits: on, edits_by_room: {a: off}, tracks: {b: off}}\n"
        "pages: {guests: off}\n"
    )
    settings, problems = load(read_yaml(text))
    assert problems == []
    assert settings.notices.level == "off"
    assert settings.notices.edits == "on"
    assert settings.notices.edits_by_room == {"a": "off"}
    assert settings.notices.tracks == {"b": "off"}
    assert settings.pages.guests == "off"


@pytest.mark.parametrize(
    "written", ["2026-01-31T09:00:00+01:00", "'2026-01-31T09:00:00+01:00'", "2026-01-31T08:00:00Z"]
)
def test_a_moment_is_read_as_utc(written: str) -> None:
    settings, _ = load(read_yaml(f"clock: {{start: {written}}}"))
    start = settings.clock.start
    assert start == datetime(2026, 1, 31, 8, tzinfo=UTC)
    assert type(start) is datetime


def test_names_that_yaml_reads_as_numbers_are_still_names() -> None:
    settings, problems = load(read_yaml("rooms: {table: {2026: '!room'}}"))
    assert problems == []
    assert settings.rooms.table == {"2026": "!room"}


@pytest.mark.parametrize(
    ("jitsi", "why"),
    [
        ({"template": "https://meet.example.org/{who}"}, "template"),
        ({"template": "https://meet.example.org/x?jwt=hush"}, "template"),
        ({"table": {"Kernel": "http://meet.example.org/kernel"}}, "table.Kernel"),
        ({"servers": {"meet.example.org": {"websocket": "ws://meet.example.org/x"}}}, "websocket"),
        ({"commands": "everybody"}, "commands"),
    ],
)
def test_a_meeting_that_cannot_be_meant_stops_the_start(jitsi: dict[str, Any], why: str) -> None:
    with pytest.raises(SettingsError, match=rf"^jitsi\..*{why}") as caught:
        load({"jitsi": jitsi})
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    "host", ["https://meet.example.org", "meet.example.org/kernel", "meet example", "me@x", ""]
)
def test_a_server_of_meetings_is_named_by_its_host(host: str) -> None:
    with pytest.raises(SettingsError, match=r"without https://$"):
        load({"jitsi": {"servers": {host: {}}}})


def test_a_host_is_the_same_in_any_case() -> None:
    settings, _ = load(
        {"jitsi": {"servers": {"Meet.Example.org": {}, "meet.example.org:8443": {}}}}
    )
    assert list(settings.jitsi.servers) == ["meet.example.org", "meet.example.org:8443"]


def test_secrets_of_meetings_are_printed_nowhere() -> None:
    server = {"token": "hush", "app_secret": "hush", "websocket": "ws://127.0.0.1:5280/x"}
    settings, problems = load({"jitsi": {"servers": {"meet.example.org": server}}})
    assert problems == []
    assert "hush" not in repr(settings)
    assert settings.jitsi.servers["meet.example.org"].token.get_secret_value() == "hush"
