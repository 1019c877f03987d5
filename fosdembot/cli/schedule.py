"""`fosdembot schedule`: what the bot makes of a published schedule, before it runs on it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import click

from fosdembot.schedule.diff import Change, ScheduleDiff
from fosdembot.schedule.diff import diff as difference
from fosdembot.schedule.fetch import fetch
from fosdembot.schedule.identity import recognise
from fosdembot.schedule.model import Schedule, ScheduleError, Talk
from fosdembot.schedule.read import read
from fosdembot.schedule.text import clean
from fosdembot.schedule.times import find_zone
from fosdembot.settings import ScheduleSettings, Settings
from fosdembot.talks.changes import ids_changed
from fosdembot.talks.room_address import address_of

_MEDIA = ("recording", "subtitles", "slides")
_FORMATS = {"xml": "frab XML", "json": "schedule.json", "ical": "iCalendar"}


def load(source: str, settings: ScheduleSettings) -> Schedule:
    """Fetch and read a schedule, or end the command with one line that says why not."""
    try:
        fetched = asyncio.run(fetch(source, settings))
        return read(fetched.data or b"", settings)
    except ScheduleError as err:
        raise click.ClickException(f"{_shown(source)}: {err}") from err


def warning_lines(programme: Schedule) -> list[str]:
    """What the reader warns of, for the end of what a command prints."""
    return [f"warning: {warning}" for warning in programme.warnings]


def addresses(programme: Schedule, settings: Settings) -> list[str]:
    """The chat rooms that the bot goes into, also those of entries that are too long to be
    talks; in order of the first entry."""
    found = dict.fromkeys(address_of(talk, settings) for talk in programme.entries)
    return [address for address in found if address is not None]


def soonest_first(programme: Schedule, settings: Settings, now: datetime) -> list[str]:
    """The same, those with a talk soon (or on) first, those whose talks are over last."""
    coming = sorted(programme.entries, key=lambda talk: (talk.end <= now, talk.start))
    return addresses(replace(programme, entries=tuple(coming)), settings)


def _shown(source: str) -> str:
    """The source for people: of an address without password and query, which may hold secrets."""
    scheme, separator, rest = source.partition("://")
    if separator:
        host, slash, path = rest.partition("/")
        source = f"{scheme}://{host.rpartition('@')[2]}{slash}{path.partition('?')[0]}"
    return clean(source, 200)


def _zone(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    if value and find_zone(value) is None:
        raise click.BadParameter(
            f"no such time zone: {clean(value, 60)!r}; one is, for example, Europe/Brussels"
        )
    return value


_zone_option = click.option(
    "--zone",
    default="",
    callback=_zone,
    help="IANA time zone for times that the schedule gives without one, as Europe/Brussels.",
)
_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")


@click.group()
def schedule() -> None:
    """Check a published schedule, or compare two.

    A SOURCE is a path or an http(s) address. Read are frab's XML (FOSDEM, pretalx,
    CCC), schedule.json and iCalendar.
    """


@schedule.command()
@click.argument("source")
@_zone_option
@_json_option
def check(source: str, zone: str, as_json: bool) -> None:
    """Read SOURCE and tell what is in it."""
    settings = ScheduleSettings(zone=zone)
    programme = load(source, settings)
    summary = summarise(programme, settings)
    if as_json:
        click.echo(json.dumps(summary, indent=2))
    else:
        click.echo("\n".join(_lines(programme, summary, settings)))


def summarise(programme: Schedule, settings: ScheduleSettings) -> dict[str, Any]:
    """What `check --json` prints. `first` and `last` are the first and the last start."""
    entries = programme.entries
    hours = settings.longest_talk_hours
    rooms = [talk.chat_room for talk in entries if talk.chat_room]
    return {
        "format": programme.format,
        "entries": len(entries),
        "talks": sum(talk.duration.total_seconds() < hours * 3600 for talk in entries),
        "rooms": len({talk.room for talk in entries if talk.room}),
        "days": len({talk.start.astimezone(programme.tz).date() for talk in entries}),
        "time_zone": programme.time_zone,
        "first": _iso(entries[0]) if entries else None,
        "last": _iso(entries[-1]) if entries else None,
        "with_chat_room": len(rooms),
        "chat_rooms": len(set(rooms)),
        "recording_optouts": sum(talk.recording_optout for talk in entries),
        "with_recording": sum(bool(talk.recordings) for talk in entries),
        "with_subtitles": sum(bool(talk.subtitles) for talk in entries),
        "with_slides": sum(bool(talk.slides) for talk in entries),
        "warnings": list(programme.warnings),
    }


def _iso(talk: Talk) -> str:
    return f"{talk.start:%Y-%m-%dT%H:%M:%SZ}"


def _lines(
    programme: Schedule, summary: dict[str, Any], settings: ScheduleSettings
) -> Iterable[str]:
    yield f"{programme.title or 'A schedule without a title'} ({_FORMATS[programme.format]})"
    longest = f"shorter than {settings.longest_talk_hours:g} hours"
    rows = [
        ("entries", f"{summary['entries']}, of which {summary['talks']} are talks ({longest})"),
        ("places", f"{summary['rooms']}"),
        ("days", f"{summary['days']}"),
        ("time zone", programme.time_zone or f"not named; times are read as {programme.tz}"),
        ("chat rooms", f"{summary['chat_rooms']}, linked by {summary['with_chat_room']} entries"),
        ("not recorded", f"{summary['recording_optouts']}"),
    ]
    watch = [f"{summary[f'with_{what}']} with {what}" for what in _MEDIA if summary[f"with_{what}"]]
    if watch:
        rows.append(("media", ", ".join(watch)))
    if programme.entries:
        starts = (programme.entries[0].start, programme.entries[-1].start)
        first, last = (f"{start.astimezone(programme.tz):%a %d %b %Y %H:%M}" for start in starts)
        rows.insert(3, ("starts", f"from {first} to {last}"))
    for name, value in rows:
        yield f"  {name:<13} {value}"
    yield from (f"  {line}" for line in warning_lines(programme))


@schedule.command()
@click.argument("old")
@click.argument("new")
@_zone_option
@_json_option
def diff(old: str, new: str, zone: str, as_json: bool) -> None:
    """Tell what the schedule NEW changes of the schedule OLD."""
    settings = ScheduleSettings(zone=zone)
    before, after = load(old, settings), load(new, settings)
    recognised = recognise(before.entries, after)
    changes = difference(before, recognised.schedule)
    warnings = _warnings(before, after)
    if as_json:
        ids = _new_ids(before, recognised.schedule)
        listed = {**_guids_and_titles(changes), "ids": ids, "warnings": warnings}
        click.echo(json.dumps(listed, indent=2))
    else:
        said = ids_changed(recognised)
        lines = [said.plain] if said else []
        lines += _told(changes, after)
        if not changes:
            lines.append("Nothing else changed." if said else "Nothing changed.")
        lines += (f"warning ({line['schedule']}): {line['warning']}" for line in warnings)
        click.echo("\n".join(lines))


def _new_ids(before: Schedule, after: Schedule) -> list[dict[str, str]]:
    """The talks that were known under another id."""
    known = {talk.guid for talk in before.entries}
    renamed = (t for t in after.entries if t.guid in known and t.guid != t.published_guid)
    return [{"guid": t.published_guid, "was": t.guid, "title": t.title} for t in renamed]


def _warnings(before: Schedule, after: Schedule) -> list[dict[str, str]]:
    """What is odd in the old schedule alone, in the new one, and in both."""
    old, new = before.warnings, after.warnings
    lines = [("both" if warning in old else "new", warning) for warning in new]
    lines += [("old", warning) for warning in old if warning not in new]
    return [{"schedule": where, "warning": warning} for where, warning in lines]


def _guids_and_titles(changes: ScheduleDiff) -> dict[str, list[dict[str, str]]]:
    def listed(items: Iterable[Talk | Change]) -> list[dict[str, str]]:
        talks = (item.new if isinstance(item, Change) else item for item in items)
        return [{"guid": talk.published_guid, "title": talk.title} for talk in talks]

    return {
        "added": listed(changes.added),
        "removed": listed(changes.removed),
        "retimed": listed(changes.retimed),
        "moved": listed(changes.moved),
        "retitled": listed(changes.retitled),
        "speakers": listed(changes.speakers),
        "chat_rooms": listed(changes.chat_rooms),
        "hallways": listed(changes.hallways),
        "meetings": listed(changes.meetings),
        "tracks": listed(changes.tracks),
        "kinds": listed(changes.kinds),
        "languages": listed(changes.languages),
        "recording": listed(changes.recording),
        "media": listed(changes.media),
    }


def _told(changes: ScheduleDiff, after: Schedule) -> Iterable[str]:
    def when(talk: Talk) -> str:
        start, end = talk.start.astimezone(after.tz), talk.end.astimezone(after.tz)
        # Whoever reads 23:00–01:00 knows that it is the next day.
        ends = f"{end:%H:%M}" if talk.duration < timedelta(days=1) else f"{end:%a %d %b %H:%M}"
        return f"{start:%a %d %b %H:%M}–{ends}"

    def where(talk: Talk) -> str:
        return talk.room or "nowhere"

    def who(talk: Talk) -> str:
        return ", ".join(talk.persons) or "nobody"

    def other(these: Iterable[Change], what: Callable[[Talk], str | None]) -> list[str]:
        shown = ((c.new.title, what(c.old) or "none", what(c.new) or "none") for c in these)
        return [f"{title}: {old} → {new}" for title, old, new in shown]

    def recorded(talk: Talk) -> str:
        return "not to be recorded" if talk.recording_optout else "may be recorded"

    def watch(talk: Talk) -> str:
        found = (("recording", talk.recordings), ("subtitles", talk.subtitles))
        names = [name for name, links in (*found, ("slides", talk.slides)) if links]
        return ", ".join(names)

    sections = {
        "added": [f"{talk.title}: {when(talk)}, {where(talk)}" for talk in changes.added],
        "removed": [f"{talk.title}: {when(talk)}, {where(talk)}" for talk in changes.removed],
        "retimed": [f"{c.new.title}: {when(c.old)} → {when(c.new)}" for c in changes.retimed],
        "moved": [f"{c.new.title}: {where(c.old)} → {where(c.new)}" for c in changes.moved],
        "retitled": [f"{c.old.title} → {c.new.title}" for c in changes.retitled],
        "speakers": [f"{c.new.title}: {who(c.old)} → {who(c.new)}" for c in changes.speakers],
        "chat rooms": other(changes.chat_rooms, lambda talk: talk.chat_room),
        "hallways": other(changes.hallways, lambda talk: talk.hallway),
        # Not which: it is the way into the broadcast.
        "meetings": [c.new.title for c in changes.meetings],
        "tracks": other(changes.tracks, lambda talk: talk.track),
        "kinds": other(changes.kinds, lambda talk: talk.kind),
        "languages": other(changes.languages, lambda talk: talk.language),
        "recording": other(changes.recording, recorded),
        "recordings, subtitles, slides": other(changes.media, watch),
    }
    for name, lines in sections.items():
        if lines:
            yield f"{name} ({len(lines)})"
            yield from (f"  {line}" for line in lines)
