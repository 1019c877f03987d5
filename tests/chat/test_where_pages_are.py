"""The address of the room's page stands where people look for it."""

from __future__ import annotations

import pytest

from tests.chat.conftest import PROGRAMME
from tests.chat.floor import ASKER, ask
from tests.stage import KERNEL, LOBBY, STRANGER, MakeStage, Stage

URL = "https://qa.example.org"
PAGE = f"{URL}/r/kernel"


@pytest.fixture
async def stage(make_stage: MakeStage) -> Stage:
    stage = await make_stage(
        pages={"public_url": URL}, questions={"open_per_person": 100}, limits={}
    )
    await stage.publish(*PROGRAMME)
    await stage.open(KERNEL)
    await stage.news()
    stage.clock.set(70)
    return stage


async def answer(stage: Stage, place: str, body: str) -> str:
    [said] = await stage.say(place, STRANGER, body)
    return said.body


async def test_what_is_on_comes_with_it(stage: Stage) -> None:
    assert (await answer(stage, KERNEL, "!talk")).endswith(f"Questions and votes: {PAGE}")


async def test_help_names_it_and_elsewhere_the_list_of_rooms(stage: Stage) -> None:
    assert (await answer(stage, KERNEL, "!help")).endswith(f"phone: {PAGE}")
    assert (await answer(stage, LOBBY, "!help")).endswith(f"phone: {URL}/")


async def test_in_a_direct_chat_help_tells_how_to_become_known_there(stage: Stage) -> None:
    said = await answer(stage, await stage.open_direct(STRANGER), "!help")
    assert f"phone: {URL}/" in said
    assert "!page" in said
    assert "!link CODE" in said
    assert "!page" not in await answer(stage, KERNEL, "!help"), "there it says to go elsewhere"


async def test_a_list_that_leaves_some_out_says_where_all_are(stage: Stage) -> None:
    for number in range(11):
        await ask(stage, f"Why {number}?", asker=ASKER)
    assert (await answer(stage, KERNEL, "!questions")).endswith(f"All on one page: {PAGE}")
    assert PAGE not in await answer(stage, KERNEL, "!questions all")


async def test_the_pinned_message_has_it(make_stage: MakeStage) -> None:
    stage = await make_stage(pages={"public_url": URL})
    await stage.publish(*PROGRAMME)
    await stage.open(KERNEL)
    [now] = [said for said in await stage.tell(60) if said.key.startswith("now/")]
    assert f"On your phone: {PAGE}" in now.body
