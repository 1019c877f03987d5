"""The settings: typed, each with a default.

`base-config.yaml` and docs/settings.md list the same keys (a test compares the
three). A value of the wrong type is named by its key and replaced by the default;
see `load`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import (
    Field,
    ValidationError,
)

from fosdembot.setting_defaults import BREAKS, RELAY_EDIT_MARKS, RELAY_FORMATS
from fosdembot.setting_problems import empty, unknown_key, worded
from fosdembot.setting_sections import (
    JitsiSettings,
    PageSettings,
    PrivacySettings,
    Section,
    TranscriptSettings,
)
from fosdembot.setting_types import (
    AliasTemplate,
    EditMark,
    Float,
    Int,
    Minutes,
    Moment,
    RelayFormat,
    RoomAddress,
    RoomId,
    UserAgent,
    UserId,
    YamlWord,
    Zone,
)

Level = Literal["off", "quiet", "standard", "full"]
Edits = Literal["on", "off", "auto"]
NoticeKind = Literal["heads_up", "now", "qa", "time_left", "over"]


class ScheduleSettings(Section):
    source: str = ""
    """Path or address (http, https, webcal) of the published schedule."""
    user_agent: UserAgent = ""
    """What the bot calls itself to the schedule's web server. "": fosdembot, its version and
    home page."""
    zone: Zone = ""
    """IANA zone. Used where the schedule names none, or only UTC; overrules it where
    `zone_overrides`."""
    zone_overrides: bool = False
    poll_minutes: Annotated[Int, Field(ge=1, le=1440)] = 5
    longest_talk_hours: Annotated[Float, Field(gt=0, le=48)] = 6
    """Entries of this length or more are not talks: no notices, no Q&A."""
    max_megabytes: Annotated[Int, Field(ge=1, le=500)] = 50


class RoomSettings(Section):
    default: RoomAddress = ""
    """The room of every talk for which no other is known."""
    alias_template: AliasTemplate = ""
    """For example `#{year}-{track}:example.org`; {year} {track} {room} {slug} {id}."""
    table: dict[str, RoomAddress] = {}
    """Talk (guid or id), track or room name → Matrix room."""
    bridge_users: tuple[str, ...] = ("@_*", "@*_bridge:*", "@irc_*", "@xmpp_*", "@telegram_*")
    """Globs of members who sit behind a bridge."""
    return_minutes: Minutes = 60
    """After somebody removed the bot from a room, it comes back by itself so much later."""


class NoticeKinds(Section):
    """What each level tells. The countdown goes with the heads-up."""

    quiet: tuple[NoticeKind, ...] = ("now", "qa")
    standard: tuple[NoticeKind, ...] = ("heads_up", "now", "qa")
    full: tuple[NoticeKind, ...] = ("heads_up", "now", "qa", "time_left", "over")


class NoticeSettings(Section):
    level: Annotated[Level, YamlWord] = "standard"
    tracks: dict[str, Annotated[Level, YamlWord]] = {}
    """Track → level, where it differs."""
    kinds: NoticeKinds = NoticeKinds()
    heads_up_minutes: Annotated[Int, Field(ge=1, le=120)] = 10
    countdown_minutes: tuple[Annotated[Int, Field(ge=1, le=119)], ...] = (5, 1)
    """The heads-up is edited at these minutes before the start."""
    qa_minutes: Minutes = 5
    """Q&A begins this long before the end. 0: no Q&A notice."""
    shortest_qa_talk_minutes: Annotated[Int, Field(ge=1, le=24 * 60)] = 15
    """Shorter talks get no Q&A notice: it would fall on top of the next talk."""
    time_left_minutes: Annotated[int, Field(ge=1, le=60)] = 5
    session_gap_minutes: Annotated[Int, Field(ge=1, le=24 * 60)] = 15
    """A gap this long ends a session."""
    change_window_hours: Annotated[Int, Field(ge=1, le=24 * 14)] = 24
    """Rooms are told of schedule changes that concern the next so many hours."""
    edits: Annotated[Edits, YamlWord] = "auto"
    edits_by_room: dict[str, Annotated[Edits, YamlWord]] = {}
    stream_delay_seconds: Annotated[Int, Field(ge=0, le=3600)] = 0
    """What attendees are told comes this much later, as the stream does."""
    stream_delay_by_room: dict[str, Annotated[Int, Field(ge=0, le=3600)]] = {}
    pin: bool = True
    breaks: tuple[Annotated[str, Field(max_length=100)], ...] = BREAKS
    """Entries whose kind or title is one of these are breaks: there is nobody to ask."""


class PrerecordedSettings(Section):
    """Talks shown as a video, after which the speaker answers live."""

    tracks: tuple[str, ...] = ()
    talks: dict[str, Annotated[Int, Field(ge=1, le=24 * 60)]] = {}
    """Talk (guid or id) → length of its video in minutes."""
    qa_minutes: Minutes = 10
    """For the talks of `tracks`: the video ends this long before the talk's end."""


