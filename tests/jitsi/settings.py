"""Of a conference whose speakers meet in Jitsi."""

from __future__ import annotations

from typing import Any

HOST = "meet.example.org"
MEETING = f"https://{HOST}/hall"


def jitsi(**more: Any) -> dict[str, Any]:
    server = {"websocket": f"wss://{HOST}/xmpp-websocket"}
    return {"servers": {HOST: server}, "template": f"https://{HOST}/{{room}}", **more}


SETTINGS: dict[str, Any] = {
    "jitsi": jitsi(),
    "hosts": {"*": "#hosts:example.org"},
    "limits": {"commands_per_minute": 10_000},
    "questions": {"open_per_person": 1_000},
}
