"""The search works in a real browser, on a page that is opened from a plain folder."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from fosdembot.transcripts import index

from .folders import folder_of
from .samples import answer, question, talk, transcript

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.mark.asyncio(loop_scope="session")
async def test_typing_finds_questions_by_their_answers(tmp_path: Path, chromium: Browser) -> None:
    """Also under the page's own policy, and on a narrow phone."""
    asked = (
        question(12, "How small can it get?", answers=(answer("In Zürich it was 4 KiB."),)),
        question(14, f"Why {HOSTILE}?"),
    )
    folder = folder_of(
        tmp_path,
        transcript(asked, talk=talk("tiny")),
        transcript([question(3, "Which one?")], talk=talk("zoo", title="Zoo of kernels")),
    )
    (folder.talk("tiny") / "index.html").write_text('<p id="question-12">here</p>')
    index.write(folder)
    said: list[str] = []
    page = await chromium.new_page(viewport={"width": 360, "height": 640})
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    await page.goto((folder.public / "index.html").as_uri())
    field, found = page.get_by_role("searchbox"), page.get_by_role("status")
    results = page.locator("#results li")

    await field.press_sequentially("zurich kib")
    await expect(found).to_have_text("1 question found.")
    await expect(results.locator("q")).to_have_text(re.compile("In Zürich it was 4 KiB"))

    await field.fill("ZOO")
    await expect(results).to_have_text(re.compile(r"Which one\?Zoo of kernels, Kernel"))
    await field.fill("no such thing")
    await expect(found).to_have_text("Nothing found.")
    await field.fill("")
    await expect(found).to_have_text("")
    await field.fill("kernel")
    await expect(found).to_have_text("3 questions found.")
    await expect(results.get_by_text(HOSTILE)).to_have_count(1)
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    await results.get_by_role("link", name="How small").click()
    await expect(page).to_have_url((folder.talk("tiny") / "index.html").as_uri() + "#question-12")
    await page.context.close()
    assert said == []
