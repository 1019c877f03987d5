"""What is asked in a thread is answered there."""

from __future__ import annotations

from typing import Any

import pytest

from tests.stage import KERNEL, STRANGER, Stage

ROOT = "$root"


def in_thread(to: str = "$before") -> dict[str, Any]:
    """As clients send it, with a reply for those that know no threads."""
    return {
        "m.relates_to": {
            "rel_type": "m.thread",
            "event_id": ROOT,
            "is_falling_back": True,
            "m.in_reply_to": {"event_id": to},
        }
    }


@pytest.mark.parametrize("command", ["!talk", "!vote 9", "!hlep", "!confirm on", "!ask"])
async def test_an_answer_stays_in_its_thread(conference: Stage, command: str) -> None:
    event, [said] = await conference.write(KERNEL, STRANGER, command, **in_thread())
    relation = said.content["m.relates_to"]
    assert (relation["rel_type"], relation["event_id"]) == ("m.thread", ROOT)
    assert relation["m.in_reply_to"] == {"event_id": event}
    assert "is_falling_back" not in relation, "it is a reply to just that message"


async def test_so_does_that_to_a_slip_that_is_typed_better(conference: Stage) -> None:
    event, _ = await conference.write(KERNEL, STRANGER, "!hlep", **in_thread())
    [said] = await conference.edit(KERNEL, STRANGER, event, "!help")
    assert said.content["m.relates_to"]["event_id"] == ROOT


async def test_elsewhere_nothing_is_a_thread(conference: Stage) -> None:
    event, [said] = await conference.write(KERNEL, STRANGER, "!talk")
    assert said.content["m.relates_to"] == {"m.in_reply_to": {"event_id": event}}
