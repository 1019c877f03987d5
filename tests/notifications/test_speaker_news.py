"""Who is told when somebody is named a speaker, or says that they are one."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from fosdembot.actions.speakers import Claimed
from fosdembot.chat.replies import answer_key
from fosdembot.conference.events import ClaimDropped, SpeakerClaimed, SpeakerNamed
from fosdembot.db.engine import WriteSession
from fosdembot.db.tables import Outgoing
from fosdembot.matrix.outbox import Outbox
from fosdembot.matrix.wake import Wake
from fosdembot.notifications.speaker_news import SpeakerNews, claim_asked_at
from tests.actions.house import ADA, ROOM_ID, TINY, House
from tests.talks.programme import ROOM

HOSTS_ID = "!hosts:example.org"


@pytest.fixture
async def news(house: House) -> SpeakerNews:
    """Hears what is done in the house."""
    news = SpeakerNews(Outbox(house.clock, "salt", Wake()), house.programme, "!")

    async def hear(session: WriteSession, event: object) -> None:
        match event:
            case SpeakerNamed():
                await news.named(session, event)
            case SpeakerClaimed():
                await news.claimed(session, event)
            case ClaimDropped():
                await news.dropped(session, event)

    house.hears = hear
    return news


async def told(house: House) -> list[tuple[str, str, str]]:
    async with house.database.read() as session:
        rows = await session.scalars(
            select(Outgoing).where(Outgoing.event_type == "m.room.message").order_by(Outgoing.id)
        )
        return [(row.key, row.room_id, row.content["body"]) for row in rows]


async def claim(house: House, news: SpeakerNews) -> str:
    """Somebody says in the talk room that they speak, where a hosts' room is asked as well;
    returns the cause."""
    actor = house.actor(ADA)
    async with house.database.write() as session:
        claimed = await house.speakers.claim(session, actor, ROOM, TINY.guid, asked_there=True)
        assert claimed is Claimed.ASKED
        event = house.told[-1]
        assert isinstance(event, SpeakerClaimed)
        hosts = SpeakerClaimed(event.talk, event.person, event.cause, event.address, (HOSTS_ID,))
        await news.claimed(session, hosts)
        await news.ask_there(session, ROOM_ID, TINY, ADA, actor.act)
    return actor.cause


async def test_a_speaker_is_told_in_the_talk_room(house: House, news: SpeakerNews) -> None:
    actor = house.actor(face="web")
    async with house.database.write() as session:
        await house.speakers.name(session, actor, ROOM, TINY.guid, ADA)
    [(key, room, said)] = await told(house)
    assert (key, room) == (f"speaker/tiny/{ADA}/{actor.cause}", ROOM_ID)
    assert said.startswith('ada: you are a speaker of "Talk tiny" now.')


async def test_moderators_are_asked_in_both_rooms(house: House, news: SpeakerNews) -> None:
    cause = await claim(house, news)
    hosts, here = await told(house)
    assert hosts[:2] == (f"claim/{cause}/{HOSTS_ID}", HOSTS_ID)
    assert hosts[2].endswith(f"!talk kernel speaker {ADA}")
    assert here[:2] == (answer_key(cause), ROOM_ID), "it answers the command"
    assert here[2].endswith(f"!talk speaker {ADA}")


async def test_a_tap_on_either_question_is_about_the_claim(house: House, news: SpeakerNews) -> None:
    cause = await claim(house, news)
    async with house.database.write() as session:
        await session.execute(update(Outgoing).values(event_id="$sent" + Outgoing.key))
        for key in (f"claim/{cause}/{HOSTS_ID}", answer_key(cause)):
            found = await claim_asked_at(session, f"$sent{key}")
            assert found is not None
            assert (found.claim, found.person) == (cause, ADA)
        assert await claim_asked_at(session, "$other") is None


async def test_what_was_asked_about_a_void_claim_goes(house: House, news: SpeakerNews) -> None:
    cause = await claim(house, news)
    async with house.database.write() as session:
        await session.execute(update(Outgoing).values(state="sent", event_id="$" + Outgoing.key))
        await house.speakers.retract(session, cause)
        gone = await session.scalars(
            select(Outgoing.target).where(Outgoing.event_type == "m.room.redaction")
        )
        assert set(gone) == {f"claim/{cause}/{HOSTS_ID}", answer_key(cause)}
