"""Finds the questions of a transcript in the subtitles that the schedule links."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

from fosdembot.clock import Clock
from fosdembot.settings import Settings

from .fetching import NoSubtitles, fetch_and_enrich
from .matching import Asked
from .model import Transcript
from .questions import ReadAloud

AGAIN_AFTER = 600.0
"""Seconds before subtitles are fetched again that could not be had: a server that does not answer
holds up what others wait for, a redaction perhaps."""


@dataclass(frozen=True, slots=True)
class Enriching:
    settings: Settings
    log: logging.Logger
    clock: Clock
    _tried: dict[str, tuple[object, float]] = field(init=False, default_factory=dict)
    """By talk what was looked for, or which subtitles could not be had, and until when (seconds of
    the clock) that is not tried again: a transcript may be made again every minute."""
    _told: set[str] = field(init=False, default_factory=set)
    """Talks whose trouble with subtitles is in the log."""

    async def enriched(
        self, transcript: Transcript, unpublished: Sequence[ReadAloud]
    ) -> Transcript:
        """The transcript with the seconds of its questions, as far as they can be found. Raises
        nothing: a transcript is worth having without them."""
        if not (self.settings.transcripts.enrich and _lacks_seconds(transcript)):
            return transcript
        guid, links = transcript.talk.guid, transcript.links.subtitles
        looked_for = (links, transcript.questions, tuple(unpublished))
        tried, until = self._tried.get(guid, (None, 0.0))
        if tried in (links, looked_for) and self.clock.monotonic() < until:
            return transcript
        try:
            start = transcript.talk.actual.start
            others = [
                Asked(each.number, each.text, (each.taken_at - start).total_seconds())
                for each in unpublished
            ]
            found = await fetch_and_enrich(transcript, self.settings.schedule.user_agent, others)
        except NoSubtitles as err:
            self._tried[guid] = links, self.clock.monotonic() + AGAIN_AFTER
            if guid not in self._told:
                self._told.add(guid)
                self.log.warning(
                    "Without the seconds of its questions: %s: %s", transcript.name, err
                )
            return transcript
        self._tried[guid] = looked_for, float("inf")
        return found


def _lacks_seconds(transcript: Transcript) -> bool:
    """Whether there are subtitles, and a question that was taken whose place is not known."""
    taken = [question for question in transcript.questions if question.taken_at is not None]
    return bool(transcript.links.subtitles) and any(each.spoken is None for each in taken)
