"""`fosdembot privacy export`: everything that is kept of a person, as one JSON document."""

from __future__ import annotations

import asyncio
import json
import stat
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from fosdembot.db.tables import SeenEvent
from fosdembot.transcripts import model_file
from fosdembot.transcripts.folder import Folder
from fosdembot.transcripts.model import Quote
from tests.chat.audience import ADA, BOB, direct
from tests.chat.conftest import opened
from tests.stage import KERNEL, MakeStage
from tests.transcripts.samples import answer, message, question, transcript

from .organiser import Outcome, types

# pytest finds its fixtures here.
__all__ = ["opened"]

LENA = "@lena:example.org"


async def exports(config: Path, user: str, *options: str | Path) -> Outcome:
    return await types("privacy", "export", user, "--config", config, *options)


async def elsewhere(work: Coroutine[Any, Any, Outcome]) -> Outcome:
    """In another thread: what this one leaves to threads, the stage does itself."""
    with ThreadPoolExecutor(1) as pool:
        return await asyncio.wrap_future(pool.submit(asyncio.run, work))


def configured(folder: Path, **settings: Any) -> Path:
    config = folder / "config.yaml"
    data = {
        "user": {
            "credentials": {"id": "@bot:example.org", "homeserver": "http://127.0.0.1:1"},
        },
        "database": "sqlite:bot.db",
        "plugin_config": settings,
    }
    with config.open("w") as file:
        YAML().dump(data, file)
    return config


def transcripts_in(folder: Path) -> Folder:
    """Lena asked, Ada answered, Bob wrote and named Lena."""
    made = Folder(folder)
    made.make()
    asked = question(12, answers=(answer("Yes."),))
    pill = '<a href="https://matrix.to/#/@lena:example.org">Lena</a>'
    lines = (
        message("a", "Hello", by=LENA, name="Lena"),
        message("b", "Hi Lena", html=f"Hi {pill}"),
        message("c", "Hello!", reply_to=Quote(id="$a", name="Lena", text="Hello", by=LENA)),
        message("d", "Bye"),
    )
    model_file.write(made.model("tiny-kernels"), transcript([asked]), lines)
    return made


async def test_everything_of_one_person(
    make_stage: MakeStage, opened: Path, tmp_path: Path
) -> None:
    stage = await make_stage(opened)
    stage.clock.set(65)
    await stage.say(KERNEL, ADA, "!ask How small?")
    await stage.say(KERNEL, BOB, "!vote 1")
    await stage.say(KERNEL, BOB, "!ask Why?")
    await direct(stage, "!anon kernel: Who are you?")
    await stage.say(KERNEL, ADA, "!privacy optout")
    made = transcripts_in(tmp_path / "transcripts")
    config = configured(tmp_path, transcripts={"folder": str(made.root)})
    told = await elsewhere(exports(config, ADA))
    assert told.code == 0, told
    kept = json.loads(told.out)
    assert kept["person"] == ADA
    database = kept["database"]
    assert [row["text"] for row in database["questions"]] == ["How small?", "Who are you?"]
    assert database["opt_outs"][0]["person"] == ADA
    assert SeenEvent.__tablename__ in database
    assert kept["transcripts"]["tiny-kernels"]["answers"][0]["text"] == "Yes."
    assert BOB not in told.out
    assert LENA not in told.out

    kept = json.loads((await elsewhere(exports(config, BOB))).out)
    assert [vote["question_id"] for vote in kept["database"]["votes"]] == [1]


async def test_what_transcripts_have(
    tmp_path: Path, empty_database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = transcripts_in(tmp_path / "transcripts")
    monkeypatch.setenv("HOME", str(tmp_path))
    config = configured(tmp_path, transcripts={"folder": "~/transcripts"})
    (tmp_path / "bot.db").write_bytes(empty_database.read_bytes())
    (made.model("broken")).write_text("{")
    to = tmp_path / "lena.json"
    told = await exports(config, LENA, "--to", to)
    assert (told.code, told.out) == (1, "")
    assert told.err.splitlines() == ["left out: broken.json is no transcript: it is not JSON"]
    assert stat.S_IMODE(to.stat().st_mode) == 0o600
    kept = json.loads(to.read_text())
    assert kept["database"] == {}
    [asked], [said], [named, quoted] = (
        kept["transcripts"]["tiny-kernels"][what]
        for what in ("questions", "messages", "mentioned_in")
    )
    assert (asked["number"], said["text"]) == (12, "Hello")
    assert (named["id"], quoted["id"]) == ("$b", "$c")
    made.model("broken").unlink()
    assert (await exports(config, LENA, "--to", to)).code == 0, "it is replaced"
    assert (await exports(config, "@nobody:example.org")).out.splitlines()[1:] == [
        '  "person": "@nobody:example.org",',
        '  "database": {},',
        '  "transcripts": {}',
        "}",
    ]


@pytest.mark.parametrize("user", ["ada", "@ada", "ada:example.org", "@a b:example.org", "@a:b/c"])
async def test_who_is_named_in_full(tmp_path: Path, user: str) -> None:
    assert "type it in full, @name:server" in (await exports(configured(tmp_path), user)).refusal


async def test_what_cannot_be_done_is_one_line(tmp_path: Path, empty_database: Path) -> None:
    config = configured(tmp_path)
    assert "the bot has not run here" in (await exports(config, LENA)).refusal
    (tmp_path / "bot.db").touch(0o600)
    assert "start the bot once" in (await exports(config, LENA)).refusal
    (tmp_path / "bot.db").write_bytes(empty_database.read_bytes())
    told = await exports(config, LENA, "--to", tmp_path / "none" / "x.json")
    assert "cannot be written" in told.refusal
    assert "--to" in told.refusal
