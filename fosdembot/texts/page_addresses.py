"""Where the pages are, as rooms and people are told it."""

from __future__ import annotations

ON_PHONE = "On your phone: {url}"
PAGE = "Questions and votes: {url}"
ALL_QUESTIONS = "All on one page: {url}"
HELP = "What is asked, live, and on your phone: {url}"
HELP_LOGIN = (
    "To take part there: <code>{p}page</code> gives a personal link; where it shows a code, type "
    "<code>{p}link CODE</code>"
)
WHEN_ENCRYPTED = "{answer} What is asked in the talk rooms is at {url}"
