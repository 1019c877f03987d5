"""Rooms of every version, upgrades and invitations on a real homeserver."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from simulation.client import Client, Message
from simulation.conference import Planned, settings, write_schedule
from simulation.homeserver import Homeserver
from simulation.waiting import wait_for
from tests.conftest import MakeBot, MakePerson


async def _answer(client: Client, room: str, event_id: str) -> Message:
    """The bot's answer to a message."""

    async def answer() -> Message | None:
        said = await client.messages(room)
        return next((m for m in said if m.reply_to == event_id and m.msgtype == "m.notice"), None)

    found = await wait_for(answer, 30, f"an answer to {event_id}")
    assert found is not None
    return found


@pytest.mark.parametrize("version", ["10", "11", "12"])
async def test_a_room_of_any_version_is_told_pinned_and_moderated(
    version: str,
    homeserver: Homeserver,
    person: MakePerson,
    bot_factory: MakeBot,
    new_folder: Path,
) -> None:
    creator = await person("creator")
    guest = await person("guest")
    account = await homeserver.register(f"bot-version-{version}")
    alias = f"#version-{version}:{homeserver.server_name}"
    # In version 12 the creator has no power level of their own, and needs none.
    users: dict[str, int] = {account.user_id: 50}
    if version != "12":
        users[creator.user_id] = 100
    room = await creator.create_room(
        alias=f"version-{version}", room_version=version, power={"users": users}
    )
    await guest.join(room)
    schedule = new_folder / "schedule.xml"
    write_schedule(schedule, [Planned(1, "Tiny kernels", 0, 60, chat_room=alias)])
    async with bot_factory(account, settings(schedule, at=5)):
        await creator.wait_for_messages(room, 1, account.user_id)

        async def pinned() -> Any:
            try:
                return (await creator.state(room, "m.room.pinned_events"))["pinned"]
            except Exception:
                return None

        now = (await creator.messages(room, account.user_id))[0]
        assert await wait_for(pinned, 20) == [now.event_id]
        refused = await _answer(guest, room, await guest.send(room, "!talk delay 10"))
        assert "moderators" in refused.body
        delayed = await _answer(creator, room, await creator.send(room, "!talk delay 10"))
        assert "10 minutes late" in delayed.body


async def test_an_upgraded_room_is_followed(
    homeserver: Homeserver, person: MakePerson, bot_factory: MakeBot, new_folder: Path
) -> None:
    admin = await person("admin")
    account = await homeserver.register("bot-upgrade")
    alias = f"#upgrade:{homeserver.server_name}"
    old = await admin.create_room(alias="upgrade", room_version="10")
    schedule = new_folder / "schedule.xml"
    write_schedule(schedule, [Planned(1, "Tiny kernels", 0, 60, chat_room=alias)])
    async with bot_factory(account, settings(schedule, at=5)):
        await admin.wait_for_messages(old, 1, account.user_id)
        new = await admin.upgrade_room(old, "12")
        answer = await _in_time(admin, new, "!talk")
        assert "Tiny kernels" in answer.body


async def _in_time(client: Client, room: str, command: str) -> Message:
    """The answer to a command that is sent once the bot is in the room."""

    async def bot_is_there() -> bool:
        events = await client.events(room)
        joined = {e["sender"] for e in events if e["type"] == "m.room.member"}
        return any("bot-" in sender for sender in joined)

    await wait_for(bot_is_there, 30, f"the bot in {room}")
    return await _answer(client, room, await client.send(room, command))


async def test_whose_invitations_are_accepted(
    homeserver: Homeserver, person: MakePerson, bot_factory: MakeBot, new_folder: Path
) -> None:
    organiser = await person("organiser")
    attendee = await person("attendee")
    stranger = await person("stranger")
    account = await homeserver.register("bot-invited")
    alias = f"#invited:{homeserver.server_name}"
    talk_room = await organiser.create_room(alias="invited")
    await attendee.join(talk_room)
    schedule = new_folder / "schedule.xml"
    write_schedule(schedule, [Planned(1, "Tiny kernels", 0, 60, chat_room=alias)])
    plugin_config = settings(schedule, at=5, organisers=[organiser.user_id])
    async with bot_factory(account, plugin_config):
        await organiser.wait_for_messages(talk_room, 1, account.user_id)

        side_room = await organiser.create_room(public=False, invite=[account.user_id])
        assert "Tiny kernels" in (await _in_time(organiser, side_room, "!talk invited")).body

        chat = await attendee.create_room(public=False, direct=True, invite=[account.user_id])
        # In a direct chat the prefix may be left out.
        assert "Tiny kernels" in (await _in_time(attendee, chat, "talk")).body

        not_direct = await attendee.create_room(public=False, invite=[account.user_id])
        unknown = await stranger.create_room(public=False, direct=True, invite=[account.user_id])
        for client, room in ((attendee, not_direct), (stranger, unknown)):
            assert await _declined(client, room, account.user_id)


