"""The homeserver: whether its clock is ours."""

from __future__ import annotations

from datetime import timedelta

from yarl import URL

from fosdembot.cli.checks.findings import Finding
from fosdembot.texts.render import clean
from fosdembot.texts.words import count

CLOCKS_APART = timedelta(seconds=10)
"""Between us and the homeserver; people read "starting now" against their own clocks."""


def homeserver_finding(base_url: URL, ahead: timedelta) -> Finding:
    text = clean(str(base_url), 200)
    if abs(ahead) < CLOCKS_APART:
        return Finding("homeserver", text)
    which = "behind" if ahead > timedelta(0) else "ahead of"
    seconds = count(round(abs(ahead).total_seconds()), "second")
    todo = (f"This machine's clock is {seconds} {which} the homeserver's: set it (NTP).",)
    return Finding("homeserver", text, False, todo)
