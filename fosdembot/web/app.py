"""Answers requests for pages: finds the handler, and says in a sentence what went wrong."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable
from dataclasses import dataclass

from aiohttp import web

from fosdembot.texts import pages as texts
from fosdembot.texts.render import Text, say

from .headers import page_headers
from .refusals import Declined
from .rendering import Rendering
from .routing import Asked, Route, Routes


@dataclass(slots=True)
class App:
    rendering: Rendering
    log: logging.Logger
    routes: Routes

    def add(self, routes: Iterable[Route]) -> None:
        self.routes.add(routes)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer a request whose path is relative to where our pages are."""
        try:
            handler, parts = self.routes.find(request.method, request.rel_url.raw_path)
            return await handler(Asked(request, parts))
        except Declined as declined:
            return self._declined(request, declined)
        except web.HTTPNotFound:
            return self._failed(request, say(texts.NOT_FOUND), 404)
        except web.HTTPMethodNotAllowed as refused:
            answer = self._failed(request, say(texts.NOT_ALLOWED_METHOD), 405)
            answer.headers["Allow"] = ", ".join(sorted(refused.allowed_methods))
            return answer
        except web.HTTPException as other:
            return other
        except ConnectionError:
            raise  # the browser is gone
        except Exception:
            # Neither the address nor what was sent: there may be secrets in them.
            self.log.exception("A page could not be shown")
            return self._failed(request, say(texts.WENT_WRONG), 500)

    def _declined(self, request: web.Request, declined: Declined) -> web.Response:
        answer = self._failed(request, declined.answer, declined.status)
        if declined.retry_after is not None:
            answer.headers["Retry-After"] = str(max(1, math.ceil(declined.retry_after)))
        return answer

    def _failed(self, request: web.Request, why: Text, status: int) -> web.Response:
        if "application/json" in request.headers.get("Accept", ""):
            return web.json_response({"error": why.plain}, status=status, headers=page_headers())
        page = self.rendering.page("failed.html", why=why)
        headers = page_headers()
        return web.Response(text=page, status=status, content_type="text/html", headers=headers)