class LimitSettings(Section):
    commands_per_minute: Annotated[Int, Field(ge=1, le=10_000)] = 20
    """Of one person; those beyond are not answered."""
    messages_per_second: Annotated[Float, Field(gt=0, le=1000)] = 50
    """The most that the bot sends. The homeserver's own limit is honoured besides."""
    relay_commands_per_minute: Annotated[Int, Field(ge=1, le=100_000)] = 200
    """Of one account that speaks for many, whatever names it gives; each name has the limit of
    one person besides."""
    cards_per_minute: Annotated[Int, Field(ge=1, le=10_000)] = 20
    """New questions that get a card in a hosts' room at once; the others are counted, and get
    theirs later."""
    direct_chats: Annotated[Int, Field(ge=0, le=100_000)] = 500
    """The most there are at a time; for another, the bot leaves the one that was idle longest."""
    direct_chats_per_person: Annotated[Int, Field(ge=1, le=1000)] = 3
    """The most with one person; for another, the bot leaves theirs that was idle longest."""


class QuestionSettings(Section):
    longest: Annotated[Int, Field(ge=20, le=2000)] = 500
    """Characters."""
    open_per_person: Annotated[Int, Field(ge=1, le=1000)] = 5
    """Of one person for one talk: those that are not yet answered, dismissed or withdrawn."""
    open_per_relay: Annotated[Int, Field(ge=1, le=10_000)] = 50
    """The same of one account that speaks for many, whatever names it gives."""
    moderated: bool = False
    """Whether a moderator sees each question before it counts; `!qa moderated` sets it for
    a room."""
    vote_emoji: tuple[Annotated[str, Field(min_length=1, max_length=20)], ...] = ()
    """Reactions that are a vote like 👍."""
    count_own_votes: bool = False
    """Whether the asker's own vote counts."""
    leaving_withdraws_votes: bool = False
    """Whether the votes of those who leave the room are taken away."""
    ask_by_reaction: Literal["author", "anybody", "nobody"] = "author"
    """Who may make a message a question with ❓; `author`: its author. Moderators may in
    any case, unless it is `nobody`."""
    relays: tuple[str, ...] = ()
    """Globs of accounts that speak for many, as `<nick> text`: they may not vote. Those that
    `rooms.bridge_users` names are the same as soon as they do so."""
    relay_formats: Annotated[tuple[RelayFormat, ...], Field(max_length=50)] = RELAY_FORMATS
    """How they write who speaks. Of accounts that `relays` does not name, those are believed
    that set the name off: `<{nick}>`, `**{nick}**:`; of those that `rooms.bridge_users` names
    `{nick}>` and `* {nick}`, too."""
    relay_edit_marks: Annotated[tuple[EditMark, ...], Field(max_length=50)] = RELAY_EDIT_MARKS
    """What they put behind a message that its writer has edited."""
    board_seconds: Annotated[Int, Field(ge=1, le=3600)] = 30
    """The pinned message is edited at most so often,"""
    board_edits: Annotated[Int, Field(ge=0, le=1000)] = 20
    """and at most so many times a talk."""
    letter_minutes: Minutes = 4
    """So long after the end the speaker is written what was not reached."""
    letter_days: Annotated[Int, Field(ge=1, le=365)] = 14
    """So long a written answer is taken; halfway there is one reminder."""
    keep_names_days: Annotated[Int, Field(ge=1, le=3650)] = 30
    """So long after the last talk who asked and who voted is forgotten."""


class ClockSettings(Section):
    """For rehearsals: the conference's time starts at `start` and runs `speed` times as fast."""

    start: Moment | None = None
    """With its offset from UTC, as is `wall_start`."""
    wall_start: Moment | None = None
    """When `start` was; without it, the moment at which the plugin starts."""
    speed: Annotated[Float, Field(gt=0, le=10_000)] = 1


