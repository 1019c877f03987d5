"""What counts as a command, and what a person may get wrong about it."""

from __future__ import annotations

from typing import Any

import pytest

from fosdembot.chat.incoming import Said
from fosdembot.chat.reading.events import content_of
from fosdembot.chat.reading.message import MessageReader
from fosdembot.chat.reading.parser import Call, first_word, is_plus_one, question_in
from fosdembot.settings import Settings

NAMES = ("Conf Bot", "bot", "@bot:example.org")


def message(body: str, prefix: str = "!") -> tuple[MessageReader, Said]:
    reader = MessageReader(Settings(command_prefix=prefix), lambda: NAMES)
    read = reader.message("@ada:example.org", content_of({"msgtype": "m.text", "body": body}))
    assert read is not None
    return reader, read


def read(body: str, prefix: str = "!", direct: bool = False) -> Call | None:
    reader, read = message(body, prefix)
    return reader.call(read, direct=direct)


def asked(body: str) -> Call | None:
    _, read = message(body)
    call = question_in(read.text)
    return Call(call.word, call.text, read.nick) if call is not None else None


def spoken(body: str) -> tuple[str | None, str]:
    _, read = message(body)
    return read.nick, read.text


@pytest.mark.parametrize(
    "body",
    [
        "!talk delay 10",
        "!TALK delay 10",
        "! talk   delay 10 ",
        "！talk delay 10",
        "\u3000！ Talk delay 10",
        "!talk\ndelay 10",
        "!talk: delay 10",
        "!talk, delay 10",
        "  \n!talk\tdelay 10\n",
        "> <@ada:example.org> what is on?\n> really\n\n!talk delay 10",
    ],
)
def test_case_blanks_and_line_breaks_are_forgiven(body: str) -> None:
    assert read(body) == Call("talk", "delay 10")


@pytest.mark.parametrize("body", ["!talk.", "!talk?", "!talk!", "!talk …", "!talk!!"])
def test_so_is_what_a_phone_puts_at_the_end(body: str) -> None:
    call = read(body)
    assert call is not None
    assert (call.word.rstrip("!"), call.arguments) == ("talk", "")


@pytest.mark.parametrize("body", ["!vote12", "! Vote12", "!vote#12", "!vote 12"])
def test_so_is_a_number_that_touches_the_word(body: str) -> None:
    call = read(body)
    assert call is not None
    assert (call.word, call.arguments) == ("vote", "12")


@pytest.mark.parametrize("body", ["!q12", "!ask12", "!vote12th", "!vote-12", "!12"])
def test_but_nobody_asks_a_number(body: str) -> None:
    call = read(body)
    assert call is None or (call.word, call.arguments) == (body[1:], "")


@pytest.mark.parametrize(
    "text",
    [".NET?", "!important?", ":wq how?", "…why", "??", "?. in Kotlin", "-Wall?", "//how", "#12?",
     "¿Qué?", "→ what", "'quoted' why", "...and then?", "@room why", "അവന്‍", "،لماذا"],
)  # fmt: skip
@pytest.mark.parametrize("word", ["!ask ", "! ask\n", "!ask: ", "！ASK\u3000", "bot: ask "])
def test_what_people_ask_keeps_its_first_characters(word: str, text: str) -> None:
    call = read(word + text)
    assert call is not None
    assert (call.word, call.text) == (
        "ask",
        text,
    )


@pytest.mark.parametrize(
    "body",
    [
        "\\!talk now",
        "\\\\!talk now",
        "**!talk** now",
        "**!talk now**",
        "*!talk* now",
        "__!talk__ now",
        "_!talk now_",
        "`!talk` now",
        "`!talk now`",
        "``!talk now``",
        "```\n!talk now\n```",
        "***!talk*** now",
        "**_!talk_** now",
        "~~!talk~~ now",
        "||!talk now||",
        "**\\!talk** now",
        "!!talk now",
        "\ufeff!talk now",
        "\u200b!talk now",
        "\u200e!talk now",
        "\u200f! \u200btalk\u200e now",
        "\u2068!talk now\u2069",
        "\u202a!talk\u202c now",
        "!\u200etalk\u200f now",
        "\x02!talk\x0f now",
        "\x0304,01!talk\x03 now",
    ],
)
def test_so_do_clients_and_keyboards_write_it(body: str) -> None:
    assert read(body) == Call("talk", "now")


@pytest.mark.parametrize("body", ["!ask ?", "!ask …", "!ask ...", "!ask :", "!ask", "!ask?"])
def test_who_writes_nothing_asks_nothing(body: str) -> None:
    call = read(body)
    assert call is not None
    assert (call.word, call.text, call.arguments) == ("ask", "", "")


