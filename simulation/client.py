"""A person at a Matrix client: matrix-nio, which shares no code with the bot."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import nio
from aiohttp import ClientError

from .events import Json
from .homeserver import Account
from .waiting import NotSeen, wait_for

_FILTER = json.dumps({"room": {"timeline": {"limit": 100}}})


class RequestError(Exception):
    """The homeserver refused; `code` is its `errcode`."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


@dataclass(frozen=True, slots=True)
class Message:
    """An `m.room.message` as it stands in a room's timeline; edits are messages of their own."""

    event_id: str
    sender: str
    body: str
    msgtype: str
    edits: str | None
    """The event that this one edits."""
    reply_to: str | None
    content: Json


class Client:
    """One account at a homeserver; `async with` closes its connections."""

    page = 1000
    """So many events a request; Synapse gives no more."""

    def __init__(self, homeserver_url: str, account: Account) -> None:
        self.account = account
        self.user_id = account.user_id
        self._nio = nio.AsyncClient(homeserver_url, account.user_id)
        self._nio.restore_login(account.user_id, account.device_id, account.access_token)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._nio.close()

    async def create_room(
        self,
        name: str = "",
        *,
        topic: str = "",
        alias: str | None = None,
        room_version: str | None = None,
        invite: Sequence[str] = (),
        public: bool = True,
        direct: bool = False,
        power: Json | None = None,
        initial_state: Sequence[Json] = (),
    ) -> str:
        """Make a room; returns its id.

        `alias` is the local part; `power` overrides parts of the power levels.
        """
        made = _done(
            await self._nio.room_create(
                name=name,
                topic=topic,
                alias=alias,
                room_version=room_version,
                invite=invite,
                is_direct=direct,
                preset=nio.RoomPreset.public_chat if public else nio.RoomPreset.private_chat,
                power_level_override=power,
                initial_state=initial_state,
            )
        )
        room_id: str = made.room_id
        return room_id

    async def begin_chat(self, user_id: str) -> str:
        """Invite somebody to a direct chat, as clients do; returns the room's id."""
        preset = nio.RoomPreset.trusted_private_chat
        made = await self._nio.room_create(preset=preset, is_direct=True, invite=[user_id])
        return str(_done(made).room_id)

    async def upgrade_room(self, room: str, version: str) -> str:
        """Have the server replace a room by one of another version; returns the new one's id."""
        body = json.dumps({"new_version": version})
        answer = await self._request("POST", f"rooms/{quote(room)}/upgrade", body)
        return str(answer["replacement_room"])

    async def set_alias(self, alias: str, room: str) -> None:
        body = json.dumps({"room_id": room})
        await self._request("PUT", f"directory/room/{quote(alias, safe='')}", body)

    async def remove_alias(self, alias: str) -> None:
        await self._request("DELETE", f"directory/room/{quote(alias, safe='')}")

    async def invite(self, room: str, user_id: str) -> None:
        _done(await self._nio.room_invite(room, user_id))

    async def join(self, room: str) -> str:
        """Join by id or alias; returns the id."""
        room_id: str = _done(await self._nio.join(room)).room_id
        return room_id

    async def leave(self, room: str) -> None:
        _done(await self._nio.room_leave(room))

    async def set_name(self, name: str) -> None:
        """The display name, in all rooms."""
        _done(await self._nio.set_displayname(name))

    async def openid_token(self) -> Json:
        """By which a widget learns who looks at it: `access_token`, `matrix_server_name`."""
        path = f"user/{quote(self.user_id)}/openid/request_token"
        return await self._request("POST", path, "{}")

    async def notifications(self) -> list[Json]:
        """What this person was notified of, the newest first."""
        answer = await self._request("GET", "notifications?limit=1000")
        notified: list[Json] = answer["notifications"]
        return notified

    async def ban(self, room: str, user_id: str) -> None:
        _done(await self._nio.room_ban(room, user_id))

    async def unban(self, room: str, user_id: str) -> None:
        _done(await self._nio.room_unban(room, user_id))

    async def kick(self, room: str, user_id: str) -> None:
        _done(await self._nio.room_kick(room, user_id))

    async def send(self, room: str, body: str, **content: Any) -> str:
        """Say a plain text; returns its event id. `content` adds to it or overrides it."""
        return await self.send_event(
            room, "m.room.message", {"msgtype": "m.text", "body": body} | content
        )

    async def reply(self, room: str, event_id: str, body: str) -> str:
        relation = {"m.in_reply_to": {"event_id": event_id}}
        return await self.send(room, body, **{"m.relates_to": relation})

    async def edit(self, room: str, event_id: str, body: str) -> str:
        new = {"msgtype": "m.text", "body": body}
        relation = {"rel_type": "m.replace", "event_id": event_id}
        return await self.send(
            room, f"* {body}", **{"m.new_content": new, "m.relates_to": relation}
        )

    async def react(self, room: str, event_id: str, key: str) -> str:
        relation = {"rel_type": "m.annotation", "event_id": event_id, "key": key}
        return await self.send_event(room, "m.reaction", {"m.relates_to": relation})

    async def redact(self, room: str, event_id: str, reason: str | None = None) -> str:
        redacted: str = _done(await self._nio.room_redact(room, event_id, reason)).event_id
        return redacted

    async def send_event(self, room: str, kind: str, content: Json) -> str:
        event_id: str = _done(await self._nio.room_send(room, kind, content)).event_id
        return event_id

    async def state(self, room: str, kind: str, key: str = "") -> Json:
        """The content of a state event; `RequestError` with M_NOT_FOUND where there is none."""
        content: Json = _done(await self._nio.room_get_state_event(room, kind, key)).content
        return content

    async def set_state(self, room: str, kind: str, content: Json, key: str = "") -> str:
        event_id: str = _done(await self._nio.room_put_state(room, kind, content, key)).event_id
        return event_id

    async def joined_rooms(self) -> list[str]:
        rooms: list[str] = _done(await self._nio.joined_rooms()).rooms
        return rooms

    async def invitations(self) -> list[str]:
        """The rooms to which this person is invited."""
        answer = await self._request("GET", "sync?timeout=0")
        return list(answer.get("rooms", {}).get("invite", {}))

    async def sync(self, since: str | None, wait_seconds: float) -> Json:
        """The answer of `GET /sync`, after `wait_seconds` at the latest. Where nobody answers,
        it asks again, as clients do."""
        query = f"timeout={wait_seconds * 1000:.0f}&filter={quote(_FILTER)}"
        query += f"&since={since}" if since else ""
        while True:
            try:
                return await self._request("GET", f"sync?{query}")
            except (ClientError, TimeoutError):
                await asyncio.sleep(0.5)

    async def events(self, room: str, only: Json | None = None) -> list[Json]:
        """Every event of a room from its beginning, in order, as the homeserver gives them; or
        `only` those that a filter lets through, which is less work for a homeserver."""
        found: list[Json] = []
        position = _filtered(only)
        while True:
            query = f"dir=f&limit={self.page}{position}"
            page = await self._request("GET", f"rooms/{quote(room)}/messages?{query}")
            found += page["chunk"]
            if "end" not in page:
                return found
            position = f"&from={quote(page['end'])}{_filtered(only)}"

    async def answer_to(self, room: str, event_id: str, sender: str) -> Message | None:
        """What `sender` said in reply to a message, if it is among the newest that they said in the
        room: to be asked for again and again without reading the whole history."""
        query = f"dir=b&limit=50{_filtered(_said_by(sender))}"
        page = await self._request("GET", f"rooms/{quote(room)}/messages?{query}")
        events = (event for event in page["chunk"] if _is_message(event))
        said = (_message(event) for event in events)
        return next((message for message in said if message.reply_to == event_id), None)

    async def messages(self, room: str, sender: str | None = None) -> list[Message]:
        """What was said in a room (by `sender`), in order; redacted messages are left out."""
        return [
            _message(event)
            for event in await self.events(room, _said_by(sender))
            if _is_message(event)
        ]

    async def wait_for_messages(
        self, room: str, count: int, sender: str | None = None, seconds: float = 30
    ) -> list[Message]:
        """Wait until at least `count` were said; returns all, in order."""

        said: list[Message] = []

        async def enough() -> bool:
            said[:] = await self.messages(room, sender)
            return len(said) >= count

        try:
            await wait_for(enough, seconds, f"{count} messages", every=0.2)
        except NotSeen as failure:
            failure.add_note(f"said were: {[message.body for message in said]}")
            raise
        return said

    async def _request(self, method: str, path: str, body: str | None = None) -> Json:
        response = await self._nio.send(
            method,
            f"/_matrix/client/v3/{path}",
            body,
            headers={"Authorization": f"Bearer {self._nio.access_token}"},
        )
        answer: Json = await response.json()
        if "errcode" in answer:
            raise RequestError(answer["error"], answer["errcode"])
        return answer


def _said_by(sender: str | None) -> Json:
    """A filter for what somebody said, or anybody."""
    senders = {"senders": [sender]} if sender else {}
    return {"types": ["m.room.message"], **senders}


def _filtered(only: Json | None) -> str:
    """A part of a query."""
    return f"&filter={quote(json.dumps(only))}" if only else ""


def _done(response: Any) -> Any:
    """nio returns errors; here they are raised."""
    if isinstance(response, nio.ErrorResponse):
        raise RequestError(response.message, response.status_code or "")
    return response


def _is_message(event: Json) -> bool:
    """Not a redacted one."""
    return event["type"] == "m.room.message" and "body" in event["content"]


def _message(event: Json) -> Message:
    content = event["content"]
    relation = content.get("m.relates_to", {})
    return Message(
        event_id=event["event_id"],
        sender=event["sender"],
        body=content["body"],
        msgtype=content["msgtype"],
        edits=relation.get("event_id") if relation.get("rel_type") == "m.replace" else None,
        reply_to=relation.get("m.in_reply_to", {}).get("event_id"),
        content=content,
    )
