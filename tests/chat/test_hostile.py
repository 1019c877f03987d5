"""Whatever people and schedules say, no message is unbounded, unescaped, or pings anybody."""

from __future__ import annotations

import re
import unicodedata
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from simulation.conference import START
from tests.committed import Said
from tests.schedule.samples import frab
from tests.stage import BOT, CONTROL, KERNEL, LOBBY, MODERATOR, ORGANISER, MakeStage, Stage

LONGEST = 4000
"""Characters of the longest message: twenty talks, each with a title and people."""

NASTY = {
    "html": '<b>bold</b><img src=x onerror=alert(1)><a href="javascript:x">x</a></b></code><h1>',
    "room ping": "@room @ROOM @\u200broom all of you",
    "pill": '<a href="https://matrix.to/#/@victim:example.org">victim</a> @victim:example.org',
    "direction": "\u202eevil\u202c \u2066iso\u2069 \u200fright",
    "invisible": "zero\u200bwidth\u2060\ufeff\u00ad joiner\u200d tag\U000e0041",
    "controls": "a\x00b\x07c\x1b[31mred\x1b[0m\r\nline\u2028break\u2029\x85",
    "long": "ä" * 60_000,
    "long word": "x" * 60_000,
    "marks": "Z" + "\u0301" * 5_000,
    "blank": "\u3164\u2800\u115f",
    "nothing": "",
    "markdown": "# head\n* [x](http://evil.test) `code` **b** ![i](http://evil.test/i.png) |t|",
    "template": "{p} {0} {title.__class__} %s %(x)s $x {{}}",
    "quotes": "\"'`&<>&amp;&lt;script&gt;",
    "surrogate": "\ud800\udfff",
    "noncharacter": "\ufffe\uffff\U0001fffe",
}
ALLOWED_TAGS = {"strong", "em", "code", "br", "a", "ul", "li"}


class Tags(HTMLParser):
    """What a client would make of it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ALLOWED_TAGS
        for name, value in attrs:
            assert (tag, name) == ("a", "href")
            assert value is not None
            assert re.match(r"https://matrix\.to/#/[#!%]|https?://", value)
            assert "@" not in value
        if tag == "br":
            self.text += "\n"
        else:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def check(said: list[Said]) -> None:
    for message in said:
        content = message.content
        # An organiser's own words may be: what they say, everybody shall hear.
        loud = message.key.startswith("announce/") and content["m.mentions"] == {"room": True}
        assert loud or content["m.mentions"] == {}, "nobody is pinged"
        assert content["msgtype"] == ("m.text" if loud else "m.notice")
        assert len(message.body) <= LONGEST
        assert len(message.html) <= 3 * LONGEST
        for text in (message.body, message.html):
            assert "@room" not in text.lower()
            for char in set(text.replace("@\u200b", "@").replace("\n", " ")):
                assert unicodedata.category(char) not in ("Cc", "Cf", "Cs")
        assert Tags(message.html).text == message.body, "both say the same"


def hostile_talk(number: int, text: str, **fields: Any) -> dict[str, Any]:
    start = START + timedelta(minutes=60 + 25 * number)
    chat, hallway = (f"https://matrix.to/#/{quote(a)}" for a in (KERNEL, f"#{number}:example.org"))
    usual = {
        "guid": f"{number}-{text}",
        "id": f"{number} {text}",
        "title": text,
        "date": start.isoformat(),
        "start": f"{start:%H:%M}",
        "duration": "00:25",
        "room": text,
        "track": text,
        "persons": [{"name": text}, {"public_name": text}, {"name": "Ada L."}],
        "url": f"https://example.org/{text}",
        "links": [
            {"title": "Chat room", "url": chat},
            {"title": "Hallway chat room", "url": hallway},
            {"title": text, "url": text},
        ],
    }
    return usual | dict.fromkeys(("subtitle", "slug", "type", "language"), text) | fields


async def publish(stage: Stage, talks: list[dict[str, Any]], title: str) -> None:
    """As schedule.json, which can hold any character."""
    conference = {"title": title, "time_zone_name": "UTC"}
    stage.schedule.write_bytes(frab("json", talks, conference))
    await stage.bot.schedule_poller.step()
    assert stage.bot.programme.talks


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
async def test_schedules(make_stage: MakeStage, text: str) -> None:
    stage = await make_stage(notices={"level": "full"})
    talks = [hostile_talk(number, text) for number in range(3)]
    await publish(stage, talks, text)
    for alias in (KERNEL, CONTROL, LOBBY):
        await stage.open(alias, {MODERATOR: 50, BOT: 50})
    for minute in (0, 45, 50, 55, 59, 60, 75, 80, 85, 110, 135, 136):
        await stage.tell(minute)
        await stage.deliver()
        if minute == 60:
            for body in ("!talk", "!next", "!schedule", "!talk now", "!talk delay 5", "!undo"):
                await stage.say(KERNEL, MODERATOR, body)
            for body in ("!conf status", "!conf rooms", f"!conf talk {talks[0]['guid']}"):
                await stage.say(CONTROL, ORGANISER, body)
    other = [hostile_talk(number, text, title=text + "2", room="x") for number in range(1, 5)]
    await publish(stage, other, text)
    said = await stage.outbox()
    assert len(said) > 15
    check(said)


COMMANDS = (
    "!talk {}",
    "!talk delay {}",
    "!talk delay 5 {}",
    "!talk cancel {}",
    "!talk now {}",
    "!talk {} delay 5",
    "!next {}",
    "!undo {}",
    "!help {}",
    "!conf {}",
    "!conf talk {}",
    "!conf pause {}",
    "!conf pause all {}",
    "!conf resume {}",
    "!announce {}: {}",
    "!announce all: {}",
    "bot: {}",
    "<{}> !next",
    "<nick> !talk {}",
    "{} !next",
    "!{}",
)


PLACES = (KERNEL, CONTROL)


@pytest.mark.parametrize(("number", "text"), enumerate(NASTY.values()), ids=NASTY)
async def test_commands(conference: Stage, number: int, text: str) -> None:
    """Each text in each command, and each command half of the time in either place."""
    for other, template in enumerate(COMMANDS):
        conference.clock.forward(1)
        place = PLACES[(number + other) % len(PLACES)]
        await conference.say(place, ORGANISER, template.replace("{}", text))
    said = await conference.outbox()
    assert len(said) > 10
    check(said)


@hypothesis_settings(
    max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    text=st.text(max_size=80) | st.text('<>&"@room!#:\n \u202e{}/', max_size=80),
    place=st.sampled_from(PLACES),
)
async def test_commands_of_any_text(conference: Stage, text: str, place: str) -> None:
    for template in ("!talk delay 5 {}", "!conf talk {}", "!announce all: {}"):
        conference.clock.forward(1)
        check(await conference.say(place, ORGANISER, template.replace("{}", text)))


async def test_a_person_s_id_is_hostile_too(conference: Stage) -> None:
    for person in ("@" + "x" * 250 + ":example.org", "@<b>:example.org", "@\u202e:e", ""):
        check(await conference.say(KERNEL, person, "!talk delay 10"))
