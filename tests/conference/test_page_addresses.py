"""The addresses of pages, as people, browsers and the schedule know them."""

from __future__ import annotations

import pytest

from fosdembot.conference.page_addresses import origin_of
from simulation.conference import Planned
from tests.stage import CLOUD, KERNEL, MakeStage

URL = "https://qa.example.org/pages"
TALKS = (
    Planned(1, "Tiny kernels", 60, 25, chat_room=KERNEL),
    Planned(2, "Small clouds", 60, 25, chat_room=CLOUD),
)


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://qa.example.org/pages", "https://qa.example.org"),
        ("https://QA.example.org:443", "https://qa.example.org"),
        ("http://127.0.0.1:8080/x", "http://127.0.0.1:8080"),
        ("https://[::1]:8443", "https://[::1]:8443"),
        ("https://münchen.example", "https://xn--mnchen-3ya.example"),
    ],
)
def test_the_origin_is_as_browsers_send_it(url: str, origin: str) -> None:
    """Else nobody could do anything on such a page: their requests would seem to come from
    another site."""
    assert origin_of(url) == origin


async def test_a_hosts_room_to_which_the_schedule_leads_has_no_page(make_stage: MakeStage) -> None:
    stage = await make_stage(hosts={"*": CLOUD}, pages={"public_url": URL})
    await stage.publish(*TALKS)
    pages = stage.bot.page_addresses
    assert pages.room_called("kernel") == KERNEL
    assert pages.room_called("cloud") is None
    assert pages.of_room([CLOUD]) == ""


async def test_a_room_with_several_addresses_has_one_page(make_stage: MakeStage) -> None:
    stage = await make_stage(pages={"public_url": URL})
    await stage.publish(*TALKS)
    pages = stage.bot.page_addresses
    assert pages.of_room([KERNEL, CLOUD]) == pages.of_room([CLOUD, KERNEL]) == f"{URL}/r/cloud"


async def test_without_pages_there_is_no_address(make_stage: MakeStage) -> None:
    stage = await make_stage()
    await stage.publish(*TALKS)
    assert stage.bot.page_addresses.of_room([KERNEL]) == ""
    assert stage.bot.page_addresses.start() == ""


async def test_clients_are_known_by_their_origin(make_stage: MakeStage) -> None:
    """As they stand in a header and in a script, where no path belongs; Element Desktop, too."""
    framed_by = ["https://chat.example.org/element/", "https://chat.example.org", "vector://vector"]
    stage = await make_stage(pages={"public_url": URL, "framed_by": framed_by})
    pages = stage.bot.page_addresses
    assert pages.framed_by == ("https://chat.example.org", "vector://vector")
