"""The servers of speakers' meetings: whether the bot gets in there, and what helps if not."""

from __future__ import annotations

import asyncio
import logging
import ssl
from urllib.parse import urlsplit

from fosdembot.cli.checks.findings import Finding
from fosdembot.clock import WallClock
from fosdembot.conference.meetings import Probed
from fosdembot.jitsi.connecting import Jitsi
from fosdembot.jitsi.meeting import Trouble
from fosdembot.jitsi.probe import probe
from fosdembot.jitsi.tokens import is_vouched
from fosdembot.meeting_url import MeetingUrl
from fosdembot.setting_sections import JitsiServer, JitsiSettings
from fosdembot.texts.render import clean

ROOM = "fosdembot-doctor"
"""No meeting is called so: what is tried is the server."""
_AT_ONCE = 8

REMEDIES = {
    Trouble.UNKNOWN_HOST: "Nobody knows this host: correct its name in jitsi.servers.",
    Trouble.AWAY: "It does not answer: does it run, and may this machine connect to it?",
    Trouble.UNTRUSTED: "Give the server a certificate that is valid for this name.",
    Trouble.NO_WEBSOCKET: (
        "It has no WebSocket there: switch it on (docker-jitsi-meet: ENABLE_XMPP_WEBSOCKET=1), or "
        "set websocket, with its address."
    ),
    Trouble.TOKEN_NEEDED: "It wants a token: set app_id and app_secret, or token.",
    Trouble.TOKEN_REFUSED: (
        "It refuses the token: compare app_id and app_secret (or token) with the server's, and the "
        "clocks of both machines."
    ),
    Trouble.NO_GUESTS: (
        "Only people with accounts may come in: let guests in on the server, or set app_id and "
        "app_secret where it takes tokens."
    ),
    Trouble.WRONG_NAMES: (
        "Inside, it is not called so: set domain and muc as its prosody has them (VirtualHost, "
        "Component)."
    ),
    Trouble.UNREADABLE: (
        "Is it a Jitsi server? If its config.js is unusual: set domain, muc and websocket."
    ),
    Trouble.REFUSED: "It lets the bot not in; its log (prosody) says why.",
}
"""What helps, by what is wrong, in the settings of the server below `jitsi.servers`."""


async def meetings_findings(
    settings: JitsiSettings, tls: ssl.SSLContext | None = None
) -> list[Finding]:
    """For each server of the settings; none where they name no server. `tls`: whose certificates
    are trusted, if not those of the system."""
    jitsi = Jitsi(settings, WallClock(), logging.getLogger("doctor"), tls)
    places = asyncio.Semaphore(_AT_ONCE)

    async def look(host: str) -> Probed:
        async with places:
            return await probe(jitsi, MeetingUrl(host, ROOM), settings.name or "fosdembot")

    try:
        hosts = sorted(settings.servers)
        probed = await asyncio.gather(*map(look, hosts))
    finally:
        await jitsi.close()
    found = [
        _finding(host, settings.servers[host], each)
        for host, each in zip(hosts, probed, strict=True)
    ]
    return [*found, *_not_configured(settings)]


def _finding(host: str, server: JitsiServer, probed: Probed) -> Finding:
    text = clean(host, 255)
    if probed.domain:
        text += f" (inside {clean(probed.domain, 255)}, {clean(probed.muc, 255)})"
    trouble = Trouble(probed.trouble) if probed.trouble else Trouble.NOT_STARTED
    if trouble not in REMEDIES:
        needs = "with a token" if is_vouched(server) else "no token needed"
        return Finding("meetings", f"{text}: the bot gets in, {needs}")
    said = f" ({clean(probed.detail, 200)})" if probed.detail else ""
    return Finding("meetings", f"{text}: {trouble.value}{said}", False, (REMEDIES[trouble],))


def _not_configured(settings: JitsiSettings) -> list[Finding]:
    """Servers that the settings lead to, and do not allow."""
    addresses = [settings.template, *settings.table.values()]
    hosts = {urlsplit(address).netloc.lower().removesuffix(":443") for address in addresses}
    todo = ("Add it there ({} where all is found out by itself), or correct the address.",)
    return [
        Finding("meetings", f"{clean(host, 255)}: not in jitsi.servers", False, todo)
        for host in sorted(hosts - set(settings.servers) - {""})
    ]
