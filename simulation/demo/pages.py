"""The pages of the demo: where they are, who takes part by them, and whether they show what they
must."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial

import aiohttp

from fosdembot.texts import pages as texts
from simulation.pages import PageClient, Stream
from simulation.waiting import wait_for

from . import sample
from .acts import Act, Ask, Room, Scan
from .verdict import Verdict

_CODE = re.compile(r"/g/[\w-]+")
_KEY = re.compile(r"/talk\?key=([\w-]+)")
_ANSWERABLE = re.compile(r'name="compose" value="answer (\d+)"')
TALK_ROOMS = (sample.LOFT, sample.BOATHOUSE)


@dataclass
class Pages:
    """`url` is their public address. Between `async with`, somebody has the page of each talk room
    open."""

    url: str
    _open: dict[Room, Stream] = field(default_factory=dict)
    _speaker_came: bool = False

    @property
    def settings(self) -> dict[str, object]:
        """A section of the bot's."""
        return {"public_url": self.url, "guests": "ask_and_vote"}

    def addresses(self) -> str:
        """What somebody may open in a browser."""
        room = _path(sample.LOFT)
        return f"""In a browser:
  the rooms      {self.url}/
  a talk room    {self.url}{room}
  its stage      {self.url}{room}?view=stage
  as a guest     by the code that the stage shows"""

    @asynccontextmanager
    async def looked_at(self) -> AsyncIterator[None]:
        async with PageClient(self.url) as client:
            # Before the bot has read the schedule, it knows no rooms.
            await wait_for(partial(_is_there, client), 60, "the pages of the talk rooms")
            async with (
                client.stream(f"{_path(sample.LOFT)}/events") as loft,
                client.stream(f"{_path(sample.BOATHOUSE)}/events") as boathouse,
            ):
                self._open = {sample.LOFT: loft, sample.BOATHOUSE: boathouse}
                yield

    async def guest_votes(self, act: Scan) -> list[str]:
        """Returns what went wrong."""
        path = _path(act.room)
        async with PageClient(self.url) as client:
            stage = (await client.get(f"{path}?view=stage")).text
            if (code := _CODE.search(stage)) is None:
                return ["the stage shows no code for the hall"]
            came_in = await client.post(code[0], as_json=False)
            name, _, value = came_in.headers.get("Set-Cookie", "").partition(";")[0].partition("=")
            listed = (await client.get(path)).text
            question = re.search(rf'value="(\d+)"[^>]*Vote for question {act.number}"', listed)
            form = {"question": question[1] if question is not None else ""}
            voted = await client.post(f"{path}/vote", form, cookie={name: value})
            return [] if voted.status == 200 else [f"a guest cannot vote: {voted.text[:200]}"]

    async def speaker_answers(self, letter: str, verdict: Verdict) -> None:
        """The speaker opens the page to which their letter leads, and answers what is left."""
        self._speaker_came = True
        if (link := _KEY.search(letter)) is None:
            verdict.faults.append("the letter leads to no page")
            return
        async with PageClient(self.url) as client:
            page = await client.get("/talk", key=link[1])
            if (question := _ANSWERABLE.search(page.text)) is None:
                verdict.faults.append(f"the speaker's page answers {page.status}, with no question")
                return
            form = {"do": f"answer {question[1]}", "text": sample.ANSWERED_ON_PAGE}
            said = await client.post("/talk/do", form, key=link[1])
            if said.status != 200:
                verdict.faults.append(f"the speaker cannot answer: {said.text[:200]}")

    async def judge(self, acts: Sequence[Act], verdict: Verdict) -> None:
        """Add what is found when all is over."""
        async with PageClient(self.url) as client:
            for path, words in self._wanted(acts):
                try:
                    answer = await client.get(path)
                except aiohttp.ClientError as err:
                    verdict.faults.append(f"{path} cannot be opened: {err}")
                    continue
                missing = [word for word in words if word not in answer.text]
                if answer.status == 200 and not missing:
                    verdict.pages.append(path)
                else:
                    verdict.faults.append(f"{path} answers {answer.status} without {missing}")
        asked = {act.room for act in acts if isinstance(act, Ask)}
        for room, stream in self._open.items():
            verdict.page_news += len(stream.events)
            # The first event is the page itself.
            if stream.is_over or len(stream.events) <= (room in asked):
                verdict.faults.append(f"the open page of {room.name} was told nothing")

    def _wanted(self, acts: Sequence[Act]) -> list[tuple[str, Sequence[str]]]:
        """Paths, and what must stand there."""
        wanted: list[tuple[str, Sequence[str]]] = [
            ("/", [_path(room) for room in TALK_ROOMS]),
            ("/healthz", [texts.ALIVE]),
            ("/readyz", [texts.READY]),
        ]
        for room in TALK_ROOMS:
            wanted.append((_path(room), [str(room.alias)]))
            wanted.append((f"{_path(room)}?view=stage", []))
        asked = [act.text for act in acts if isinstance(act, Ask) and act.room is sample.LOFT]
        answers = [sample.ANSWERED_ON_PAGE] if self._speaker_came else []
        wanted.append((f"{_path(sample.LOFT)}/t/talk-1", [*asked[:1], *answers]))
        return wanted


async def _is_there(client: PageClient) -> bool:
    try:
        answers = [await client.get(_path(room)) for room in TALK_ROOMS]
    except aiohttp.ClientError:
        return False
    return all(answer.status == 200 for answer in answers)


def _path(room: Room) -> str:
    return f"/r/{room.alias}"
