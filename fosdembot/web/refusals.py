"""Why something is not done on a page, in words: the one place where pages say so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from fosdembot.actions.refused import Denial, Refused
from fosdembot.texts import hall as hall_texts
from fosdembot.texts import pages as texts
from fosdembot.texts.render import Text, say

from .room_refusals import of_room
from .talk_refusals import of_talk


class Declined(Exception):
    """Raised before anything is changed; `answer` is one sentence that says what to do instead."""

    def __init__(
        self,
        answer: Text,
        status: int = 403,
        *,
        retry_after: float | None = None,
        log_in: str | None = None,
        back: str | None = None,
    ) -> None:
        super().__init__(answer.plain)
        self.answer = answer
        self.status = status
        self.retry_after = retry_after
        """In seconds, where it makes sense to try again."""
        self.log_in = log_in
        """The path of the page on which to log in, where that helps."""
        self.back = back
        """The page (path and query) on which to go on, as the one from which a form was sent:
        browsers do not say it, since addresses may be secret (`headers.page_headers`)."""


@contextmanager
def leading_back(page: str) -> Iterator[None]:
    """What is declined in this block leads back to a page (its path and query)."""
    try:
        yield
    except Declined as declined:
        declined.back = page
        raise


@dataclass(frozen=True, slots=True)
class Refusals:
    longest: int
    """Characters of a question."""

    def say(self, refused: Refused) -> Text:
        """What to tell somebody on a page."""
        match refused.why:
            case Denial.NO_GUESTS:
                return say(hall_texts.NO_GUESTS)
            case Denial.GUESTS_ONLY_ASK:
                return say(hall_texts.ONLY_ASK)
            case Denial.OTHER_TALK_THAN_GUEST_S:
                return say(hall_texts.OTHER_TALK)
            case Denial.TOO_LONG_FOR_GUEST:
                return say(hall_texts.TOO_LONG, number=str(refused.number))
            case Denial.NOT_AS_GUEST:
                return say(hall_texts.NOT_AS_GUEST)
            case Denial.NO_GUEST:
                return say(hall_texts.ONLY_GUESTS)
        in_words = of_room(refused, self.longest) or of_talk(refused)
        return in_words or say(texts.WENT_WRONG)
