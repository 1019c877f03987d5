"""The demo's web server."""

from __future__ import annotations

from pathlib import Path

from aiohttp import ClientSession

from simulation.demo.site import site


async def test_pages_and_recordings_are_served_and_nothing_else(tmp_path: Path) -> None:
    public, recordings = tmp_path / "public", tmp_path / "recordings"
    for folder in (public / "talk-1", recordings):
        folder.mkdir(parents=True)
    (public / "index.html").write_text("all talks")
    (public / "talk-1" / "index.html").write_text("a talk")
    (recordings / "teacup.vtt").write_text("WEBVTT")
    (tmp_path / "secret").write_text("nobody reads that")
    (public / "link").symlink_to(tmp_path / "secret")
    expected = {
        "": "all talks",
        "/": "all talks",
        "/talk-1/": "a talk",
        "/talk-1/index.html": "a talk",
        "/recordings/teacup.vtt": "WEBVTT",
        "/recordings/": None,
        "/talk-2/": None,
        "/%2e%2e/secret": None,
        "/recordings/..%2fsecret": None,
        "/link": None,
    }
    async with site(public, recordings) as url, ClientSession() as session:
        assert url.startswith("http://127.0.0.1:")
        for path, text in expected.items():
            async with session.get(f"{url}{path}") as answer:
                assert (answer.status, path) == (404 if text is None else 200, path)
                assert text is None or await answer.text() == text
