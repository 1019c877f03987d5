"""`fosdembot links`: a table of the speakers' links, for a mail merge."""

from __future__ import annotations

import csv
import io
import stat
from pathlib import Path
from typing import Any

from fosdembot.conference.page_links import LinkKind, NoLink
from simulation.conference import Planned, publish, schedule_xml
from tests.chat.conftest import opened
from tests.stage import KERNEL, MakeStage, Stage, talks

from .organiser import Outcome, types
from .test_privacy import configured, elsewhere

# pytest finds its fixtures here.
__all__ = ["opened"]

URL = "https://qa.example.org/x"
CLOCK = {"start": "2026-01-31T08:30:00Z"}


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


async def asks(config: Path, *options: str | Path) -> Outcome:
    return await elsewhere(types("links", "--config", config, *options))


async def conference(make_stage: MakeStage, opened: Path, folder: Path) -> tuple[Stage, Path]:
    settings: dict[str, Any] = {"pages": {"public_url": URL}}
    stage = await make_stage(opened, **settings)
    return stage, configured(folder, **settings, clock=CLOCK)


async def test_each_speaker_has_a_link_of_their_own(
    make_stage: MakeStage, opened: Path, tmp_path: Path
) -> None:
    stage, config = await conference(make_stage, opened, tmp_path)
    await stage.publish(
        *talks(
            Planned(1, "Tiny kernels", 60, 25, speaker="Ada L."),
            Planned(2, "=1+1", 85, 25, speaker="+Grace"),
            room=KERNEL,
        )
    )
    told = await asks(config, "--csv")
    assert told.code == 0, told
    first, second = rows_of(told.out)
    assert (first["talk"], first["title"], first["speaker"]) == ("1", "Tiny kernels", "Ada L.")
    assert (second["title"], second["speaker"]) == ("'=1+1", "'+Grace"), "nothing is computed"
    assert "2 new links" in told.err
    assert "Those made before stay valid" in told.err
    for row, talk in ((first, "talk-1"), (second, "talk-2")):
        key = row["link"].removeprefix(f"{URL}/talk?key=")
        async with stage.database.read() as session:
            link = await stage.bot.page_links.find(session, key, stage.clock.now())
        assert (link.kind, link.talk) == (LinkKind.SPEAKER, talk)


async def test_a_letter_can_say_all_of_the_talk(
    make_stage: MakeStage, opened: Path, tmp_path: Path
) -> None:
    stage, config = await conference(make_stage, opened, tmp_path)
    title = f"Tiny {'and tiny ' * 30}kernels"
    planned = talks(
        Planned(1, title, 60, 25, speaker="Ada", place="Janson"),
        Planned(2, "Clouds", 90, 25, speaker="Bob", place="=1+1"),
        room=KERNEL,
    )
    publish(stage.schedule, schedule_xml(planned, "Europe/Brussels"))
    await stage.bot.schedule_poller.step()
    out = (await asks(config, "--csv")).out
    assert out.removeprefix("\ufeff").splitlines()[0] == "talk,title,speaker,link,room,start"
    first, second = rows_of(out)
    assert (first["title"], first["room"]) == (title, "Janson")
    assert (first["start"], second["start"]) == (
        "2026-01-31T11:00+01:00",
        "2026-01-31T11:30+01:00",
    )
    assert second["room"] == "'=1+1", "nothing is computed"


async def test_each_run_makes_new_ones_and_old_ones_are_revoked_when_told(
    make_stage: MakeStage, opened: Path, tmp_path: Path
) -> None:
    stage, config = await conference(make_stage, opened, tmp_path)

    async def opens(row: dict[str, str]) -> bool:
        async with stage.database.read() as session:
            try:
                key = row["link"].partition("key=")[2]
                await stage.bot.page_links.find(session, key, stage.clock.now())
            except NoLink:
                return False
        return True

    one = rows_of((await asks(config, "--csv")).out)[0]
    other = rows_of((await asks(config, "--csv")).out)[0]
    assert one["link"] != other["link"]
    assert [await opens(row) for row in (one, other)] == [True, True]
    to = tmp_path / "links.csv"
    told = await asks(config, "--csv", "--revoke", "--to", to)
    assert told.out == ""
    assert "revoked: " in told.err
    assert stat.S_IMODE(to.stat().st_mode) == 0o600
    newest = rows_of(to.read_text())[0]
    assert [await opens(row) for row in (one, other, newest)] == [False, False, True]
    told = await asks(config, "--revoke")
    assert told.code == 0
    assert not await opens(newest)


async def test_what_cannot_be_done_is_one_line(
    tmp_path: Path, empty_database: Path, make_stage: MakeStage
) -> None:
    told = await asks(configured(tmp_path), "--csv")
    assert (
        "set pages.public_url to their address; in config.yaml it stands under plugin_config"
        in (told.refusal)
    )
    config = configured(tmp_path, pages={"public_url": URL})
    assert "the bot has not run here" in (await asks(config, "--csv")).refusal
    (tmp_path / "bot.db").write_bytes(empty_database.read_bytes())
    assert "no schedule yet" in (await asks(config, "--csv")).refusal
    assert "--csv, --revoke, or both" in (await asks(config)).err
