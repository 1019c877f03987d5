"""The room page as Matrix clients show it; the whole way is `tests/e2e/test_widget.py`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from .world import World, empty_database, stepped_world

__all__ = ["empty_database"]

pytestmark = pytest.mark.asyncio(loop_scope="module")

CLIENT = "https://chat.example.org"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(
    tmp_path_factory: pytest.TempPathFactory, empty_database: Path
) -> AsyncIterator[World]:
    folder = tmp_path_factory.mktemp("widget")
    pages = {"framed_by": [f"{CLIENT}/element/", "vector://vector"]}
    async with stepped_world(folder, empty_database, pages=pages) as made:
        yield made


async def test_it_listens_to_configured_clients_alone(world: World) -> None:
    page = (await world.get("/r/kernel?view=widget")).text
    assert f'data-framed-by="{CLIENT} vector://vector"' in page
    assert 'data-login="/widget?room=kernel"' in page
    assert "data-join" in page


async def test_only_those_may_frame_it(world: World) -> None:
    policy = (await world.get("/r/kernel?view=widget")).headers["Content-Security-Policy"]
    assert f"frame-ancestors 'self' {CLIENT} vector://vector;" in policy


async def test_what_is_reloaded_of_it_is_of_the_widget_too(world: World) -> None:
    """Else its button would be gone once a stream or a link brings a part of it anew."""
    page = (await world.get("/r/kernel?view=widget")).text
    assert 'data-mine="/r/kernel/mine?view=widget"' in page
    assert "/r/kernel?order=newest&amp;view=widget" in page
    assert "data-join" in (await world.get("/r/kernel/mine?view=widget")).json["parts"]["you"]


async def test_the_page_itself_has_none_of_it(world: World) -> None:
    page = (await world.get("/r/kernel")).text
    assert "data-framed-by" not in page
    assert "data-join" not in page
