"""`fosdembot preview`: every message of the conference, with its time, and no Matrix."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from pathlib import Path
from statistics import median
from typing import Any, TypeVar

import click

from fosdembot.cli.config import read_yaml
from fosdembot.cli.schedule import load, warning_lines
from fosdembot.schedule.model import Schedule, Talk
from fosdembot.settings import Settings, SettingsError
from fosdembot.settings import load as load_settings
from fosdembot.talks.messages import Message, run_through
from fosdembot.talks.notices import plan
from fosdembot.talks.phases import programme_day
from fosdembot.talks.room_address import address_of
from fosdembot.talks.slots import build_slots, is_talk
from fosdembot.texts.render import clean
from fosdembot.texts.words import count

CONFIG = Path("config.yaml")


@dataclass(frozen=True, slots=True)
class RoomDay:
    """What one Matrix room is told on one day of the programme."""

    room: str
    day: date
    places: frozenset[str]
    told: tuple[tuple[datetime, Message], ...]

    @property
    def messages(self) -> int:
        """How many lines people see in the end: edits do not add any."""
        return sum(message.edit_of is None for _, message in self.told)

    @property
    def edits(self) -> int:
        return len(self.told) - self.messages


_F = TypeVar("_F", bound=Callable[..., Any])


def config_and_schedule(command: _F) -> _F:
    """The options of a command that needs the settings and a schedule, and no database."""
    for option in (
        click.option("--zone", help="IANA time zone, instead of the settings'."),
        click.option(
            "--schedule", "source", help="Path or http(s) address, instead of the settings'."
        ),
        click.option(
            "--config",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="The bot's configuration, or only its settings (base-config.yaml). "
            f"Without it {CONFIG} is read where there is one.",
        ),
    ):
        command = option(command)
    return command


@click.command()
@config_and_schedule
@click.option("--day", help="One day only: 2026-01-31, or 1 for the first.")
@click.option("--room", help="One room only: a part of its Matrix address, or of a place's name.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
def preview(
    config: Path | None,
    source: str | None,
    zone: str | None,
    day: str | None,
    room: str | None,
    as_json: bool,
) -> None:
    """Print every message that rooms would get, from the schedule and the settings alone.

    It is taken that nobody in the rooms sits behind a bridge.
    """
    settings = settings_with(config, source, zone)
    if not settings.schedule.source:
        raise click.ClickException("which schedule? Name it with --schedule PATH_OR_ADDRESS")
    programme = load(settings.schedule.source, settings.schedule)
    everything = room_days(programme, settings)
    chosen = _chosen(everything, day, room)
    roomless = [
        talk
        for talk in programme.entries
        if is_talk(talk, settings) and address_of(talk, settings) is None
    ]
    if as_json:
        found = {**_as_json(chosen, roomless), "warnings": list(programme.warnings)}
        click.echo(json.dumps(found, indent=2))
    else:
        lines = [*_as_lines(chosen, roomless, programme.tz), *warning_lines(programme)]
        click.echo("\n".join(lines))


def room_days(programme: Schedule, settings: Settings) -> list[RoomDay]:
    """What each Matrix room is told each day, if everything goes as published."""
    zone = programme.tz
    rooms: defaultdict[str, list[Talk]] = defaultdict(list)
    for talk in programme.entries:
        if (address := address_of(talk, settings)) is not None:
            rooms[address].append(talk)
    found = []
    for address, talks in rooms.items():
        slots = build_slots(talks, {}, settings)
        notices = plan(slots, settings, address, False, zone)
        days: defaultdict[date, list[tuple[datetime, Message]]] = defaultdict(list)
        for moment, message in run_through(notices, zone, settings.command_prefix):
            days[programme_day(moment, zone)].append((moment, message))
        places = frozenset(slot.place for slot in slots)
        found += [RoomDay(address, day, places, tuple(told)) for day, told in days.items()]
    return sorted(found, key=lambda room_day: (room_day.day, room_day.room))


def settings_with(config: Path | None, source: str | None, zone: str | None) -> Settings:
    """Those that the options of `config_and_schedule` name."""
    raw = _raw_settings(config or CONFIG) if config or CONFIG.is_file() else {}
    given = {"source": source, "zone": zone}
    given = {name: value for name, value in given.items() if value is not None}
    section = raw.get("schedule") or {}
    if given and isinstance(section, dict):
        raw["schedule"] = {**section, **given}
    try:
        settings, problems = load_settings(raw)
    except SettingsError as err:
        raise click.ClickException(str(err)) from None
    for problem in problems:
        click.echo(f"warning: {problem}", err=True)
    return settings


def _raw_settings(path: Path) -> dict[str, Any]:
    """The settings in a maubot standalone configuration, or a file of nothing but them."""
    data = read_yaml(path)
    settings = data.get("plugin_config", data)
    if settings is not None and not isinstance(settings, dict):
        raise click.ClickException(f"{path}: plugin_config holds no settings")
    return dict(settings or {})


def _chosen(everything: Sequence[RoomDay], day: str | None, room: str | None) -> list[RoomDay]:
    days = sorted({room_day.day for room_day in everything})
    if day is not None and not days:
        raise click.ClickException("there are no messages on any day")
    if day is not None:
        wanted = dict(zip(map(str, range(1, len(days) + 1)), days, strict=True))
        wanted |= {str(known): known for known in days}
        if day not in wanted:
            raise click.ClickException(f"no such day; there are {', '.join(map(str, days))}")
        days = [wanted[day]]
    chosen = [room_day for room_day in everything if room_day.day in days]
    if room is None:
        return chosen
    part = room.casefold()
    found = [
        room_day
        for room_day in chosen
        if any(part in name.casefold() for name in (room_day.room, *room_day.places))
    ]
    if not found:
        rooms = sorted({room_day.room for room_day in chosen})
        some = ", ".join(clean(name, 80) for name in rooms[:5])
        raise click.ClickException(f"no room with messages is called so; there are {some} …")
    return found


def _as_json(chosen: Sequence[RoomDay], roomless: Sequence[Talk]) -> dict[str, Any]:
    return {
        "messages": [
            {
                "room": room_day.room,
                "time": f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
                "kind": message.kind.value,
                "edit": message.edit_of is not None,
                "pin": message.pin,
                "text": message.text.plain,
                "html": message.text.html,
            }
            for room_day in chosen
            for moment, message in room_day.told
        ],
        "room_days": [
            {
                "room": room_day.room,
                "day": str(room_day.day),
                "messages": room_day.messages,
                "edits": room_day.edits,
            }
            for room_day in chosen
        ],
        "talks_without_room": len(roomless),
    }


def _as_lines(chosen: Sequence[RoomDay], roomless: Sequence[Talk], zone: tzinfo) -> Iterator[str]:
    for room_day in chosen:
        yield f"{clean(room_day.room, 255)}, {room_day.day:%a %d %b %Y}"
        for moment, message in room_day.told:
            yield from _message_lines(moment, message, zone)
        yield f"  {_counts(room_day)}"
        yield ""
    yield from _summary(chosen)
    if roomless:
        yield (
            f"{count(len(roomless), 'talk')} without a Matrix room, so nothing is told about "
            "them; rooms.default or rooms.alias_template in the settings gives them one."
        )


def _message_lines(moment: datetime, message: Message, zone: tzinfo) -> Iterable[str]:
    mark = "edit" if message.edit_of else "pin" if message.pin else ""
    first, *rest = message.text.plain.split("\n")
    yield f"  {moment.astimezone(zone):%H:%M:%S}  {mark:<4}  {first}"
    yield from (f"{'':18}{line}" for line in rest)


def _counts(room_day: RoomDay) -> str:
    return f"{count(room_day.messages, 'message')}, {count(room_day.edits, 'edit')}"


def _summary(chosen: Sequence[RoomDay]) -> Iterator[str]:
    if not chosen:
        yield "No messages."
        return
    most = max(chosen, key=lambda room_day: room_day.messages)
    numbers = [room_day.messages for room_day in chosen]
    edits = sum(room_day.edits for room_day in chosen)
    yield (
        f"{count(sum(numbers), 'message')} and {count(edits, 'edit')} in "
        f"{count(len(chosen), 'room-day')}: median {median(numbers):g}, "
        f"most {most.messages} ({clean(most.room, 255)}, {most.day:%a %d %b})."
    )
