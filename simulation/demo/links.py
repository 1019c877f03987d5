"""The secret links of the demo, for whoever looks on: the bot gives them to an organiser."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from simulation.client import Client, RequestError
from simulation.waiting import NotSeen, wait_for

from . import sample

_ASKED = {
    "its speaker": f"!talk {sample.LOFT.alias} page 1",
    "moderators": f"!talk {sample.LOFT.alias} page moderator 1",
    "the overlay": f"!talk {sample.LOFT.alias} page overlay",
}
"""For whom, and what is typed for it."""
_LINK = re.compile(r"http\S+\?key=[\w-]+")
_SECONDS = 30.0
"""So long they wait for the bot."""


async def tell_links(organiser: Client, bot_id: str, tell: Callable[[str], None]) -> None:
    """Get them in a direct chat, of which no room sees anything, and tell them. Where that does not
    succeed the play goes on without."""
    with suppress(NotSeen, RequestError):
        tell(_listed(await _links(organiser, bot_id)))


async def _links(organiser: Client, bot_id: str) -> dict[str, str]:
    chat = await organiser.begin_chat(bot_id)
    # It obeys nothing that was said before it came.
    await wait_for(partial(_is_there, organiser, chat, bot_id), _SECONDS, "the bot in the chat")
    links = {}
    for whose, typed in _ASKED.items():
        event_id = await organiser.send(chat, typed)
        answer = await wait_for(partial(organiser.answer_to, chat, event_id, bot_id), _SECONDS)
        if (found := _LINK.search(answer.body if answer else "")) is not None:
            links[whose] = found[0]
    return links


async def _is_there(person: Client, room: str, who: str) -> bool:
    return any(
        event.get("state_key") == who and event["content"].get("membership") == "join"
        for event in await person.events(room)
    )


def _listed(links: dict[str, str]) -> str:
    lines = [f"  {whose:<13}  {link}" for whose, link in links.items()]
    room = sample.LOFT
    others = f"Those of the talk that is on: !talk {room.alias} page (… page moderator)"
    return "\n".join(
        [
            f"\nSecret links to the first talk in the {room.name}, for",
            *lines,
            f"{others} in a direct chat with the bot.\n",
        ]
    )
