"""The secret link in a letter to a speaker."""

from __future__ import annotations

import re
from dataclasses import replace

from fosdembot.conference.page_links import MOST, Link, LinkFor, LinkKind
from tests.chat.floor import SPEAKER, ask
from tests.stage import MakeStage, Stage

from .test_letters import CO_SPEAKER, DAY, ONE, OVER, TINY, bodies, letters, opened

PAGES = {"public_url": "https://qa.example.org"}
_LINK = re.compile(r"https://qa\.example\.org/talk\?key=(\S+)")


def keys(said: str) -> list[str]:
    return _LINK.findall(said)


async def link(stage: Stage, key: str) -> Link:
    async with stage.database.read() as session:
        return await stage.bot.page_links.find(session, key, stage.clock.now())


async def test_a_letter_leads_to_a_page_of_the_speakers_own(make_stage: MakeStage) -> None:
    stage = await opened(make_stage, SPEAKER, CO_SPEAKER, pages=PAGES)
    await ask(stage, "How small can it get?")
    one, other = [keys(body) for body in bodies(await letters(stage, OVER))]
    assert len(one) == len(other) == 1
    assert one != other
    found = await link(stage, one[0])
    assert (found.kind, found.talk, found.name) == (LinkKind.SPEAKER, "talk-1", TINY.speaker)


async def test_a_reminder_has_one_as_well_and_the_first_still_opens(make_stage: MakeStage) -> None:
    """Nobody can say which of them the speaker kept."""
    stage = await opened(make_stage, SPEAKER, pages=PAGES)
    await ask(stage, "How small can it get?")
    [first] = [keys(body) for body in bodies(await letters(stage, OVER))]
    [second] = [keys(body) for body in bodies(await letters(stage, OVER + 7 * DAY))]
    assert first != second
    for key in (*first, *second):
        assert (await link(stage, key)).talk == "talk-1"


async def test_of_several_speakers_each_is_called_as_in_the_chat(make_stage: MakeStage) -> None:
    stage = await opened(make_stage, SPEAKER, pages=PAGES)
    await stage.publish(replace(TINY, speaker="Ada L., Grace H.", chat_room="#kernel:example.org"))
    await ask(stage, "How small can it get?")
    [key] = [key for body in bodies(await letters(stage, OVER)) for key in keys(body)]
    assert (await link(stage, key)).name == SPEAKER[1:].partition(":")[0]


async def test_a_letter_without_pages_is_as_before(make_stage: MakeStage) -> None:
    stage = await opened(make_stage, SPEAKER)
    await ask(stage, "How small can it get?")
    assert bodies(await letters(stage, OVER)) == [ONE]


async def test_where_no_further_link_may_be_made_the_letter_goes_without(
    make_stage: MakeStage,
) -> None:
    stage = await opened(make_stage, SPEAKER, pages=PAGES)
    await ask(stage, "How small can it get?")
    async with stage.database.write() as session:
        for _ in range(MOST):
            for_what = LinkFor(LinkKind.SPEAKER, talk="talk-1")
            await stage.bot.page_links.make(session, for_what, "x", stage.clock.now())
    assert bodies(await letters(stage, OVER)) == [ONE]
