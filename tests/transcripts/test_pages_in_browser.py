"""Pages in a real browser: everybody can read them, on a phone as well, and nothing in them runs,
loads or breaks what the page tells the browser to refuse."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from fosdembot.transcripts import html
from fosdembot.transcripts.model import Line, Transcript
from tests.accessible import violations, violations_in_both_schemes

from . import rich

pytestmark = pytest.mark.asyncio(loop_scope="session")
_WATCH = """
window.wrongs = [];
document.addEventListener('securitypolicyviolation', event => {
  window.wrongs.push(event.violatedDirective + ' ' + event.blockedURI);
});
"""


@pytest.fixture
def pages(tmp_path: Path) -> list[Path]:
    """What is to be looked at."""

    def make(name: str, transcript: Transcript, lines: Iterable[Line]) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        html.write(folder, transcript, lines, length=30)
        return folder

    return [
        make("rich", rich.rich(), rich.LINES) / "index.html",
        make("many", rich.rich(), rich.many(40)) / "page-2.html",
        make("hostile", rich.hostile(), rich.hostile_lines()) / "index.html",
    ]


async def test_everybody_can_read_them_and_nothing_runs(
    chromium: Browser, pages: list[Path]
) -> None:
    async with _opened(chromium) as (page, happened):
        for path in pages:
            await page.goto(path.as_uri())
            if path.parent.name != "hostile":
                assert await violations_in_both_schemes(page) == [], path
            else:
                # Its colours are the same, and are many.
                assert await violations(page, "color-contrast") == [], path
            for width in (360, 1280):
                await page.set_viewport_size({"width": width, "height": 900})
                wide = await page.evaluate("document.documentElement.scrollWidth")
                assert wide <= width, (path, wide)
            happened += await page.evaluate("wrongs")
            # The page was asked for, and nothing else.
            assert happened == [path.as_uri()]
            happened.clear()


@asynccontextmanager
async def _opened(chromium: Browser) -> AsyncIterator[tuple[Page, list[str]]]:
    """A page on a phone, and what happens in it: requests, dialogs, what the console says."""
    context = await chromium.new_context(viewport={"width": 360, "height": 900})
    await context.add_init_script(_WATCH)
    page = await context.new_page()
    happened: list[str] = []
    page.on("request", lambda request: happened.append(request.url))
    page.on("console", lambda message: happened.append(message.text))
    page.on("dialog", lambda dialog: happened.append(dialog.message))
    page.on("pageerror", lambda error: happened.append(str(error)))
    yield page, happened
    await context.close()