class RehearsalSettings(Section):
    """The real programme in one's own room, see `matrix/one_room.py`."""

    room: RoomId = ""
    """Its id. The bot then neither speaks nor listens anywhere else."""
    of: str = ""
    """Only the talks of this place or track; without it, of all."""


class Settings(Section):
    schedule: ScheduleSettings = ScheduleSettings()
    rooms: RoomSettings = RoomSettings()
    control_room: RoomAddress = ""
    organisers: tuple[UserId, ...] = ()
    moderators: tuple[UserId, ...] = ()
    command_prefix: Annotated[str, Field(min_length=1, max_length=5, pattern=r"^\S+$")] = "!"
    notices: NoticeSettings = NoticeSettings()
    prerecorded: PrerecordedSettings = PrerecordedSettings()
    questions: QuestionSettings = QuestionSettings()
    hosts: dict[str, RoomAddress] = {}
    """Track (`*`: all others) → the room of its moderators; `!conf hosts` sets it as well."""
    speakers: dict[str, tuple[UserId, ...]] = {}
    """Talk (guid or id) → its speakers."""
    jitsi: JitsiSettings = JitsiSettings()
    transcripts: TranscriptSettings = TranscriptSettings()
    pages: PageSettings = PageSettings()
    privacy: PrivacySettings = PrivacySettings()
    limits: LimitSettings = LimitSettings()
    clock: ClockSettings = ClockSettings()
    rehearsal: RehearsalSettings = RehearsalSettings()

    @property
    def archives(self) -> bool:
        """Whether talks have transcripts that may be published."""
        return bool(self.transcripts.folder.strip() and self.privacy.contact.strip())

    @property
    def relays(self) -> tuple[str, ...]:
        """Globs of the accounts that are believed to speak for many."""
        return (*self.questions.relays, *self.rooms.bridge_users)

    @property
    def longest_talk(self) -> timedelta:
        return timedelta(hours=self.schedule.longest_talk_hours)


class SettingsError(Exception):
    """The settings cannot be used at all; the message is one line that names each key."""


# Guessing these would speak in the wrong place, or obey or time the wrong thing.
NO_SAFE_DEFAULT = (
    "control_room",
    "organisers",
    "moderators",
    "hosts",
    "jitsi",
    "speakers",
    "transcripts",
    "pages",
    "privacy",
    "clock",
    "rehearsal",
    "rooms",
    "schedule",
)


_MOST_NAMED = 10
"""Reasons for a refusal in its one line; a long table may be wrong in each of its values."""


def load(raw: Mapping[str, Any]) -> tuple[Settings, list[str]]:
    """Read settings; returns them with one line for each that was replaced or not known.

    Missing keys and `null` mean the default; where text is expected, null gets a line.
    Raises `SettingsError` where a default in place of a wrong value could do harm.
    """
    data: dict[str, Any] = _without_nulls(raw)
    problems = list(empty(raw, Settings))
    while True:
        try:
            return Settings.model_validate(data), problems
        except ValidationError as err:
            refused = []
            for error in err.errors(include_url=False, include_input=False):
                path = error["loc"]
                key = ".".join(str(part) for part in path)
                reason = worded(dict(error))
                if error["type"] == "extra_forbidden":
                    problems.append(unknown_key(key, path, Settings))
                elif path and path[0] in NO_SAFE_DEFAULT:
                    refused.append(f"{key}: {reason}")
                else:
                    problems.append(f"{key}: {reason}; the default is used")
                _remove(data, path)
            if refused:
                raise SettingsError(_listed(refused)) from None


def _listed(refused: Sequence[str]) -> str:
    more = len(refused) - _MOST_NAMED
    return "; ".join([*refused[:_MOST_NAMED], *([f"and {more} more"] if more > 0 else [])])


def _without_nulls(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {
        str(key): _without_nulls(value) if isinstance(value, Mapping) else value
        for key, value in raw.items()
        if value is not None
    }


def _remove(data: dict[str, Any], path: tuple[int | str, ...]) -> None:
    """Take the innermost mapping's entry on `path` out of `data` (a list goes whole)."""
    node: Any = data
    for depth, part in enumerate(path):
        child = node.get(part) if isinstance(node, dict) else None
        if isinstance(child, dict) and depth + 1 < len(path):
            node = child
            continue
        node.pop(part, None)
        return
