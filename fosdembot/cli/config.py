"""maubot's standalone configuration: the account, the database, and the bot's settings."""

from __future__ import annotations

import copy
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import click
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import YAMLError
from yarl import URL

from fosdembot.setting_problems import close
from fosdembot.settings import Settings, SettingsError, load
from fosdembot.texts.render import clean

EXAMPLE = Path(__file__).parents[2] / "example-standalone.yaml"
NO_PAGES = (
    "there are no pages: set pages.public_url to their address; in config.yaml it stands under "
    "plugin_config"
)
_HEAD = """\
Written by `fosdembot init`; base-config.yaml explains all settings that may stand under
plugin_config. The file holds a secret: it is for your eyes only.
"""

_PAGES = """\
Questions and votes in the browser, see docs/pages.md: the address at which your web server has
them, like https://qa.example.org; '': there are none."""

config_option = click.option(
    "--config",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    default="config.yaml",
    show_default=True,
    help="The bot's configuration.",
)


def missing(path: Path) -> click.ClickException:
    """Refuses what cannot be done without a configuration."""
    return click.ClickException(
        f"there is no {path}; fosdembot init writes one, --config names another"
    )


def read_yaml(path: Path) -> CommentedMap:
    """A file that holds keys and values. Raises `ClickException`, as all does here."""
    try:
        data = YAML().load(path.read_text(encoding="utf-8"))
    except (YAMLError, ValueError) as err:
        raise click.ClickException(f"{path} is not YAML{_where(err)}") from None
    except OSError as err:
        raise click.ClickException(f"{path} cannot be read: {err.strerror}") from None
    if not isinstance(data, CommentedMap):
        raise click.ClickException(f"{path} holds no settings")
    return data


class Config:
    """A configuration file. Keys are written with dots: `user.credentials.id`."""

    def __init__(self, path: Path, data: CommentedMap) -> None:
        self.path = path
        self._data = data

    @classmethod
    def read(cls, path: Path) -> Self:
        if not path.is_file():
            raise missing(path)
        return cls(path, read_yaml(path))

    @classmethod
    def new(cls, path: Path) -> Self:
        """What example-standalone.yaml says, without what differs from place to place."""
        data = read_yaml(EXAMPLE)
        data.yaml_set_start_comment(_HEAD)
        data["plugin_config"] = settings = CommentedMap(pages=CommentedMap(public_url=""))
        settings.yaml_set_comment_before_after_key("pages", before=_PAGES, indent=2)
        data["user"]["credentials"].update(id="", homeserver="", access_token="")
        data["database"] = ""
        data["server"].update(port=None, public_url="")
        return cls(path, data)

    def copied_to(self, path: Path) -> Config:
        """Another file with the same content."""
        return Config(path, copy.deepcopy(self._data))

    def get(self, key: str) -> Any:
        """The value of a key, None where there is none. The environment comes first, as
        it does in maubot's standalone mode."""
        if (value := os.environ.get(variable(key))) is not None:
            return value
        node: Any = self._data
        for part in key.split("."):
            node = node.get(part) if isinstance(node, Mapping) else None
        return node

    def put(self, key: str, value: Any) -> None:
        *parents, last = key.split(".")
        node = self._data
        for part in parents:
            if not isinstance(node.get(part), CommentedMap):
                node[part] = CommentedMap()
            node = node[part]
        node[last] = value

    def settings(self) -> tuple[Settings, list[str]]:
        """The bot's settings, with a line for each that cannot be used."""
        raw = self._data.get("plugin_config")
        if raw is not None and not isinstance(raw, Mapping):
            raise click.ClickException(f"{self.path}: plugin_config holds no settings")
        try:
            return load(raw or {})
        except SettingsError as err:
            raise click.ClickException(f"{self.path}: setting {err}") from None

    @property
    def user_id(self) -> str:
        return str(self.get("user.credentials.id") or "")

    @property
    def base_url(self) -> URL:
        """Of the homeserver."""
        return URL(str(self.get("user.credentials.homeserver") or ""))

    @property
    def token(self) -> str:
        return str(self.get("user.credentials.access_token") or "")

    @property
    def database(self) -> str:
        """The database's URL; the relative path of an SQLite file is taken from the folder of
        the configuration, so that it does not matter where a command is called."""
        given = str(self.get("database") or "")
        try:
            url = URL(given)
        except ValueError:
            return given
        if url.scheme not in ("sqlite", "sqlite3") or not url.path or url.path.startswith("/"):
            return given
        path = (self.path.absolute().parent / url.path).as_posix()
        return str(URL.build(scheme=url.scheme, path=path))

    def check(self) -> None:
        """Refuse what maubot would start, though not as this bot."""
        if not (self.user_id and self.token and self.base_url.host):
            raise click.ClickException(f"{self.path} names no account; fosdembot init asks for one")
        for key in ("user.sync", "user.autojoin"):
            # Where they are missing, maubot takes them for true.
            if self.get(key) is not False:
                raise click.ClickException(
                    f"{self.path}: {key} must be false: the bot reads events and answers "
                    "invitations itself"
                )
        # Nothing would be told, and nobody would learn why.
        for key in self._data:
            if (meant := _misplaced(str(key))) is not None:
                raise click.ClickException(f"{self.path}: {clean(str(key), 60)}: {meant}")

    def write(self) -> None:
        """Put the file in place, whole, readable for its owner only."""
        yaml = YAML()
        yaml.width = 4096
        try:
            handle, name = tempfile.mkstemp(dir=self.path.parent, suffix=".yaml")
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                yaml.dump(self._data, file)
            if self.path.exists() and os.geteuid() == 0:
                # Whoever the bot runs as must be able to read it still.
                before = self.path.stat()
                os.chown(name, before.st_uid, before.st_gid)
            Path(name).replace(self.path)
        except OSError as err:
            raise click.ClickException(f"{self.path} cannot be written: {err.strerror}") from None


def _misplaced(key: str) -> str | None:
    """Where a key at the top of the file was meant to be, if that is not there."""
    known = [str(name) for name in read_yaml(EXAMPLE)]
    if key in known:
        return None
    if key in Settings.model_fields:
        return "it belongs under plugin_config, indented"
    near = close(key, known) or close(key, Settings.model_fields)
    return f"there is no such key; did you mean {near[0]}?" if near else None


def _where(err: YAMLError | ValueError) -> str:
    """`, line 3: found character '@' …`"""
    reason = clean(str(getattr(err, "problem", None) or err), 100)
    mark = getattr(err, "problem_mark", None)
    line = f", line {mark.line + 1}" if mark is not None else ""
    quotes = '; text that begins so needs quotes: "@ada:example.org"'
    return f"{line}: {reason}{quotes if 'cannot start' in reason else ''}"


def variable(key: str) -> str:
    """Returns the environment variable that overrules a key in maubot's standalone mode."""
    return f"MAUBOT_{key.replace('.', '_').upper()}"
