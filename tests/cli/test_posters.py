"""`fosdembot posters`: a page to print for each room."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Literal

import pytest
from click.testing import CliRunner, Result
from playwright.async_api import Browser, ViewportSize

from fosdembot.cli import main
from simulation.conference import Planned, write_schedule
from tests.accessible import violations_in_both_schemes
from tests.scanned import scanned_in_both_schemes

KERNEL, CLOUD = "#kernel:example.org", "#cloud:example.org"
URL = "https://qa.example.org/qa"
HOSTILE = '<script>alert(1)</script>"&'
A4: ViewportSize = {"width": 794, "height": 1123}
MEDIA: tuple[Literal["print", "screen"], ...] = ("print", "screen")
TALKS = (
    Planned(1, "Tiny kernels", 60, 25, chat_room=KERNEL),
    Planned(2, "Big kernels", 90, 25, chat_room=KERNEL),
    Planned(3, "Clouds", 60, 25, place=HOSTILE, chat_room=CLOUD),
)


def posters(
    tmp_path: Path, *arguments: str, public_url: str = "https://qa.example.org/qa"
) -> Result:
    config, schedule = tmp_path / "settings.yaml", tmp_path / "schedule.xml"
    write_schedule(schedule, TALKS)
    config.write_text(f'pages:\n  public_url: "{public_url}"\nschedule:\n  source: {schedule}\n')
    return CliRunner().invoke(main, ["posters", "--config", str(config), *arguments])


def test_one_page_for_each_room(tmp_path: Path) -> None:
    to = tmp_path / "posters.html"
    result = posters(tmp_path, "--to", str(to))
    assert result.exit_code == 0, result.output
    page = to.read_text()
    assert page.count("<article>") == page.count("<svg") == 2
    for room in ("kernel", "cloud"):
        assert f"qa.example.org/qa/r/{room}</p>" in page
    assert "Tiny" not in page, "it hangs there all day"
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize("url", [URL, f"https://qa.example.org/{'p' * 59}"], ids=["usual", "long"])
async def test_a_phone_reads_its_code(tmp_path: Path, chromium: Browser, url: str) -> None:
    """It leads to the room's page, on paper and on a screen."""
    folder = tmp_path / "out"
    folder.mkdir()
    await asyncio.to_thread(posters, tmp_path, "--to", str(folder), public_url=url)
    context = await chromium.new_context(viewport=A4)
    page = await context.new_page()
    for room in ("kernel", "cloud"):
        await page.goto((folder / f"{room}.html").as_uri())
        for media in MEDIA:
            await page.emulate_media(media=media)
            assert await scanned_in_both_schemes(page) == f"{url}/r/{room}"
        assert await violations_in_both_schemes(page) == []
    await context.close()


def test_it_works_without_a_network(tmp_path: Path) -> None:
    to = tmp_path / "posters.html"
    posters(tmp_path, "--to", str(to))
    assert not re.search(r"(src|href)=|@import|url\(", to.read_text())


def test_a_folder_gets_a_file_for_each(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    assert posters(tmp_path, "--to", str(folder)).exit_code == 0
    assert sorted(file.name for file in folder.iterdir()) == ["cloud.html", "kernel.html"]


def test_what_is_missing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = posters(tmp_path, public_url="")
    assert result.exit_code == 1
    assert "set pages.public_url to their address" in result.output
    assert "under plugin_config" in result.output
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, ["posters", "--schedule", "schedule.xml"])
    assert (result.exit_code, result.output) == (
        1,
        "Error: there is no config.yaml; fosdembot init writes one, --config names another\n",
    )


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    to = tmp_path / "nowhere" / "x.html"
    result = posters(tmp_path, "--to", str(to))
    assert (result.exit_code, result.output) == (
        1,
        f"Error: {to} cannot be written: No such file or directory; name another file by --to\n",
    )
