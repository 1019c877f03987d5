"""`fosdembot rehearse` as an organiser calls it, on a real homeserver."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from simulation.client import Client
from simulation.homeserver import Account, Homeserver
from simulation.waiting import wait_for
from tests.conftest import MakePerson

from .organiser import Running, a_day, forks, types, write_config


class Conference:
    """An account that is in the room of a schedule with two talks, at Hall 1."""

    def __init__(self, homeserver: Homeserver, ada: Client, bot: Client, folder: Path) -> None:
        self.ada = ada
        self.bot = bot
        self.folder = folder
        self.name = f"rehearse-{bot.user_id[1:].partition(':')[0]}"
        self.alias = f"#{self.name}:{homeserver.server_name}"
        self._homeserver = homeserver

    async def open(self) -> None:
        self.real = await self.ada.create_room(alias=self.name)
        await self.bot.join(self.real)
        settings = {
            "schedule": {"source": str(a_day(self.folder, self.alias, past=True))},
            "organisers": [self.ada.user_id],
            "control_room": self.real,
        }
        account: Account = self.bot.account
        self.config = write_config(self.folder / "config.yaml", self._homeserver, account, settings)

    async def said(self, room: str) -> list[str]:
        messages = await self.ada.messages(room, self.bot.user_id)
        return [message.body for message in messages if message.edits is None]


@pytest.fixture
async def conference(homeserver: Homeserver, person: MakePerson, new_folder: Path) -> Conference:
    made = Conference(homeserver, await person("ada"), await person("bot"), new_folder)
    await made.open()
    return made


async def test_a_morning_in_ones_own_room_and_nowhere_else(
    conference: Conference, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, bot = conference.ada, conference.bot
    stage = await ada.create_room(alias=f"stage-{conference.name}", invite=[bot.user_id])
    asked = await ada.create_room(public=False, invite=[bot.user_id])
    temporary = conference.folder / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setenv("MAUBOT_DATABASE", f"sqlite:{conference.folder}/real.db")
    room = conference.alias.replace("#", "#stage-")
    options = ("--from", "2026-01-31T09:00", "--until", "09:48", "--speed", "240")
    running = Running(conference.folder, "Rehearsing", "rehearse", room, *options)
    async with running:
        await ada.wait_for_messages(stage, 1, bot.user_id)
        await ada.send(conference.real, "!next")
        in_stage = await ada.send(stage, "!next")

        async def answered() -> bool:
            messages = await ada.messages(stage, bot.user_id)
            return any(message.reply_to == in_stage for message in messages)

        await wait_for(answered, 20)

        async def over() -> bool:
            return not running.running

        await wait_for(over, 60)
        assert "The rehearsal is over." in running.log_text()
        assert "Hall 1 (2 talks)" in running.log_text()
        assert "Traceback" not in running.log_text()
    said = await conference.said(stage)
    assert [body for body in said if body.startswith("Starting at 09:15")] != []
    for now in ('Now, until 09:40: "Tiny kernels"', 'Now, until 10:05: "Big kernels"'):
        assert len([body for body in said if body.startswith(now)]) == 1
    assert await conference.said(conference.real) == []
    assert asked not in await bot.joined_rooms()
    assert list(temporary.iterdir()) == []
    assert not (conference.folder / "real.db").exists()
    assert not (conference.folder / "bot.db").exists()


async def test_a_room_of_the_conference_is_asked_about(conference: Conference) -> None:
    for room in (conference.alias, conference.real, f"https://matrix.to/#/{conference.alias}"):
        outcome = await types("rehearse", room, "--config", conference.config, answers="\n")
        assert outcome.code == 1
        assert "is a room of the conference" in outcome.out
        assert "Rehearsing" not in outcome.out
    assert await conference.said(conference.real) == []


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["#nobody-made-it:conference.localhost"], "No such room"),
        (["PRIVATE"], "It is private: invite me, @bot"),
        (["ENCRYPTED"], "is encrypted"),
        (["lobby"], "lobby is no room"),
        (["PRIVATE", "--of", "Cellar"], "no place or track is called Cellar"),
    ],
)
async def test_a_room_that_will_not_do(
    conference: Conference, arguments: list[str], why: str
) -> None:
    state: list[dict[str, Any]] = [
        {"type": "m.room.encryption", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}
    ]
    rooms = {
        "PRIVATE": await conference.ada.create_room(public=False),
        "ENCRYPTED": await conference.ada.create_room(initial_state=state),
    }
    words = [rooms.get(word, word) for word in arguments]
    outcome = await types("rehearse", *words, "--config", conference.config)
    assert why in outcome.refusal
    assert await conference.said(conference.real) == []


async def test_without_a_room_quotes_are_named() -> None:
    outcome = await types("rehearse")
    assert outcome.code == 2
    assert "fosdembot rehearse '#your-room:example.org'" in outcome.err


async def test_without_a_configuration(new_folder: Path) -> None:
    outcome = await forks(new_folder, "rehearse", "#a:example.org")
    assert (
        outcome.refusal
        == "there is no config.yaml; fosdembot init writes one, --config names another"
    )
