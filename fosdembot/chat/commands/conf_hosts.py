"""`!conf hosts`: where the moderators of a track, or of all, meet."""

from __future__ import annotations

from pydantic import TypeAdapter, ValidationError

from fosdembot.chat.command import Command, Declined
from fosdembot.chat.commands.conf_rooms import UNFIT, RoomList
from fosdembot.chat.meant.room import MOST_CHOICES
from fosdembot.conference.control_room import MOST_LINES
from fosdembot.conference.hosts import Hosts
from fosdembot.conference.hosts_rooms import ALL
from fosdembot.conference.programme import Programme
from fosdembot.matrix.rooms import Rooms
from fosdembot.setting_types import RoomAddress
from fosdembot.texts import hosts as texts
from fosdembot.texts.commands import AND_OTHERS
from fosdembot.texts.render import Text, clean, lines, room_link, say

_OFF = "off"
_ADDRESS = TypeAdapter(RoomAddress)
_LONGEST_TRACK = 60


class ConfHosts:
    def __init__(
        self, hosts: Hosts, programme: Programme, rooms: Rooms, room_list: RoomList, prefix: str
    ) -> None:
        self._hosts = hosts
        self._programme = programme
        self._rooms = rooms
        self._room_list = room_list
        self._prefix = prefix

    async def __call__(self, command: Command, arguments: str) -> Text:
        """`TRACK ROOM`, `TRACK off`, or nothing: a list. Raises `Declined`."""
        if not arguments:
            return await self._list(command)
        *words, address = arguments.split()
        if not words:
            raise Declined(self._say(texts.USAGE))
        session = command.session
        off = address.casefold() == _OFF
        if not off and not _is_address(address):
            raise Declined(self._say(texts.NO_ADDRESS, word=clean(address, 60)))
        track = self._track(" ".join(words))
        if off:
            if track not in self._hosts.by_track:
                return self._say(texts.NONE_THERE, track=_shown(track))
            await self._hosts.put(session, track, "")
            return self._say(texts.REMOVED, track=_shown(track))
        if (unfit := await self._hosts.unfit(session, address)) is not None:
            raise Declined(self._say(UNFIT[unfit]))
        await self._hosts.put(session, track, address)
        session.after_commit(self._rooms.retry)
        said = [self._say(texts.PUT, track=_shown(track), room=room_link(address))]
        if (missing := await self._room_list.not_joined(session, address)) is not None:
            said.append(missing)
        return lines(said)

    async def _list(self, command: Command) -> Text:
        by_track = self._hosts.by_track
        if not by_track:
            return self._say(texts.NONE_AT_ALL)
        said = [await self._line(command, track) for track in sorted(by_track)[:MOST_LINES]]
        if len(by_track) > MOST_LINES:
            said.append(self._say(AND_OTHERS, count=len(by_track) - MOST_LINES))
        return lines(said)

    async def _line(self, command: Command, track: str) -> Text:
        address = self._hosts.by_track[track]
        unfit = await self._hosts.unfit(command.session, address)
        missing = await self._room_list.not_joined(command.session, address)
        state = self._say(UNFIT[unfit]) if unfit is not None else missing or room_link(address)
        return self._say(texts.LINE, track=_shown(track), state=state)

    def _track(self, name: str) -> str:
        """The track that a name, or a part of it, means."""
        wanted = name.casefold()
        if wanted in ("all", ALL):
            return ALL
        tracks = {talk.track for talk in self._programme.talks.values()} | {*self._hosts.by_track}
        tracks -= {ALL, ""}
        exact = {track for track in tracks if track.casefold() == wanted}
        fitting = sorted(exact or {track for track in tracks if wanted in track.casefold()})
        if len(fitting) == 1:
            return fitting[0]
        word = clean(name, 60)
        if fitting:
            raise Declined(self._say(texts.MANY_TRACKS, word=word, tracks=_some(fitting)))
        raise Declined(self._say(texts.NO_SUCH_TRACK, word=word, tracks=_some(sorted(tracks))))

    def _say(self, template: str, **values: str | int | Text) -> Text:
        return say(template, p=self._prefix, **values)


def _is_address(word: str) -> bool:
    try:
        return bool(_ADDRESS.validate_python(word))
    except ValidationError:
        return False


def _shown(track: str) -> str:
    return texts.ALL_TRACKS if track == ALL else clean(track, _LONGEST_TRACK)


def _some(tracks: list[str]) -> str:
    names = [clean(track, _LONGEST_TRACK) for track in tracks[:MOST_CHOICES]]
    return ", ".join([*names, "…"] if len(tracks) > MOST_CHOICES else names) or texts.NO_TRACKS
