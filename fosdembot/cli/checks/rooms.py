"""The rooms: whether the bot is in them, can read them, and may pin."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from fosdembot.cli.checks.findings import Finding
from fosdembot.cli.entering import Entered, States
from fosdembot.conference.control_room import NOT_TRIED, why_not_joined
from fosdembot.conference.room_health import Ailment, ailments
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
    wrong = _ailing(entered, around, user_id, settings.notices.pin)
    if mute := wrong[Ailment.MUTED]:
        text = f"not in {count(len(mute), 'room')}: give me power level 50 there"
        found.append(Finding("speaking", text, False, _names(mute)))
    if power := wrong[Ailment.NO_PIN]:
        text = f"not in {count(len(power), 'room')}: give me power level 50 there"
        found.append(Finding("pinning", text, False, _names(power)))
    if encrypted := wrong[Ailment.ENCRYPTED]:
        text = f"in {count(len(encrypted), 'room')}: I cannot read what is asked there"
        todo = [*_names(encrypted), "Make rooms without encryption: it cannot be switched off."]
        found.append(Finding("encryption", text, False, todo))
    return found


def role_rooms_findings(
    control: Entered,
    hosts: Entered,
    talks: Entered,
    around: Mapping[str, States],
    user_id: str,
) -> list[Finding]:
    """Whether control room and hosts' rooms are of use, and no talk is led there."""
    found = []
    wrong = _ailing(hosts, around, user_id, False)
    if encrypted := wrong[Ailment.ENCRYPTED]:
        text = f"{count(len(encrypted), 'room')} encrypted: I cannot read what hosts type there"
        todo = [*_names(encrypted), "Make hosts' rooms without encryption, and invite me there."]
        found.append(Finding("hosts", text, False, todo))
    mute = wrong[Ailment.MUTED] + _ailing(control, around, user_id, False)[Ailment.MUTED]
    if mute:
        text = f"not in {', '.join(_names(mute))}: give me power level 50 there"
        found.append(Finding("speaking", text, False))
    roles = {*control.rooms.values(), *hosts.rooms.values()}
    misled = [address for address, room in talks.rooms.items() if room in roles]
    misled += [a for a in talks.problems if a in {**control.problems, **hosts.problems}]
    if misled:
        text = "talks are led to the control room or a hosts' room: nothing is told there"
        todo = [*_names(misled), "Correct the schedule, or give the talks a room in the settings."]
        found.append(Finding("roles", text, False, todo))
    return found


def _ailing(
    entered: Entered, around: Mapping[str, States], user_id: str, pin: bool
) -> dict[Ailment, list[str]]:
    """The addresses, by what is wrong in their rooms."""
    found: dict[Ailment, list[str]] = {what: [] for what in Ailment}
    for address, room in entered.rooms.items():
        for what in ailments(around.get(room, {}), user_id, pin):
            found[what].append(address)
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


def _is_encrypted(states: States) -> bool:
    return "m.room.encryption" in states
