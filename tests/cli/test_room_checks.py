"""What doctor says of rooms in which the bot is, and cannot do what it should."""

from __future__ import annotations

from typing import Any

import pytest

from fosdembot.cli.checks.findings import Finding
from fosdembot.cli.checks.rooms import role_rooms_findings, rooms_findings
from fosdembot.cli.entering import Entered
from fosdembot.db.tables import RoomState
from fosdembot.settings import Settings

BOT = "@bot:example.org"
KERNEL, HOSTS, CONTROL = "#kernel:example.org", "#hosts:example.org", "!control"


def states(**contents: dict[str, Any]) -> dict[str, RoomState]:
    named = {"levels": "m.room.power_levels", "encryption": "m.room.encryption"}
    return {
        named[name]: RoomState(
            room_id="", type=named[name], state_key="", sender="@a:b", content=content
        )
        for name, content in contents.items()
    }


def topics(findings: list[Finding]) -> dict[str, str]:
    return {finding.what: finding.text for finding in findings if not finding.well}


@pytest.mark.parametrize(
    "levels", [{"events_default": 50}, {"events": {"m.room.message": 1}}, {"events_default": "10"}]
)
def test_a_talk_room_in_which_it_cannot_speak(levels: dict[str, Any]) -> None:
    entered = Entered(rooms={KERNEL: "!kernel"})
    around = {"!kernel": states(levels=levels)}
    found = topics(rooms_findings(entered, around, Settings(), BOT))
    assert found == {"speaking": "not in 1 room: give me power level 50 there"}


def test_a_room_in_which_all_is_well() -> None:
    entered = Entered(rooms={KERNEL: "!kernel"})
    around = {"!kernel": states(levels={"users": {BOT: 50}, "events_default": 50})}
    assert topics(rooms_findings(entered, around, Settings(), BOT)) == {}


def test_hosts_rooms_and_the_control_room() -> None:
    control, hosts = Entered(rooms={CONTROL: CONTROL}), Entered(rooms={HOSTS: "!hosts"})
    around = {CONTROL: states(levels={"events_default": 50}), "!hosts": states(encryption={})}
    found = role_rooms_findings(control, hosts, Entered(), around, BOT)
    assert set(topics(found)) == {"hosts", "speaking"}


@pytest.mark.parametrize("led_to", [CONTROL, "!hosts"])
def test_talks_that_are_led_to_a_room_with_a_role(led_to: str) -> None:
    control, hosts = Entered(rooms={CONTROL: CONTROL}), Entered(rooms={HOSTS: "!hosts"})
    talks = Entered(rooms={"#other:example.org": led_to})
    [finding] = role_rooms_findings(control, hosts, talks, {}, BOT)
    assert "#other:example.org" in finding.todo
