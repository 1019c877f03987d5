"""What part of the conference an organiser's command is for: all, a track, a room."""

from __future__ import annotations

from fosdembot.chat.command import Declined
from fosdembot.chat.meant.room import Finder, some_names
from fosdembot.conference.pauses import EVERYWHERE, addresses_in
from fosdembot.conference.programme import Programme
from fosdembot.texts import commands as texts
from fosdembot.texts.render import clean, say


class Scopes:
    def __init__(self, programme: Programme, finder: Finder, prefix: str) -> None:
        self._programme = programme
        self._finder = finder
        self._prefix = prefix

    def parse(self, arguments: str, command: str) -> tuple[str, str]:
        """`(scope, what follows it)` of `all`, a track's whole name, or a part of a
        room's name. Raises `Declined`: a slip must not speak to the wrong rooms."""
        words = arguments.split()
        if words and words[0].casefold() == "all":
            return EVERYWHERE, " ".join(words[1:])
        tracks = {talk.track.casefold(): talk.track for talk in self._programme.talks.values()}
        for length in range(len(words), 0, -1):
            if track := tracks.get(" ".join(words[:length]).casefold()):
                return track, " ".join(words[length:])
        word = words[0] if words else ""
        fitting = self._finder.fitting(word) if word else []
        if len(fitting) == 1:
            return fitting[0], " ".join(words[1:])
        values = {"p": self._prefix, "command": command, "word": clean(word, 60)}
        if fitting:
            raise Declined(say(texts.MANY_ROOMS, rooms=some_names(fitting), **values))
        raise Declined(say(texts.NO_SUCH_SCOPE, **values))

    def addresses(self, scope: str) -> list[str]:
        """The Matrix rooms that a scope covers."""
        return addresses_in(self._programme, scope)


def shown(scope: str) -> str:
    """A scope as it is typed."""
    return "all" if scope == EVERYWHERE else scope
