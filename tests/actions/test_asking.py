"""Asking: for which talk a question is, whose is trusted, and which are refused."""

from __future__ import annotations

import pytest

from fosdembot.actions.refused import Denial
from fosdembot.db.engine import Database
from fosdembot.questions.refusals import Refusal
from fosdembot.questions.states import Action, State
from fosdembot.talks.slots import Override
from tests.talks.programme import ROOM, at, talk

from .audience import CLOUD_ID, RELAY, TALKS, Audience, denied
from .house import ADA, BOB, MODERATOR

# For which talk.


@pytest.mark.parametrize(
    ("clock", "guid"),
    [
        ("09:00", "one"),
        ("10:05", "one"),
        ("10:24:54", "one"),
        ("10:25", "two"),
        ("10:49", "two"),
        ("10:50", "two"),
        ("10:59:54", "two"),
        ("11:00", "three"),
    ],
)
async def test_for_the_talk_that_is_on_or_just_over(
    audience: Audience, clock: str, guid: str
) -> None:
    accepted = await audience.takes(ADA, clock=clock)
    assert accepted.question.talk == guid
    assert accepted.talk is not None
    assert accepted.talk.guid == guid
    assert accepted.question.asked_at == at(clock)


async def test_the_audience_sees_it_later(database: Database) -> None:
    """By the delay of the stream."""
    audience = Audience(database, notices={"stream_delay_by_room": {ROOM: 60}})
    await audience.open(*TALKS)
    assert (await audience.takes(ADA, clock="10:25:30")).question.talk == "one"
    assert (await audience.takes(BOB, clock="10:26:00")).question.talk == "two"


async def test_while_a_talk_is_on_nobody_is_in_doubt(audience: Audience) -> None:
    accepted = await audience.takes(ADA)
    assert (accepted.in_doubt, accepted.has_next, accepted.address) == (False, False, ROOM)


async def test_before_a_talk_nobody_means_the_one_after_it(audience: Audience) -> None:
    accepted = await audience.takes(ADA, clock="09:50")
    assert (accepted.in_doubt, accepted.has_next) == (True, False)


async def test_between_talks_the_next_may_be_meant(audience: Audience) -> None:
    accepted = await audience.takes(ADA, clock="10:52")
    assert (accepted.question.talk, accepted.in_doubt, accepted.has_next) == ("two", True, True)


async def test_who_speaks_over_a_relay_cannot_move_it_there(audience: Audience) -> None:
    accepted = await audience.takes(RELAY, clock="10:52", relayed=True, relay=True)
    assert (accepted.in_doubt, accepted.has_next) == (True, False)


async def test_a_reply_to_a_question_is_for_its_talk(audience: Audience) -> None:
    first = await audience.takes(ADA)
    reply = await audience.takes(BOB, "And how big?", "10:35", reply_to=first.question.source)
    assert (reply.question.talk, reply.in_doubt) == ("one", False)
    assert reply.talk is not None
    assert reply.talk.title == "Talk one"


async def test_a_question_of_another_room_is_not_followed(audience: Audience) -> None:
    first = await audience.takes(ADA, room=CLOUD_ID)
    assert first.question.talk == "clouds"
    reply = await audience.takes(BOB, "And how big?", reply_to=first.question.source)
    assert reply.question.talk == "one"


async def test_a_talk_that_is_named_is_meant_whenever_it_is_and_whatever_is_answered(
    audience: Audience,
) -> None:
    first = await audience.takes(ADA)
    reply = await audience.takes(BOB, "Why?", talk="three", reply_to=first.question.source)
    assert (reply.question.talk, reply.in_doubt, reply.has_next) == ("three", False, False)


async def test_not_one_that_does_not_take_place_here(audience: Audience) -> None:
    await audience.decide(two=Override(cancelled=True))
    for guid in ("two", "clouds", "nothing"):
        with denied(Denial.NO_SUCH_TALK):
            await audience.takes(ADA, talk=guid)


async def test_where_several_are_on_one_must_be_named(database: Database) -> None:
    audience = Audience(database)
    await audience.open(*TALKS, talk("attic", "10:00", chat_room=ROOM, room="Attic"))
    with denied(Denial.NAME_THE_TALK) as caught:
        await audience.takes(ADA)
    assert [slot.talk.guid for slot in caught.value.slots] == ["attic", "one"], "by place"
    assert (await audience.takes(ADA, talk="attic")).question.talk == "attic"


