"""The web server of the demo, on this machine alone: its transcripts, and a talk's recording."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web


@asynccontextmanager
async def site(transcripts: Path, recordings: Path) -> AsyncIterator[str]:
    """Serve the files in these folders while the block runs; gives the address."""
    application = web.Application()
    application.router.add_get("/recordings/{place:.*}", _files(recordings))
    application.router.add_get("/{place:.*}", _files(transcripts))
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


def _files(folder: Path) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Serves those in `folder`, and of folders in it their `index.html`."""
    # Links out of it lead nowhere.
    folder = folder.resolve()

    async def serve(request: web.Request) -> web.StreamResponse:
        place = (folder / request.match_info["place"]).resolve()
        if place.is_dir():
            place /= "index.html"
        if not (place.is_relative_to(folder) and place.is_file()):
            raise web.HTTPNotFound
        return web.FileResponse(place)

    return serve