async def _declined(client: Client, room: str, bot: str) -> bool:
    async def declined() -> bool:
        return bool((await client.state(room, "m.room.member", bot))["membership"] == "leave")

    return await wait_for(declined, 30, f"{room} declined")


async def test_a_private_room_is_reported_once_and_joined_when_invited(
    homeserver: Homeserver, person: MakePerson, bot_factory: MakeBot, new_folder: Path
) -> None:
    organiser = await person("organiser")
    account = await homeserver.register("bot-private")
    open_alias, shut_alias, gone_alias = (
        f"#{name}:{homeserver.server_name}" for name in ("open-hall", "shut-hall", "no-hall")
    )
    control = await organiser.create_room(public=False, invite=[account.user_id])
    open_room = await organiser.create_room(alias="open-hall")
    shut_room = await organiser.create_room(alias="shut-hall", public=False)
    schedule = new_folder / "schedule.xml"
    write_schedule(
        schedule,
        [
            Planned(1, "Tiny kernels", 0, 60, chat_room=open_alias),
            Planned(2, "Big kernels", 0, 60, chat_room=shut_alias, place="Shut"),
            Planned(3, "No kernels", 0, 60, chat_room=gone_alias, place="Gone"),
        ],
    )
    config = settings(schedule, at=5, control_room=control, organisers=[organiser.user_id])
    async with bot_factory(account, config):
        # What cannot be joined holds up nothing else.
        await organiser.wait_for_messages(open_room, 1, account.user_id)

        async def reported() -> list[Message]:
            said = await organiser.messages(control, account.user_id)
            return [m for m in said if shut_alias in m.body and "cannot join" in m.body]

        assert len(await wait_for(reported, 30)) == 1
        listed = await _answer(organiser, control, await organiser.send(control, "!conf rooms"))
        assert shut_alias in listed.body
        assert gone_alias in listed.body
        assert open_alias + ": not joined" not in listed.body
        await organiser.invite(shut_room, account.user_id)
        told = await organiser.wait_for_messages(shut_room, 1, account.user_id)
        assert "Big kernels" in told[0].body
        assert len(await reported()) == 1


