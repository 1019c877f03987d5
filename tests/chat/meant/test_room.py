"""Which rooms are meant."""

from __future__ import annotations

from fosdembot.chat.meant.room import Finder
from fosdembot.conference.room_view import RoomViews
from fosdembot.settings import load
from simulation.conference import Planned
from tests.stage import MakeStage


async def test_what_a_name_may_mean(make_stage: MakeStage) -> None:
    stage = await make_stage()
    await stage.publish(
        Planned(1, "A", 60, 25, chat_room="#web:example.org", track="Web"),
        Planned(2, "B", 60, 25, chat_room="#web-perf:example.org", track="Web Performance"),
        Planned(3, "C", 60, 25, chat_room="!id:example.org", track="Rust", place="Web hall"),
    )
    programme = stage.bot.programme
    views = RoomViews(programme, load({})[0])
    fitting = Finder(programme, views, stage.bot.hosts, "!").fitting
    assert fitting("web") == ["#web:example.org"], "a whole name comes first"
    assert fitting("#WEB") == ["#web:example.org"]
    assert fitting("perf") == ["#web-perf:example.org"]
    assert fitting("!id:example.org") == fitting("id") == fitting("rust") == ["!id:example.org"]
    assert set(fitting("we")) == set(stage.bot.programme.addresses())
    assert fitting("nothing") == []
