"""The configuration file: read, changed, written."""

from __future__ import annotations

import stat
from pathlib import Path

import click
import pytest

from fosdembot.cli.config import Config
from fosdembot.settings import Settings


def test_a_new_one_is_whole_and_holds_nobodys_account(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    config = Config.new(path)
    config.write()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    again = Config.read(path)
    assert (again.user_id, again.token, str(again.base_url)) == ("", "", "")
    assert again.settings() == (Settings(), [])
    assert again.get("user.autojoin") is False
    assert again.get("plugin_config.pages.public_url") == ""
    with pytest.raises(click.ClickException, match="names no account"):
        again.check()


def test_a_new_one_tells_the_two_public_addresses_apart(tmp_path: Path) -> None:
    config = Config.new(tmp_path / "config.yaml")
    config.put("plugin_config.schedule.source", "a.xml")
    config.write()
    text = config.path.read_text()
    assert "# maubot's own, and of no use here" in text
    pages = text.index("# Questions and votes in the browser")
    assert text.index("plugin_config:\n") < pages < text.index("  pages:\n    public_url: ''\n")


def test_what_is_written_keeps_the_rest_with_its_comments(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("# Mine\nplugin_config:\n  notices:  # as agreed\n    level: quiet\n")
    config = Config.read(path)
    config.put("plugin_config.schedule.source", "a.xml")
    config.put("user.credentials.id", "@bot:example.org")
    config.write()
    assert "# Mine" in path.read_text()
    assert "# as agreed" in path.read_text()
    settings, problems = Config.read(path).settings()
    assert problems == []
    assert (settings.notices.level, settings.schedule.source) == ("quiet", "a.xml")
    assert [found.name for found in tmp_path.iterdir()] == ["config.yaml"]


def test_a_copy_leaves_the_first_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("plugin_config: {notices: {level: quiet}}\n")
    config = Config.read(path)
    config.copied_to(tmp_path / "other.yaml").put("plugin_config.notices.level", "full")
    assert config.settings()[0].notices.level == "quiet"


def test_the_environment_comes_first_as_it_does_in_maubot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("server: {port: 8080}\n")
    monkeypatch.setenv("MAUBOT_SERVER_PORT", "8081")
    config = Config.read(path)
    assert config.get("server.port") == "8081"
    assert config.get("server.hostname") is None
    assert config.get("server.port.more") is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a: [", "is not YAML, line 1: "),
        ("a: 1\na: 2", "is not YAML, line 2: "),
        ("a: 1\nb:\n  - @ada:example.org", "is not YAML, line 3: found character '@' that"),
        ("a: @ada:example.org", 'needs quotes: "@ada:example.org"'),
        ("a: 1\n\tb: 2", "is not YAML, line 2: "),
        ("\x00", "is not YAML"),
        ("- a", "holds no settings"),
        ("", "holds no settings"),
        ("plugin_config: 5", "plugin_config holds no settings"),
        ("plugin_config: {control_room: lobby}", "setting control_room: a room is"),
    ],
)
def test_what_cannot_be_used(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(text)
    with pytest.raises(click.ClickException) as caught:
        Config.read(path).settings()
    assert why in caught.value.message
    assert "\n" not in caught.value.message


@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("plugin_conifg", "did you mean plugin_config?"),
        ("plugin-config", "did you mean plugin_config?"),
        ("pluginconfig", "did you mean plugin_config?"),
        ("databse", "did you mean database?"),
        ("schedule", "it belongs under plugin_config, indented"),
        ("organizers", "did you mean organisers?"),
    ],
)
def test_a_key_at_the_top_that_nobody_would_read_is_named(
    tmp_path: Path, key: str, why: str
) -> None:
    account = {"id": "@bot:example.org", "homeserver": "http://127.0.0.1:1", "access_token": "x"}
    text = f"user: {{credentials: {account}, sync: false, autojoin: false}}\n"
    path = tmp_path / "config.yaml"
    path.write_text(f"{text}x-mine: 1\nlogging: {{}}\n")
    Config.read(path).check()
    path.write_text(f"{text}{key}: {{}}\n")
    with pytest.raises(click.ClickException) as caught:
        Config.read(path).check()
    assert f"{key}: " in caught.value.message
    assert why in caught.value.message


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    config = Config.new(tmp_path / "nowhere" / "config.yaml")
    with pytest.raises(click.ClickException, match="cannot be written: No such file"):
        config.write()
