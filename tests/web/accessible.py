"""What axe-core finds wrong on a page (WCAG 2.2 AA, and its best practices)."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Page

from simulation.npm_scripts import AXE


async def violations(page: Page) -> list[str]:
    """Each as a line. axe-core is run beside the page's policy, not under it."""
    [script] = AXE.paths
    session = await page.context.new_cdp_session(page)
    await session.send("Runtime.evaluate", {"expression": script.read_text()})
    await session.detach()
    found: dict[str, Any] = await page.evaluate("axe.run()")
    return [
        f"{each['id']}: {node['html'][:200]} {node['failureSummary'][:300]}"
        for each in found["violations"]
        for node in each["nodes"]
    ]