async def test_an_encrypted_chat_is_answered_by_an_invitation_to_a_plain_one(
    homeserver: Homeserver, person: MakePerson, bot_factory: MakeBot, new_folder: Path
) -> None:
    organiser = await person("organiser")
    account = await homeserver.register("bot-encrypted")
    alias = f"#encrypted:{homeserver.server_name}"
    talk_room = await organiser.create_room(alias="encrypted")
    schedule = new_folder / "schedule.xml"
    write_schedule(schedule, [Planned(1, "Tiny kernels", 0, 60, chat_room=alias)])
    async with bot_factory(account, settings(schedule, at=5)):
        await organiser.wait_for_messages(talk_room, 1, account.user_id)
        encryption = {
            "type": "m.room.encryption",
            "content": {"algorithm": "m.megolm.v1.aes-sha2"},
        }
        chat = await organiser.create_room(
            public=False, direct=True, invite=[account.user_id], initial_state=[encryption]
        )

        async def is_in() -> bool:
            member = await organiser.state(chat, "m.room.member", account.user_id)
            return bool(member["membership"] == "join")

        await wait_for(is_in, 30)
        for _ in range(2):
            await organiser.send_event(
                chat, "m.room.encrypted", {"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "x"}
            )
        said = await organiser.wait_for_messages(chat, 1, account.user_id)
        answer = await _answer(organiser, chat, await organiser.send(chat, "!help"))
        assert "I have invited you to a chat without encryption" in said[0].body
        assert len(await organiser.invitations()) == 1
        everything = await organiser.messages(chat, account.user_id)
        assert [message.event_id for message in everything] == [said[0].event_id, answer.event_id]


async def test_who_once_bore_the_alias_of_the_hosts_room_does_not_read_the_cards(
    homeserver: Homeserver, person: MakePerson, bot_factory: MakeBot, new_folder: Path
) -> None:
    organiser, attendee = await person("organiser"), await person("attendee")
    account = await homeserver.register("bot-role")
    talks, hosts = (f"#{name}:{homeserver.server_name}" for name in ("role", "role-hosts"))
    talk_room = await organiser.create_room(alias="role")
    await attendee.join(talk_room)
    schedule = new_folder / "schedule.xml"
    write_schedule(schedule, [Planned(1, "Tiny kernels", 0, 60, chat_room=talks)])
    plugin_config = settings(schedule, at=5, organisers=[organiser.user_id])
    async with bot_factory(account, plugin_config):
        await organiser.wait_for_messages(talk_room, 1, account.user_id)
        chat = await attendee.create_room(
            public=False, direct=True, invite=[account.user_id], room_version="10"
        )
        assert "Tiny kernels" in (await _in_time(attendee, chat, "talk")).body
        await attendee.set_alias(hosts, chat)
        await attendee.set_state(chat, "m.room.canonical_alias", {"alias": hosts})
        # Without power, its removal changes nothing in the room.
        await attendee.set_state(chat, "m.room.power_levels", {"users": {}})
        await attendee.remove_alias(hosts)
        hosts_room = await organiser.create_room(public=False, invite=[account.user_id])
        await organiser.set_alias(hosts, hosts_room)
        direct = await organiser.create_room(public=False, direct=True, invite=[account.user_id])
        await _in_time(organiser, direct, f"conf hosts all {hosts}")
        await attendee.send(talk_room, "!ask How small can it get?")
        [card] = await organiser.wait_for_messages(hosts_room, 1, account.user_id)
        assert "How small can it get?" in card.body
        assert all("How small" not in m.body for m in await attendee.messages(chat))
        await attendee.reply(chat, await attendee.send(chat, "role dismiss 1"), "dismiss 1")
        answers = await attendee.wait_for_messages(chat, 3, account.user_id)
        assert "moderators" in answers[-1].body


async def test_removed_and_muted_it_says_so_and_makes_up_for_it(
    homeserver: Homeserver, person: MakePerson, bot_factory: MakeBot, new_folder: Path
) -> None:
    organiser = await person("organiser")
    account = await homeserver.register("bot-removed")
    bot_id, alias = account.user_id, f"#removed:{homeserver.server_name}"
    control = await organiser.create_room(public=False, invite=[bot_id])
    talk_room = await organiser.create_room(alias="removed", room_version="10")
    schedule = new_folder / "schedule.xml"
    write_schedule(schedule, [Planned(1, "Tiny kernels", 0, 60, chat_room=alias)])
    own: dict[str, Any] = {"organisers": [organiser.user_id], "control_room": control}

    async def heard(room: str, words: str) -> None:
        async def so() -> bool:
            return any(words in m.body for m in await organiser.messages(room, bot_id))

        await wait_for(so, 30, f"{words!r}")

    async with bot_factory(account, settings(schedule, at=5, **own)):
        await heard(talk_room, "Now, until")
        await organiser.kick(talk_room, bot_id)
        await heard(control, f"{alias}: {organiser.user_id} removed me.")
        question = await organiser.send(talk_room, "!ask How small can it get?")
        await organiser.invite(talk_room, bot_id)

        async def confirmed() -> bool:
            events = await organiser.events(talk_room)
            reactions = [e for e in events if e["type"] == "m.reaction" and e["sender"] == bot_id]
            return question in [e["content"]["m.relates_to"]["event_id"] for e in reactions]

        await wait_for(confirmed, 30, "what was asked meanwhile has its number")
        levels = await organiser.state(talk_room, "m.room.power_levels")
        await organiser.set_state(talk_room, "m.room.power_levels", levels | {"events_default": 50})
        await heard(control, f"{alias}: I may not speak there.")
        await organiser.send(control, "!announce all: Lunch")
        await heard(control, f"Sent to 0 of 1 room; not to {alias}: give me")
        users = levels["users"] | {bot_id: 50}
        await organiser.set_state(
            talk_room, "m.room.power_levels", levels | {"events_default": 50, "users": users}
        )
        await heard(talk_room, "Lunch")
