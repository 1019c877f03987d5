"""Who is notified."""

from __future__ import annotations

from fosdembot.matrix.content import MOST_PERSONS, notice, to_persons
from fosdembot.texts.render import say

TEXT = say("Your question is on.")


def test_only_these_persons_are_notified() -> None:
    content = to_persons(TEXT, ["@ada:here", "@bob:here", "@ada:here"], reply_to="$event")
    assert content["msgtype"] == "m.text"
    assert content["m.mentions"] == {"user_ids": ["@ada:here", "@bob:here"]}
    assert content["m.relates_to"] == {"m.in_reply_to": {"event_id": "$event"}}
    assert notice(TEXT)["m.mentions"] == {}


def test_not_a_whole_crowd() -> None:
    crowd = [f"@person{number}:here" for number in range(100)]
    assert to_persons(TEXT, crowd)["m.mentions"] == {"user_ids": crowd[:MOST_PERSONS]}
