"""The meeting of one talk in the demo: a real prosody, a stand-in for Jitsi's focus, and the
talk's speaker, through whose eyes it is seen.
"""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from simulation.events import Json
from simulation.meetings import Focus, Line, MeetingPerson
from simulation.prosody import DOMAIN, MUC, Prosody, is_installed

from . import sample_meeting as sample
from .eyes import Eyes
from .sample import SERVER_NAME
from .sample_meeting import MEETING
from .watching import beside, watch


@asynccontextmanager
async def meeting(tell: Callable[[str], None]) -> AsyncIterator[Meeting | None]:
    """The meeting, in which its speaker is: where nobody is, the bot does not come in. None: the
    server is not installed."""
    if not is_installed():
        tell("The speaker's meeting is left out. To see it: sudo apt install prosody")
        yield None
        return
    tell("Starting a server for meetings (prosody) …")
    # A folder of its own: where root plays, the server runs as somebody who may not enter ours.
    with TemporaryDirectory(prefix="fosdembot-demo-", ignore_cleanup_errors=True) as name:
        async with (
            Prosody(Path(name)) as prosody,
            beside(watch(prosody)),
            Focus(prosody) as focus,
            Meeting(prosody) as there,
        ):
            await there.join(focus, sample.NAME)
            yield there


class Meeting(MeetingPerson):
    """What happens there is told as events like those of a Matrix room, so that it is narrated
    and judged as those are."""

    def __init__(self, prosody: Prosody) -> None:
        super().__init__(prosody, sample.SPEAKER)
        self.settings = sample.settings(prosody.websocket, DOMAIN, MUC)
        """Those of the bot."""
        self.events: list[Json] = []
        self._seen_by: Eyes | None = None

    def look_on(self, eyes: Eyes) -> None:
        """Show these eyes what happens from now on."""
        self._seen_by = eyes

    def speak(self, text: str) -> str:
        """As the speaker; returns the id of what they said."""
        id_ = str(uuid.uuid4())
        # It is in the room before anything can come of it.
        self._happens(self.name, "m.room.message", {"body": text}, id_)
        self.say(text, id_=id_)
        return id_

    def go(self) -> str:
        self.leave()
        return self._happens(self.name, "m.room.member", {"membership": "leave"})

    def heard(self, line: Line) -> None:
        super().heard(line)
        sender = self.names.get(line.sender, line.sender)
        self._happens(sender, "m.room.message", {"body": line.text})

    def came(self, name: str) -> None:
        super().came(name)
        if name not in ("", self.name):
            self._happens(name, "m.room.member", {"membership": "join"})

    def _happens(self, name: str, kind: str, content: Mapping[str, Any], id_: str = "") -> str:
        event = {
            "event_id": id_ or str(uuid.uuid4()),
            "sender": f"@{name}:{SERVER_NAME}",
            "type": kind,
            "origin_server_ts": round(datetime.now(UTC).timestamp() * 1000),
            "content": dict(content),
        }
        self.events.append(event)
        if self._seen_by is not None:
            self._seen_by.see(MEETING, event)
        return str(event["event_id"])
