"""The rooms of `fosdembot init`: the organisers' own, and those of the talks."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence

import click

from fosdembot.cli.asking import Questions
from fosdembot.cli.checks.findings import Report
from fosdembot.cli.checks.rooms import control_room_finding, rooms_findings
from fosdembot.cli.checks.speed import measure, speed_finding
from fosdembot.cli.config import Config
from fosdembot.cli.entering import JOINING_SECONDS, Entered, enter, look_round
from fosdembot.cli.own_rooms import empower, invite, make_room
from fosdembot.cli.schedule import addresses, soonest_first
from fosdembot.cli.setup.network import Network
from fosdembot.clock import WallClock
from fosdembot.conference.control_room import NOT_TRIED
from fosdembot.matrix.api import Api
from fosdembot.schedule.model import Schedule
from fosdembot.settings import Settings
from fosdembot.texts import setup as texts
from fosdembot.texts.render import clean, say
from fosdembot.texts.words import count

CONTROL_ROOM = "plugin_config.control_room"
DEFAULT_ROOM = "plugin_config.rooms.default"


class RoomSetup:
    """Makes and joins rooms for the account of `config`."""

    def __init__(
        self,
        config: Config,
        questions: Questions,
        network: Network,
        api: Api,
        programme: Schedule,
        report: Report,
    ) -> None:
        self._config = config
        self._questions = questions
        self._network = network
        self._api = api
        self._programme = programme
        self._report = report
        self._title = clean(programme.title, 60) or "Conference"

    @property
    def _settings(self) -> Settings:
        return self._config.settings()[0]

    def run(self) -> None:
        """Make the rooms that are wanting, join the others, and tell how it went."""
        control = self._control_room()
        if not addresses(self._programme, self._settings):
            name = say(texts.OWN_ROOM_NAME, title=self._title).plain
            self._make(DEFAULT_ROOM, name, "")
        own = self._network.run(enter(self._api, [control], JOINING_SECONDS, lambda: None))
        room = own.rooms.get(control)
        uninvited = self._invite(room) if room is not None else []
        talks = self._talk_rooms()
        around = self._network.run(look_round(self._api))
        user_id = self._config.user_id
        found = control_room_finding(control, own, around, uninvited, user_id)
        self._report.add(found)
        for finding in rooms_findings(talks, around, self._settings, user_id):
            self._report.add(finding)
        if room is not None and found.well:
            limit = self._network.run(measure(self._api, room))
            limited = own.limited or talks.limited
            self._report.add(speed_finding(limit, limited, self._config.base_url, user_id))

    def _control_room(self) -> str:
        if not self._settings.control_room:
            name = say(texts.CONTROL_ROOM_NAME, title=self._title).plain
            topic = say(texts.CONTROL_ROOM_TOPIC, p=self._settings.command_prefix).plain
            self._make(CONTROL_ROOM, name, topic)
        return self._settings.control_room

    def _make(self, key: str, name: str, topic: str) -> None:
        """Make a room, and write it down at once: there must never be a second one."""
        organisers = self._settings.organisers
        room = self._network.run(make_room(self._api, name, topic))
        self._config.put(key, room)
        self._config.write()
        self._network.run(empower(self._api, room, organisers))
        self._invite(room)

    def _invite(self, room: str) -> Sequence[str]:
        return self._network.run(invite(self._api, room, self._settings.organisers))

    def _talk_rooms(self) -> Entered:
        wanted = soonest_first(self._programme, self._settings, WallClock().now())
        # The schedule may be that of others, and the rooms full of people.
        question = f"Shall the bot join {_described(wanted)} now?"
        if len(wanted) > 1 and not self._questions.confirm(question):
            return Entered(problems=dict.fromkeys(wanted, NOT_TRIED))
        with click.progressbar(length=len(wanted), label="  joining", file=sys.stderr) as bar:
            return self._network.run(
                enter(self._api, wanted, JOINING_SECONDS, lambda: bar.update(1))
            )


def _described(wanted: Sequence[str]) -> str:
    """`70 rooms (68 on fosdem.org, 2 on matrix.org)`."""
    servers = Counter(address.partition(":")[2] or "unknown servers" for address in wanted)
    most = [f"{number:,} on {clean(server, 60)}" for server, number in servers.most_common(3)]
    more = ["…"] if len(servers) > 3 else []
    return f"{count(len(wanted), 'room')} ({', '.join([*most, *more])})"
