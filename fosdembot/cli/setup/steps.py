"""The steps of `fosdembot init`: first the questions, then what is done with the answers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import click
from yarl import URL

from fosdembot.cli.asking import Questions, room_given
from fosdembot.cli.checks.findings import Finding, Report
from fosdembot.cli.checks.homeserver import homeserver_finding
from fosdembot.cli.config import Config
from fosdembot.cli.homeserver import Found, Login, find_homeserver, log_in
from fosdembot.cli.schedule import addresses, load
from fosdembot.cli.setup.network import Network
from fosdembot.matrix.api import Api, MatrixError
from fosdembot.schedule.model import Schedule, ZoneMissing
from fosdembot.schedule.times import find_zone
from fosdembot.settings import Settings
from fosdembot.texts.render import clean

_USER_ID = re.compile(r"@[^:\s]+:\S+")
_LOCALPART = re.compile(r"[^@:\s]+")


@dataclass(frozen=True, slots=True)
class Answers:
    """What the options say; None or empty: nothing."""

    user: str | None
    homeserver: str | None
    password: str | None
    organisers: tuple[str, ...]
    source: str | None
    zone: str | None
    room: str | None
    control_room: str | None


class Setup:
    """Asks what `answers` leave open, and puts all into `config`."""

    api: Api
    programme: Schedule

    def __init__(
        self,
        config: Config,
        questions: Questions,
        answers: Answers,
        network: Network,
        report: Report,
    ) -> None:
        self._config = config
        self._questions = questions
        self._answers = answers
        self._network = network
        self._report = report

    @property
    def settings(self) -> Settings:
        return self._config.settings()[0]

    def account(self) -> None:
        """Which account; logged in at the end."""
        config, ask = self._config, self._questions.ask
        user = ask(
            "The bot's account (like @bot:example.org)",
            "--user",
            self._answers.user,
            _user,
            config.user_id or None,
        )
        server = self._answers.homeserver or self._server_of(user)
        found = ask("Its homeserver (like example.org)", "--homeserver", server, self._find)
        self._report.add(homeserver_finding(found.base_url, found.ahead))
        if not (self._is_known(user) and self._is_logged_in(found.base_url)):
            self._log_in(user, found.base_url)
        config.put("user.credentials.homeserver", str(found.base_url))
        config.put("user.sync", False)
        config.put("user.autojoin", False)
        self.api = Api(self._network.http, Login(found.base_url, config.token))
        self._report.add(Finding("account", clean(config.user_id, 255)))

    def _find(self, server: str) -> Found:
        return self._network.run(find_homeserver(self._network.http, server))

    def _is_known(self, user: str) -> bool:
        """Whether it is the account of the configuration; `user` may be its local part."""
        return user in (self._config.user_id, self._config.user_id[1:].partition(":")[0])

    def _server_of(self, user: str) -> str | None:
        if self._is_known(user):
            return str(self._config.base_url)
        return user.partition(":")[2] or None

    def _is_logged_in(self, base_url: URL) -> bool:
        """Whether the token of an earlier log-in still holds: then no password is needed."""
        if not self._config.token:
            return False
        api = Api(self._network.http, Login(base_url, self._config.token))
        try:
            return bool(self._network.run(api.whoami())["user_id"] == self._config.user_id)
        except MatrixError:
            return False

    def _log_in(self, user: str, base_url: URL) -> None:
        api = Api(self._network.http, Login(base_url))
        user_id, token = self._questions.ask(
            f"The password of {user}",
            "--password-file (or FOSDEMBOT_PASSWORD in the environment)",
            self._answers.password,
            lambda password: self._network.run(log_in(api, user, password)),
            hidden=True,
        )
        self._config.put("user.credentials.id", user_id)
        self._config.put("user.credentials.access_token", token)

    def schedule(self) -> None:
        """Which schedule; read at the end."""
        if self._answers.zone:
            self._put_zone(self._questions.ask("Zone", "--zone", self._answers.zone, _zone))
        self.programme = self._questions.ask(
            "The published schedule (path or address)",
            "--schedule",
            self._answers.source,
            self._read,
            self.settings.schedule.source or None,
        )

    def _read(self, source: str) -> Schedule:
        if "://" not in source:
            # The bot may be started from another folder.
            source = str(Path(source).expanduser().absolute())
        self._config.put("plugin_config.schedule.source", source)
        while True:
            try:
                programme = load(source, self.settings.schedule)
            except click.ClickException as err:
                cause = err.__cause__
                if self._questions.silent or not isinstance(cause, ZoneMissing):
                    raise
                self._ask_for_zone(f"{cause.why[0].upper()}{cause.why[1:]}.")
                continue
            if self._questions.silent or not programme.zone_unnamed:
                return programme
            self._ask_for_zone(
                "All times of the schedule are in UTC, and it names no other time zone: people"
                " would be told UTC."
            )

    def _ask_for_zone(self, why: str) -> None:
        click.echo(f"  {why}")
        question = "The conference's time zone (like Europe/Brussels)"
        self._put_zone(self._questions.ask(question, "--zone", None, _zone))

    def _put_zone(self, zone: str) -> None:
        self._config.put("plugin_config.schedule.zone", zone)

    def organisers(self) -> None:
        """Who commands the bot."""
        people = self._questions.ask(
            "Your own Matrix ID, like @ada:example.org (several organisers: with blanks between)",
            "--organiser",
            " ".join(self._answers.organisers),
            self._people,
            " ".join(self.settings.organisers) or None,
        )
        self._config.put("plugin_config.organisers", people)

    def _people(self, text: str) -> list[str]:
        people = list(dict.fromkeys(re.split(r"[\s,]+", text.strip())))
        for person in people:
            shown = clean(person, 100)
            if not _USER_ID.fullmatch(person):
                raise click.ClickException(f"{shown} is no Matrix ID; one is @name:server")
            if person == self._config.user_id:
                raise click.ClickException(f"{shown} is the bot; your own ID is needed here")
            if not self._network.run(self._may_exist(person)):
                raise click.ClickException(f"{shown} is not known: is it spelled right?")
        return people

    async def _may_exist(self, person: str) -> bool:
        """False where our own homeserver, which knows, says that there is nobody."""
        if person.partition(":")[2] != self._config.user_id.partition(":")[2]:
            return True
        try:
            await self.api.request("GET", f"v3/profile/{quote(person, safe='')}")
        except MatrixError as err:
            return err.status != 404
        return True

    def rooms(self) -> None:
        """Which control room there is already, and where the talks are that have no room
        of their own; both are made where they are not named."""
        config, given = self._config, self._answers.room
        if self._answers.control_room:
            config.put("plugin_config.control_room", room_given(self._answers.control_room))
        if not given and addresses(self.programme, self.settings):
            return
        question = (
            "The schedule names no chat rooms. One room for all talks, #alias:server "
            "(empty: I make one)"
        )
        config.put("plugin_config.rooms.default", "")
        config.put(
            "plugin_config.rooms.default",
            self._questions.ask(question, "--room", given, _room_or_nothing, ""),
        )


def _user(text: str) -> str:
    if not (_USER_ID.fullmatch(text) or _LOCALPART.fullmatch(text)):
        raise click.ClickException(f"{clean(text, 100)} is no account; one is @bot:example.org")
    return text


def _zone(text: str) -> str:
    if find_zone(text) is None:
        shown = clean(text, 60)
        raise click.ClickException(f"There is no time zone {shown!r}; one is Europe/Brussels")
    return text


def _room_or_nothing(text: str) -> str:
    return room_given(text) if text else ""