def test_marks_further_on_are_the_texts() -> None:
    for body, text in (
        ("**!ask** how **big**?", "how **big**?"),
        ("`!ask` is `x` done?", "is `x` done?"),
        ("_!ask_ how snake_case?", "how snake_case?"),
        ("_!ask how snake_case?_", "how snake_case?"),
        ("!ask how\u200c is\u200f it שלום?", "how is\u200f it שלום?"),
    ):
        call = read(body)
        assert call is not None
        assert call.text == text


@pytest.mark.parametrize(
    "body",
    [
        "[@bot:example.org](https://matrix.to/#/@bot:example.org) !talk now",
        "[@bot:example.org](https://matrix.to/#/@bot:example.org): !talk now",
        "[@bot:example.org](https://matrix.to/#/@bot:example.org) talk now",
        "[Whatever 🤖](https://matrix.to/#/%40bot%3Aexample.org), !talk now",
        "[Conf Bot](<https://matrix.to/#/@bot:example.org>)!talk now",
        "[Conf \\[Bot\\]](https://matrix.to/#/@bot:example.org) !talk now",
        "[Conf [Bot] 2](https://matrix.to/#/@bot:example.org) !talk now",
        "[Conf Bot](https://matrix.to/#/@bot:example.org?via=example.org) !talk now",
        "[Conf Bot](matrix:u/bot:example.org) !talk now",
        "https://matrix.to/#/@bot:example.org !talk now",
        "https://matrix.to/#/@bot:example.org: !talk now",
        "<https://matrix.to/#/@bot:example.org> !talk now",
        "@Conf Bot !talk now",
        "@[Conf Bot]: !talk now",
        "@bot: !talk now",
        "**Conf Bot**: !talk now",
        "`bot` !talk now",
        "“Conf Bot” !talk now",
        "\u2068Conf Bot\u2069: !talk now",
        "\u200eConf Bot\u200e: !talk now",
        "Conf Bot： ！talk now",
        "bot: **!talk** now",
        "bot: \\!talk now",
        "> <@ada:example.org> what?\n\nConf Bot: !talk now",
    ],
)
def test_so_do_clients_write_a_mention(body: str) -> None:
    assert read(body) == Call("talk", "now", addressed=True)


@pytest.mark.parametrize(
    "body",
    [
        "[@ada:example.org](https://matrix.to/#/@ada:example.org) !talk now",
        "[@bot:example.org](https://example.org/@bot:example.org) talk now",
        "[@bot:example.org](https://matrix.to/#/@botany:example.org) talk now",
        "https://matrix.to/#/#room:example.org talk now",
        "**bot**",
    ],
)
def test_a_mention_of_somebody_else_is_none_of_the_bot(body: str) -> None:
    assert read(body) is None


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ("Roboto !talk now", '<a href="https://matrix.to/#/@bot:example.org">Roboto</a> !talk now'),
        (
            "@Roboto: talk now",
            '<p><a href="https://matrix.to/#/@bot:example.org">@Roboto</a>: …</p>',
        ),
        (
            "[R & D](https://matrix.to/#/@bot:example.org) !talk now",
            "<a class='x' href='https://matrix.to/#/%40bot%3Aexample.org'><b>R &amp; D</b></a> …",
        ),
        ("R & D: !talk now", '<a href="matrix:u/bot:example.org">R &amp; D</a>: !talk now'),
        (
            "> <@ada:example.org> what?\n\nRoboto: talk now",
            (
                '<mx-reply><a href="https://matrix.to/#/@ada:example.org">Ada</a></mx-reply>'
                '<a href="https://matrix.to/#/@bot:example.org">Roboto</a>: talk now'
            ),
        ),
    ],
)
def test_a_client_may_show_the_bot_by_another_name(body: str, html: str) -> None:
    reader, _ = message(body)
    content = {"msgtype": "m.text", "body": body, "formatted_body": html}
    read = reader.message("@ada:example.org", content_of(content))
    assert read is not None
    assert reader.call(read) == Call("talk", "now", addressed=True)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ({"msgtype": "m.image", "body": "!ask How?", "filename": "slide.png"}, "!ask How?"),
        ({"msgtype": "m.file", "body": "!ask How?", "filename": "a.pdf"}, "!ask How?"),
        ({"msgtype": "m.video", "body": "!ask How?", "filename": "a.mp4"}, "!ask How?"),
        ({"msgtype": "m.emote", "body": "Q: How?"}, "Q: How?"),
        ({"msgtype": "m.image", "body": "!ask.png"}, None),
        ({"msgtype": "m.image", "body": "!ask.png", "filename": "!ask.png"}, None),
        ({"msgtype": "m.image", "body": "!ask How?", "filename": ["x"]}, None),
        ({"msgtype": "m.notice", "body": "!ask How?"}, None),
        ({"msgtype": "m.location", "body": "!ask How?"}, None),
    ],
)
def test_captions_and_emotes_are_words_of_people(content: dict[str, Any], text: str | None) -> None:
    reader, _ = message("")
    read = reader.message("@ada:example.org", content_of(content))
    assert (read.text if read is not None else None) == text


