"""The hosts' rooms that the settings name: whether the bot is in them."""

from __future__ import annotations

from fosdembot.cli.checks.findings import Finding
from fosdembot.cli.entering import Entered
from fosdembot.conference.control_room import why_not_joined
from fosdembot.texts.render import clean
from fosdembot.texts.words import count


def hosts_finding(entered: Entered, user_id: str) -> Finding | None:
    """None where the settings name no hosts' room."""
    total = len(entered.rooms) + len(entered.problems)
    if not total:
        return None
    todo = [
        f"{clean(address, 255)}: {why_not_joined(code, user_id).plain}"
        for address, code in sorted(entered.problems.items())
    ]
    if todo:
        text = f"{len(entered.rooms)} of {count(total, 'room')} joined"
        return Finding("hosts' rooms", text, False, todo)
    return Finding("hosts' rooms", f"all {count(total, 'room')} joined")
