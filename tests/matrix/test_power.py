"""Power levels, whatever stands in them."""

from __future__ import annotations

from typing import Any

import pytest

from fosdembot.db.tables import RoomState
from fosdembot.matrix.power import CREATOR, is_bridged_by, power_by, power_for_state

CREATES, ADA, BOB = "@creator:here", "@ada:here", "@bob:here"


def state(event_type: str, content: dict[str, Any]) -> RoomState:
    return RoomState(room_id="!r", type=event_type, state_key="", sender=CREATES, content=content)


def create(version: str, **content: Any) -> RoomState:
    return state("m.room.create", {"room_version": version, **content})


def levels(**content: Any) -> RoomState:
    return state("m.room.power_levels", content)


@pytest.mark.parametrize(
    ("content", "power"),
    [
        ({"users": {ADA: 50}}, 50),
        ({"users": {ADA: "50"}}, 50),
        ({"users": {ADA: -5}}, -5),
        ({"users": {ADA: 10**30}}, 10**30),
        ({"users": {ADA: None}, "users_default": 7}, 7),
        ({"users": {ADA: [100]}}, 0),
        ({"users": {ADA: float("inf")}}, 0),
        ({"users": {ADA: "many"}, "users_default": "none"}, 0),
        ({"users": [ADA], "users_default": 1}, 1),
        ({}, 0),
    ],
)
def test_power_of_a_person(content: dict[str, Any], power: int) -> None:
    assert power_by(create("11"), levels(**content), ADA) == power


def test_creators_are_above_all_from_version_12_on() -> None:
    new = create("12", additional_creators=[BOB, 5])
    everybody_has_1 = levels(users_default=1)
    assert power_by(new, everybody_has_1, CREATES) == CREATOR
    assert power_by(new, everybody_has_1, BOB) == CREATOR
    assert power_by(new, everybody_has_1, ADA) == 1
    assert power_by(create("11"), everybody_has_1, CREATES) == 1
    odd = create("org.example.experiment", additional_creators={BOB: 1})
    assert power_by(odd, everybody_has_1, BOB) == 1


def test_without_power_levels_the_creator_has_100() -> None:
    assert power_by(create("11"), None, CREATES) == 100
    assert power_by(create("11"), None, ADA) == 0
    assert power_by(None, None, ADA) == 0
    assert power_for_state(None, "m.room.pinned_events") == 0


@pytest.mark.parametrize(
    ("content", "needed"),
    [
        ({"events": {"m.room.pinned_events": 0}, "state_default": 100}, 0),
        ({"events": {"m.room.topic": 0}, "state_default": 100}, 100),
        ({"events": "all", "state_default": None}, 50),
        ({}, 50),
    ],
)
def test_power_for_pinning(content: dict[str, Any], needed: int) -> None:
    assert power_for_state(levels(**content), "m.room.pinned_events") == needed


def test_who_sits_behind_a_bridge() -> None:
    globs = ("@_*", "@*_bridge:*")
    assert is_bridged_by(["@ada:here", "@_irc_bob:here"], globs)
    assert is_bridged_by(["@irc_bridge:here"], globs)
    assert not is_bridged_by(["@ada:here", "@under_score:here"], globs)
    assert not is_bridged_by([], globs)