async def test_without_a_talk_nobody_asks(audience: Audience) -> None:
    with denied(Denial.NO_TALK_TODAY):
        await audience.takes(ADA, clock="22:00")
    with denied(Denial.NO_TALKS_HERE):
        await audience.takes(ADA, room="!lobby")


# What it becomes.


async def test_the_message_is_its_cause(audience: Audience) -> None:
    accepted = await audience.takes(ADA, name="Ada L.", direct=True)
    question = accepted.question
    assert (question.asker, question.asker_name, question.direct) == (ADA, "Ada L.", True)
    [entry] = await audience.log()
    assert (entry.action, entry.actor, entry.cause) == ("ask", ADA, question.source)


async def test_what_made_a_question_of_it_is_the_cause_in_its_log(audience: Audience) -> None:
    await audience.takes(ADA, marked="$mark")
    [entry] = await audience.log()
    assert entry.cause == "$mark"


async def test_in_a_moderated_room_it_waits_unless_a_moderator_asks_or_vouches(
    audience: Audience,
) -> None:
    await audience.moderate()
    assert (await audience.takes(ADA)).question.state == State.PENDING
    assert (await audience.takes(BOB, vouched=True)).question.state == State.OPEN
    assert (await audience.takes(MODERATOR)).question.state == State.OPEN
    said_by_many = await audience.takes(MODERATOR, "Why?", relayed=True)
    assert said_by_many.question.state == State.PENDING, "who is relayed has no power"


async def test_where_none_are_taken_a_moderator_asks(audience: Audience) -> None:
    await audience.close()
    with denied(Refusal.CLOSED, question=None):
        await audience.takes(ADA)
    assert (await audience.takes(MODERATOR)).question.number == 1


@pytest.mark.parametrize(
    ("text", "why", "number"),
    [
        ("", Refusal.EMPTY, 0),
        ("\u200b\u202e", Refusal.EMPTY, 0),
        ("x" * 612, Refusal.TOO_LONG, 612),
    ],
)
async def test_what_is_no_question(
    audience: Audience, text: str, why: Refusal, number: int
) -> None:
    with denied(why, number=number, question=None):
        await audience.takes(ADA, text)
    with denied(why, number=number, question=None):
        audience.asking.checked(text)


async def test_too_many_and_asked_already(audience: Audience) -> None:
    first, *_ = [await audience.takes(ADA, f"{number} ones?") for number in range(5)]
    with denied(Refusal.ASKED_ALREADY, number=1):
        await audience.takes(ADA, "0 ONES?")
    with denied(Refusal.TOO_MANY, number=5):
        await audience.takes(ADA)
    assert (await audience.takes(BOB)).question.number == 6
    await audience.act(str(first.question.source), Action.WITHDRAW)
    assert (await audience.takes(ADA, "How small indeed?")).question.number == 7


async def test_who_is_muted_does_not_ask(audience: Audience) -> None:
    await audience.mute(ADA)
    with denied(Refusal.BARRED):
        await audience.takes(ADA)


async def test_an_account_that_speaks_for_many_votes_no_more(audience: Audience) -> None:
    first = await audience.takes(ADA)
    await audience.taps(str(first.question.source), RELAY)
    assert await audience.votes(str(first.question.source)) == 1
    await audience.takes(RELAY, "And how big?", name="carl", relayed=True, relay=True)
    assert await audience.votes(str(first.question.source)) == 0


# Alike.


async def test_one_that_is_alike_is_named(audience: Audience) -> None:
    await audience.takes(ADA, "How small can the kernel get?")
    accepted = await audience.takes(BOB, "How small can a kernel get??")
    assert (accepted.question.number, accepted.alike) == (2, 1)


async def test_but_not_one_that_the_audience_may_not_know_of(audience: Audience) -> None:
    await audience.moderate()
    await audience.takes(ADA, "How small can the kernel get?")
    accepted = await audience.takes(BOB, "How small can a kernel get?")
    assert accepted.alike is None
