"""What axe-core finds wrong on a page (WCAG 2.2 AA, and its best practices)."""

from __future__ import annotations

from typing import Any, Literal

from playwright.async_api import Page

from simulation.npm_scripts import AXE

Scheme = Literal["dark", "light"]
OF_COLOURS = ["color-contrast", "link-in-text-block"]
"""The rules that look at colours: all in which one colour scheme differs from the other, as a style
sheet's dark scheme is other values of the same colours (`tests/test_accessible.py`)."""
_RUN = """
async options => {
  const found = await axe.run(options);
  return found.violations.flatMap(each => each.nodes.slice(0, 3).map(
    node => `${each.id}: ${node.html.slice(0, 200)} ${(node.failureSummary || "").slice(0, 300)}`));
}
"""


async def violations(page: Page, *leave_out: str) -> list[str]:
    """Each as a line, in the colour scheme that the page is shown in; `leave_out` are rules.
    axe-core is run beside the page's policy, not under it."""
    rules = {rule: {"enabled": False} for rule in leave_out}
    return await _found(page, {"rules": rules})


async def violations_in_both_schemes(page: Page) -> list[str]:
    """The same in the light colour scheme, and what differs from it in the dark one, in which the
    page is left. It is not loaded anew."""
    await page.emulate_media(color_scheme="light")
    found = await violations(page)
    await page.emulate_media(color_scheme="dark")
    found += await _found(page, {"runOnly": OF_COLOURS})
    return found


async def _found(page: Page, options: dict[str, Any]) -> list[str]:
    if not await page.evaluate("'axe' in window"):
        await _load(page)
    options = {"resultTypes": ["violations"], **options}
    return list(await page.evaluate(_RUN, options))


async def _load(page: Page) -> None:
    [script] = AXE.paths
    session = await page.context.new_cdp_session(page)
    await session.send("Runtime.evaluate", {"expression": script.read_text()})
    await session.detach()


async def tab_to(page: Page, words: str) -> None:
    """By the Tab key to what has this name."""
    for _ in range(60):
        await page.keyboard.press("Tab")
        name = await page.evaluate(
            "(e => e.ariaLabel || e.labels?.[0]?.textContent || e.textContent)"
            "(document.activeElement)"
        )
        if name.strip() == words:
            return
    raise AssertionError(f"{words} is out of reach")
