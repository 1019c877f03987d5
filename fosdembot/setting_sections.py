"""Settings of what the conference shows outside of its rooms: speakers' meetings, transcripts,
pages."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from fosdembot.setting_types import (
    Framer,
    Int,
    Meeting,
    MeetingHost,
    MeetingTemplate,
    Minutes,
    WebSocketUrl,
    WebUrl,
    YamlWord,
)


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class JitsiServer(Section):
    """A Jitsi server that the bot may connect to. What is empty is found out by itself."""

    token: SecretStr = SecretStr("")
    """A JWT for all meetings, where the server wants one,"""
    app_id: str = ""
    """or the application for which the bot makes one for each meeting,"""
    app_secret: SecretStr = SecretStr("")
    """with this secret (HS256)."""
    websocket: WebSocketUrl = ""
    domain: Annotated[str, Field(max_length=253)] = ""
    """The name of the XMPP server inside, `meet.jitsi` for example."""
    muc: Annotated[str, Field(max_length=253)] = ""
    """That of its meetings, `muc.meet.jitsi` for example."""


class JitsiSettings(Section):
    """Where speakers meet, and what is said there."""

    servers: dict[MeetingHost, JitsiServer] = {}
    """Host → how to connect to it; to others the bot never connects."""
    template: MeetingTemplate = ""
    """For example `https://meet.example.org/{room}`; {year} {track} {room} {slug} {id}."""
    table: dict[str, Meeting] = {}
    """Talk (guid or id), track or room name → address of the meeting."""
    name: Annotated[str, Field(max_length=50)] = ""
    """What the bot is called there; "": as in Matrix."""
    commands: Annotated[Literal["owners", "identified", "off"], YamlWord] = "owners"
    """Whose commands are obeyed: of moderators of the meeting, of those whom a token names, or
    nobody's."""
    before_minutes: Annotated[Int, Field(ge=1, le=240)] = 15
    """The bot comes so long before a talk."""
    check_in_minutes: Annotated[
        tuple[Annotated[Int, Field(ge=1, le=240)], ...], Field(max_length=5)
    ] = (10, 5)
    """So long before a talk hosts are told if nobody is in its meeting."""
    top_seconds: Annotated[Int, Field(ge=5, le=3600)] = 60
    """Another best question is shown at most so often."""


class TranscriptSettings(Section):
    """What was asked, answered and said, as files."""

    folder: Annotated[str, Field(max_length=1000)] = ""
    """Where the files are written; "": there are no transcripts."""
    public_url: WebUrl = ""
    """The address at which a web server serves `public` of the folder; without it nobody is told
    of transcripts."""
    chat: Annotated[Literal["publish", "keep", "off"], YamlWord] = "keep"
    """What becomes of what was said besides questions and answers."""
    before_minutes: Minutes = 10
    """The chat of so long before a talk belongs to it,"""
    after_minutes: Minutes = 15
    """and of so long after it; then its transcript is made. Neighbours in the room never
    overlap."""
    upload: bool = False
    """Whether the transcript is also posted to its room as a file."""
    tell_recordings: bool = True
    """Whether a room is told once when a talk's recording is out."""
    enrich: bool = True
    """Whether questions are looked for in the subtitles of recordings."""
    opted_out: Literal["nameless", "removed"] = "nameless"
    """What becomes of the words of those who do not want to be named."""
    unrecorded_names: bool = False
    """Whether questions to talks that must not be recorded are shown with names."""
    indexed: bool = False
    """Whether search engines may list transcripts."""
    keep_days: Annotated[Int, Field(ge=0, le=36_500)] = 0
    """So long after the talk a transcript is deleted; 0: never."""


class PageSettings(Section):
    """What people see in a browser, see docs/pages.md."""

    public_url: WebUrl = ""
    """The address at which a web server passes on what the bot serves; "": there are no pages."""
    framed_by: Annotated[tuple[Framer, ...], Field(max_length=50)] = ()
    """Where room pages may stand in a frame: Matrix clients, the conference's own pages."""
    widget: bool = False
    """Whether talk rooms get the room page as a widget, where the bot's power allows it."""
    guests: Annotated[Literal["off", "ask", "ask_and_vote"], YamlWord] = "off"
    """What people in the hall may do who have no Matrix account; `!qa guests` sets it for a
    room."""
    guest_votes_rank: bool = False
    """Whether their votes count for the order of questions."""
    hall_code_minutes: Annotated[Int, Field(ge=1, le=120)] = 5
    """So long the code on the stage's page is shown, and as long again it is taken."""
    stage_top: bool = False
    """Whether the stage's page shows the three best questions also in rooms in which no moderator
    sees questions first."""
    overlay_seconds: Annotated[Int, Field(ge=0, le=3600)] = 0
    """So long the overlay shows a question; 0: until it is answered."""
    link_days: Annotated[Int, Field(ge=1, le=365)] = 30
    """So long after its talk a secret link is taken."""
    session_days: Annotated[Int, Field(ge=1, le=365)] = 7
    """So long somebody stays logged in."""
    proxies: Annotated[Int, Field(ge=0, le=5)] = 0
    """How many reverse proxies stand before the bot and name the address of who asks, each in
    `X-Forwarded-For`."""


class PrivacySettings(Section):
    contact: Annotated[str, Field(max_length=200)] = ""
    """Whom people write to, to have something removed: an email address, a web page. Without it
    nothing is published."""
