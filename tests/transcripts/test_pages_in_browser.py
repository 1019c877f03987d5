"""Pages in a real browser: everybody can read them, on a phone as well, and nothing in them runs,
loads or breaks what the page tells the browser to refuse."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.async_api import Browser, Page

from fosdembot.transcripts import html
from fosdembot.transcripts.model import Line, Transcript
from simulation.npm_scripts import AXE

from . import rich

Scheme = Literal["dark", "light"]
VIEWS: tuple[tuple[Scheme, int], ...] = (("light", 360), ("dark", 360), ("light", 1280))
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
    browser: Browser, pages: list[Path]
) -> None:
    for scheme, width in VIEWS:
        async with _opened(browser, scheme, width) as (page, happened):
            for path in pages:
                await page.goto(path.as_uri())
                wide = await page.evaluate("document.documentElement.scrollWidth")
                assert wide <= width, (path, wide)
                happened += await page.evaluate("wrongs")
                # The page was asked for, and nothing else.
                assert happened == [path.as_uri()], scheme
                happened.clear()
                if width == 360 and path.parent.name != "hostile":
                    assert await _violations(page) == [], (path, scheme)
                elif scheme == "light" and width == 360:
                    # Its colours are the same, and are many.
                    assert await _violations(page, "color-contrast") == [], path


async def _violations(page: Page, *leave_out: str) -> list[str]:
    """What axe-core finds."""
    [script] = AXE.paths
    await page.evaluate(script.read_text())
    rules = {rule: {"enabled": False} for rule in leave_out}
    options = {"resultTypes": ["violations"], "rules": rules}
    found: dict[str, Any] = await page.evaluate("options => axe.run(options)", options)
    return [
        f"{violation['id']}: {json.dumps(node['html'])[:300]} {node.get('failureSummary')}"
        for violation in found["violations"]
        for node in violation["nodes"][:3]
    ]


@asynccontextmanager
async def _opened(
    browser: Browser, scheme: Scheme, width: int
) -> AsyncIterator[tuple[Page, list[str]]]:
    """A page, and what happens in it: requests, dialogs, what the console says."""
    context = await browser.new_context(
        color_scheme=scheme, viewport={"width": width, "height": 900}
    )
    await context.add_init_script(_WATCH)
    page = await context.new_page()
    happened: list[str] = []
    page.on("request", lambda request: happened.append(request.url))
    page.on("console", lambda message: happened.append(message.text))
    page.on("dialog", lambda dialog: happened.append(dialog.message))
    page.on("pageerror", lambda error: happened.append(str(error)))
    yield page, happened
    await context.close()