@pytest.mark.parametrize(
    "body",
    [
        "Conf Bot: !talk now",
        "conf bot, talk now",
        "@bot:example.org: !talk now",
        "BOT: talk now",
        "bot ！talk now",
    ],
)
def test_the_bot_may_be_called_by_name(body: str) -> None:
    assert read(body) == Call("talk", "now", addressed=True)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("It is\n> 4 kB", (None, "It is\n> 4 kB")),
        ("> <@ada:example.org> How small?\n> Really?\n\nIt is 4 kB\n", (None, "It is 4 kB")),
        ("<ada> It is 4 kB", ("ada", "It is 4 kB")),
        (" ", (None, "")),
    ],
)
def test_what_was_said_stands_below_what_it_answers(
    body: str, said: tuple[str | None, str]
) -> None:
    assert spoken(body) == said


def test_the_prefix_may_be_left_out_in_a_direct_chat_and_only_there() -> None:
    assert read("talk now", direct=True) == Call("talk", "now")
    assert read("talk now") is None


@pytest.mark.parametrize(
    ("body", "nick"),
    [
        ("<ada> !talk now", "ada"),
        ("<  ada  > ! talk now", "ada"),
        ("<ada (irc)>  ！talk now", "ada (irc)"),
        ("< > !talk now", ""),
    ],
)
def test_a_relay_names_who_spoke(body: str, nick: str) -> None:
    assert read(body) == Call("talk", "now", nick=nick)


def test_a_relay_may_call_the_bot_by_name_too() -> None:
    assert read("<ada> bot: talk now") == Call("talk", "now", nick="ada", addressed=True)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "   ",
        "!",
        "! ",
        "!!",
        "!!!",
        "!?",
        "talk",
        "we talk: !next",
        "!-",
        "!_talk",
        "!/talk",
        "botany: talk",
        "bottalk",
        "bot",
        "<ada>!talk",
        "<a<b> !talk",
        "> !talk",
        "!" + "a" * 33,
    ],
)
def test_anything_else_is_no_command(body: str) -> None:
    assert read(body) is None


def test_an_exclamation_mark_belongs_to_the_word() -> None:
    assert read("!announce! all: Fire") == Call("announce!", "all: Fire")


def test_the_prefix_is_a_setting() -> None:
    assert read("..talk", prefix="..") == Call("talk", "")
    assert read("!talk", prefix="..") is None


def test_first_word() -> None:
    assert first_word("") == ("", "")
    assert first_word("delay") == ("delay", "")
    assert first_word("delay\n 10  now ") == ("delay", "10  now")


@pytest.mark.parametrize(
    ("body", "text", "nick"),
    [
        ("Q: How small?", "How small?", None),
        ("q:how?", "how?", None),
        ("  Q：　How\nsmall?", "How\nsmall?", None),
        ("Ask: how small?", "how small?", None),
        ("Question: how small?", "how small?", None),
        ("Asked: how small?", None, None),
        ("<ada> Q : How small?", "How small?", "ada"),
        ("**Q:** How small?", "How small?", None),
        ("**Q**: How small?", "How small?", None),
        ("`Q: How small?`", "How small?", None),
        ("_Question: How small?_", "How small?", None),
        ("\u200bQ\u200e: How small?", "How small?", None),
        ("Q: .NET?", ".NET?", None),
        ("> <@bob:e> hm\n\nQ: How?", "How?", None),
        ("Q: is a: colon fine", None, None),
        ("Q: why? A： because", None, None),
        ("Q:", None, None),
        ("Q :  ", None, None),
        ("FAQ: How?", None, None),
        ("and Q: How?", None, None),
        ("Q12: How?", None, None),
        ("Q How?", None, None),
    ],
)
def test_a_question_may_begin_with_q(body: str, text: str | None, nick: str | None) -> None:
    assert asked(body) == (None if text is None else Call("q", text, nick))


def test_plus_one() -> None:
    assert all(map(is_plus_one, ("+1", "+ 1", "＋1", "+1!", "+1.")))
    assert not any(map(is_plus_one, ("+2", "+11", "1", "+1 please", "", "-1")))
