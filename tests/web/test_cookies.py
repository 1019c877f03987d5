"""What a browser shows by itself, and to whom."""

from __future__ import annotations

from datetime import timedelta
from http.cookies import Morsel

from aiohttp import web

from fosdembot.web.cookies import Cookies

HOUR = timedelta(hours=1)


def put(cookies: Cookies) -> Morsel[str]:
    response = web.Response()
    cookies.put(response, "token", HOUR)
    return response.cookies[cookies.name()]


def test_only_this_host_may_set_it_and_no_script_reads_it() -> None:
    """`__Host-` counts only with Secure, with this path, and without a domain."""
    cookie = put(Cookies("https://qa.example.org/fosdem"))
    assert cookie.key.startswith("__Host-fosdembot-")
    assert (cookie["secure"], cookie["path"], cookie["domain"]) == (True, "/", "")
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", "3600")


def test_without_https_there_is_no_prefix() -> None:
    """Browsers would not take it: in a demo everything would be read-only."""
    cookie = put(Cookies("http://localhost:8080"))
    assert cookie.key.startswith("fosdembot-")
    assert "secure" not in cookie.OutputString().lower()
    assert cookie["httponly"] is True


def test_two_bots_behind_one_host_do_not_log_each_other_out() -> None:
    names = {Cookies(f"https://example.org/{bot}").name() for bot in ("a", "b")}
    assert len(names) == 2


def test_it_is_taken_back() -> None:
    cookies, response = Cookies("https://example.org"), web.Response()
    cookies.remove(response)
    cookie = response.cookies[cookies.name()]
    assert (cookie.value, cookie["max-age"], cookie["path"]) == ("", "0", "/")
