"""Answers requests for pages: finds the handler, and says in a sentence what went wrong."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html import escape

from aiohttp import web

from fosdembot.texts import pages as texts
from fosdembot.texts.render import Text, say

from .headers import page_headers
from .refusals import Declined
from .rendering import Rendering
from .routing import Asked, Handler, Route, Routes
from .where import where

AGAIN = 2.0
"""Seconds after which somebody comes back who came while the bot stops or starts."""

OVERLAY_AGAIN = 5
"""Seconds after which an overlay is loaded again that could not be shown."""


@dataclass(slots=True)
class App:
    rendering: Rendering
    log: logging.Logger
    routes: Routes
    are_on: bool
    """Whether there are pages besides those for monitors."""
    is_closed: bool = False
    _answering: dict[int, web.Request] = field(default_factory=dict)

    def add(self, routes: Iterable[Route]) -> None:
        self.routes.add(routes)

    def close(self) -> None:
        """Nothing is begun any more, and nobody is waited for who still sends. May be called
        again."""
        self.is_closed = True
        for request in self._answering.values():
            if not request.content.is_eof() and request.transport is not None:
                request.transport.abort()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer a request whose path is relative to where our pages are."""
        self._answering[id(request)] = request
        try:
            return await self._answer(request)
        except Declined as declined:
            return self._declined(request, declined)
        except web.HTTPMethodNotAllowed as refused:
            answer = self._failed(request, say(texts.NOT_ALLOWED_METHOD), 405)
            answer.headers["Allow"] = ", ".join(sorted(refused.allowed_methods))
            return answer
        except web.HTTPNotFound:
            off = say(texts.PAGES_OFF)
            return self._failed(request, say(texts.NOT_FOUND) if self.are_on else off, 404)
        except web.HTTPException:
            raise  # a page of its own, or another address
        except ConnectionError:
            # The browser is gone. maubot's web server would log it at length.
            return web.Response(status=408)
        except Exception as err:
            self.log.error("A page could not be shown: %s", where(err))
            return self._failed(request, say(texts.WENT_WRONG), 500)
        finally:
            del self._answering[id(request)]

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        if self.is_closed:
            return starting(request)
        handler, parts = self._found(request)
        return await handler(Asked(request, parts))

    def _found(self, request: web.Request) -> tuple[Handler, Mapping[str, str]]:
        """Raises `web.HTTPException`: where a slash too many stands at the end, one that leads to
        the page."""
        method, url = request.method, request.rel_url
        try:
            return self.routes.find(method, url.raw_path)
        except web.HTTPNotFound:
            path = url.raw_path.rstrip("/")
            if not path or method not in ("GET", "HEAD"):
                raise
            self.routes.find(method, path)  # else it leads nowhere
            query = f"?{url.raw_query_string}" if url.raw_query_string else ""
            base = self.rendering.addresses.base
            raise web.HTTPFound(f"{base}{path}{query}", headers=page_headers()) from None

    def _declined(self, request: web.Request, declined: Declined) -> web.Response:
        answer = self._failed(
            request, declined.answer, declined.status, declined.log_in, declined.back
        )
        if declined.retry_after is not None:
            answer.headers["Retry-After"] = str(max(1, math.ceil(declined.retry_after)))
        return answer

    def _failed(
        self,
        request: web.Request,
        why: Text,
        status: int,
        log_in: str | None = None,
        back: str | None = None,
    ) -> web.Response:
        is_bare = not self.are_on or _is_overlay(request)
        if is_bare or _is_script(request):
            return failed(request, why, status)
        page = self.rendering.page("failed.html", why=why, log_in=log_in, back=back)
        headers = page_headers()
        return web.Response(text=page, status=status, content_type="text/html", headers=headers)


def failed(request: web.Request, why: Text, status: int) -> web.Response:
    """What went wrong, without a page around it."""
    if _is_script(request):
        return web.json_response({"error": why.plain}, status=status, headers=page_headers())
    if _is_overlay(request):
        # Nothing on the stream, whose source nobody reloads; who opens the link sees the title.
        text = f'<!doctype html>\n<html lang="en"><title>{escape(why.plain)}</title></html>\n'
        headers = {**page_headers(), "Refresh": str(OVERLAY_AGAIN)}
        return web.Response(text=text, status=status, content_type="text/html", headers=headers)
    return web.Response(text=f"{why.plain}\n", status=status, headers=page_headers())


def _is_script(request: web.Request) -> bool:
    """Whether a page's script asks."""
    return "application/json" in request.headers.get("Accept", "")


def _is_overlay(request: web.Request) -> bool:
    return request.rel_url.raw_path.rstrip("/") == "/overlay"


def starting(request: web.Request) -> web.Response:
    """Where there is no bot yet, or another one begins. Browsers come again by themselves, except
    where something was sent, which they would leave out."""
    again = str(math.ceil(AGAIN))
    reads = request.method in ("GET", "HEAD")
    if _is_script(request):
        words = texts.STARTING_SCRIPT
    else:
        words = texts.STARTING if reads else texts.STARTING_SEND
    answer = failed(request, say(words), 503)
    answer.headers.update({"Retry-After": again} | ({"Refresh": again} if reads else {}))
    return answer
