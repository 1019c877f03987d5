"""Who hears what comes in a room, in which order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import pytest

from fosdembot.chat.incoming import Incoming
from fosdembot.chat.order import Order
from fosdembot.chat.router import first
from tests.stage import Stage

ORDER = {
    "messages": ["ChangedMessages.answered", "DirectChats.hear", "LetterReplies.hear"],
    "remarks": ["Answering.replied"],
    "edits": [
        "ChangedMessages.edited",
        "VoteEdits.edited",
        "DirectChats.hear",
        "ReasonEdits.edited",
        "ClaimEdits.edited",
        "AnswerEdits.edited",
        "LetterReplies.hear",
        "Proposals.changed",
        "QuestionEdits.edited",
    ],
    "reactions": [
        "ReasonTaps.reacted",
        "VoteTaps.reacted",
        "Taps.reacted",
        "AnswerTaps.reacted",
        "CheckInTaps.reacted",
        "Proposals.reacted",
    ],
    "redactions": [
        "ChangedMessages.redacted",
        "RedactedBoards.redacted",
        "ReasonTaps.redacted",
        "RedactedCalls.redacted",
        "Taps.redacted",
        "AnswerTaps.redacted",
        "CheckInTaps.redacted",
        "Proposals.changed",
        "RedactedMessages.redacted",
        "RedactedEdits.redacted",
    ],
    "memberships": ["Voters.changed"],
    "without_prefix": ["HostsWords.read", "AskingCommands.read", "VotingCommands.read"],
}


async def test_the_order_is_this(conference: Stage) -> None:
    assert {field.name for field in fields(Order)} == ORDER.keys()
    order = conference.router.order
    for name, listeners in ORDER.items():
        assert names(getattr(order, name)) == listeners, name
    assert conference.router.runner.without_prefix is order.without_prefix


def names(listeners: Sequence[Callable[..., Any]]) -> list[str]:
    return [listener.__qualname__ for listener in listeners]


@pytest.mark.parametrize(
    ("sees_to_it", "heard"), [(None, ["a", "b", "c"]), ("b", ["a", "b"]), ("c", ["a", "b", "c"])]
)
async def test_who_has_seen_to_it_is_the_last_to_hear(
    sees_to_it: str | None, heard: list[str]
) -> None:
    asked: list[str] = []

    def listener(name: str) -> Any:
        async def hear(_: object, __: object) -> bool:
            asked.append(name)
            return name == sees_to_it

        return hear

    came = Incoming("!room:x", "$event", "@ada:x", datetime.now(UTC), None)
    listeners = [listener(name) for name in "abc"]
    session: Any = None
    assert await first(listeners, session, came) is (sees_to_it is not None)
    assert asked == heard
