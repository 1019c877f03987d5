"""The rooms: whether the bot is in them, can read them, and may pin."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from fosdembot.cli.checks.findings import Finding
from fosdembot.cli.entering import Entered, States
from fosdembot.conference.control_room import NOT_TRIED, why_not_joined
from fosdembot.matrix.power import power_by, power_for_state
from fosdembot.settings import Settings
from fosdembot.texts.render import clean
from fosdembot.texts.words import count


def control_room_finding(
    address: str,
    entered: Entered,
    around: Mapping[str, States],
    problems: Sequence[str],
    user_id: str,
) -> Finding:
    """`problems`: a line for each organiser who is not there."""
    name = clean(address, 255)
    if address in entered.problems:
        why = why_not_joined(entered.problems[address], user_id).plain
        return Finding("control room", f"{name} is not joined", False, (why,))
    if _is_encrypted(around.get(entered.rooms[address], {})):
        todo = (
            "The bot cannot read encrypted rooms. Make one without encryption, invite the",
            "bot there, and call fosdembot init --control-room with its address.",
        )
        return Finding("control room", f"{name} is encrypted", False, todo)
    return Finding("control room", name, not problems, problems)


def rooms_findings(
    entered: Entered, around: Mapping[str, States], settings: Settings, user_id: str
) -> list[Finding]:
    """Which talk rooms need help, and what kind of help."""
    if not (entered.rooms or entered.problems):
        return []
    found = [_entered_finding(entered, user_id)]
    if settings.notices.pin:
        power = [
            address
            for address, room in entered.rooms.items()
            if not _may_pin(around.get(room, {}), user_id)
        ]
        if power:
            text = f"not in {count(len(power), 'room')}: give me power level 50 there"
            found.append(Finding("pinning", text, False, _names(power)))
    encrypted = [a for a, room in entered.rooms.items() if _is_encrypted(around.get(room, {}))]
    if encrypted:
        text = f"in {count(len(encrypted), 'room')}: I cannot read what is asked there"
        found.append(Finding("encryption", text, False, _names(encrypted)))
    return found


def _entered_finding(entered: Entered, user_id: str) -> Finding:
    total = len(entered.rooms) + len(entered.problems)
    if not entered.problems:
        return Finding("rooms", f"all {count(total, 'room')} joined")
    by_code: defaultdict[str, list[str]] = defaultdict(list)
    for address, code in entered.problems.items():
        by_code[code].append(address)
    later = len(by_code.pop(NOT_TRIED, ()))
    todo = []
    for code, refused in by_code.items():
        todo += [why_not_joined(code, user_id).plain, *(f"  {name}" for name in _names(refused))]
    if later:
        todo.append(f"{count(later, 'room')} left for later: the bot goes on when it runs.")
    text = f"{len(entered.rooms):,} of {count(total, 'room')} joined"
    return Finding("rooms", text, False if by_code else None, todo)


def _names(addresses: Sequence[str]) -> list[str]:
    return [clean(address, 255) for address in addresses]


def _may_pin(states: States, user_id: str) -> bool:
    levels = states.get("m.room.power_levels")
    own = power_by(states.get("m.room.create"), levels, user_id)
    return own >= power_for_state(levels, "m.room.pinned_events")


def _is_encrypted(states: States) -> bool:
    return "m.room.encryption" in states
