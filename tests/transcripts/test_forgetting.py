"""Who and what is hidden is in no part of a transcript; all else stays."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fosdembot.transcripts.forgetting import Hidden, Named, Names, Without, without
from fosdembot.transcripts.model import (
    File,
    Gap,
    Line,
    Merged,
    Message,
    PollOption,
    Quote,
    Reaction,
    Spoken,
    Transcript,
    Unread,
)
from tests.quick import cases

from .samples import SAMPLE_LINES, SAMPLE_QUESTIONS, answer, at, message, question, transcript

BOB, CAROL = "@bob:example.org", "@carol:example.org"
PILL = '<a href="https://matrix.to/#/@bob:example.org" rel="noopener">Bobby</a>'


def removing(*subjects: str) -> Hidden:
    return Hidden(removed=lambda subject: subject in subjects)


def unnaming(*people: str) -> Hidden:
    return Hidden(nameless=lambda person: person in people)


def left(hidden: Hidden, *lines: Line, questions: Any = ()) -> tuple[Transcript, list[Line]]:
    made, kept = without(transcript(questions), lines, hidden)
    return made, list(kept)


def chat(hidden: Hidden, *lines: Line) -> list[Any]:
    return left(hidden, *lines)[1]


def asked(hidden: Hidden, *questions: Any) -> list[Any]:
    return list(left(hidden, questions=questions)[0].questions)


def dumped(made: Transcript, lines: list[Line]) -> str:
    return made.model_dump_json() + "".join(line.model_dump_json() for line in lines)


# ----------------------------------------------------------------------------------- what is said


def test_where_nobody_is_hidden_all_stays() -> None:
    rest = Without(Hidden())
    lines = (*SAMPLE_LINES, Gap(after=at(3), why="a part cannot be read"))
    assert rest.transcript(transcript(SAMPLE_QUESTIONS)) == transcript(SAMPLE_QUESTIONS)
    assert tuple(rest.lines(lines)) == lines
    assert not rest.changed
    assert rest.messages == 2


def test_messages_of_a_removed_person_are_gone() -> None:
    rest = Without(removing(BOB))
    rest.transcript(transcript())
    assert [line.id for line in rest.lines(SAMPLE_LINES) if isinstance(line, Message)] == ["$b"]
    assert rest.changed
    assert rest.messages == 1


def test_a_message_goes_with_its_edit() -> None:
    """What it said before is not known here, and what it says now was in the edit."""
    lines = message("a", "regretted", edited="$e"), message("b", "other", edited="$f")
    assert chat(removing("$e"), *lines) == [lines[1]]


def test_a_removed_message_is_gone_and_its_sender_stays() -> None:
    assert chat(removing("$a"), message("a", "one"), message("c", "two")) == [message("c", "two")]


def test_a_nameless_person_keeps_the_words() -> None:
    (said,) = chat(unnaming(BOB), message("a", "one"))
    assert said == message("a", "one", name="an attendee", by=None)


def test_reactions_go_by_their_event() -> None:
    said = message("a", "one", reactions=(Reaction(key="👍", events=("$r1", "$r2")),))
    (line,) = chat(removing("$r1"), said)
    assert line.reactions == (Reaction(key="👍", events=("$r2",)),)
    (line,) = chat(removing("$r1", "$r2"), said)
    assert line.reactions == ()


@pytest.mark.parametrize("by", [BOB, None])
def test_a_quote_of_what_is_gone_says_nothing(by: str | None) -> None:
    """Also where it does not say whom it quotes, but the message is there."""
    quote = Quote(id="$a", name="Bob", by=by, text="one")
    said = message("c", "indeed", by=CAROL, name="Carol", reply_to=quote)
    (line,) = chat(removing(BOB), message("a", "one"), said)
    assert line.reply_to == Quote(id="")
    _, line = chat(unnaming(BOB), message("a", "one"), said)
    assert line.reply_to == Quote(id="$a", name="an attendee", text="one")


def test_a_thread_that_lost_its_beginning_begins_with_its_first_reply() -> None:
    def reply(id_: str, **more: Any) -> Message:
        return message(id_, id_, by=CAROL, thread="$a", **more)

    first, gone, second = reply("c"), reply("d").model_copy(update={"by": BOB}), reply("e")
    lines = chat(removing(BOB), message("a", "one"), first, gone, second)
    assert [(line.id, line.thread) for line in lines] == [("$c", None), ("$e", "$c")]


def test_of_a_removed_question_that_was_taken_the_moment_stays() -> None:
    """So that what was read aloud is not quoted, if subtitles come later."""
    gone, taken = question(2, by=BOB, taken_at=at(21)), question(3, taken_at=at(23))
    made, _ = left(removing(BOB), questions=(question(1, by=BOB), gone, taken))
    assert made.unread == (Unread(number=2, taken_at=at(21)),)
    again, _ = without(made, (), removing(CAROL))
    assert again == made


def test_questions_answers_and_merged_ones_go() -> None:
    lena, ada = "@lena:example.org", "@ada:example.org"
    assert asked(removing(lena), question(1)) == []
    assert asked(removing("$question1"), question(1), question(2)) == [question(2)]
    assert asked(removing(ada), question(1, answers=(answer("Yes"),))) == [question(1)]
    merged = Merged(number=2, text="How tiny?", asker="Bob", by=BOB, event="$m")
    assert asked(removing(BOB), question(1, merged=(merged,))) == [question(1)]


def test_what_another_person_asked_as_well_takes_the_place_of_a_removed_question() -> None:
    merged = Merged(number=2, text="How tiny?", asker="Bob", by=BOB, event="$m")
    other = Merged(number=3, text="How big?", asker="Carol", by=CAROL, event="$n")
    answered = question(1, merged=(merged, other), answers=(answer("4 KiB"),), votes=7)
    (one,) = asked(removing("@lena:example.org"), answered)
    assert one == question(
        2, "How tiny?", asker="Bob", by=BOB, event="$m", votes=7, answers=(answer("4 KiB"),),
        merged=(other,),
    )  # fmt: skip


def test_nameless_askers_and_authors() -> None:
    merged = Merged(number=2, text="How tiny?", asker="Bob", by=BOB, event="$m")
    hidden = unnaming(BOB, "@lena:example.org", "@ada:example.org")
    (one,) = asked(hidden, question(1, merged=(merged,), answers=(answer("Yes"),)))
    assert (one.asker, one.by) == ("", None), "as a question that was asked without a name"
    assert (one.merged[0].asker, one.merged[0].by) == ("", None)
    assert (one.answers[0].author, one.answers[0].by) == ("an attendee", None)


# -------------------------------------------------------------------------------- who is mentioned


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("@bob:example.org: thanks", "an attendee: thanks"),
        ("thanks @bob:example.org.", "thanks an attendee."),
        ("(@bob:example.org)", "(an attendee)"),
        ("@Bob:Example.org", "an attendee"),
        ("@bob:example.org:8448 or so", "an attendee:8448 or so"),
        ("see https://matrix.to/#/@bob:example.org", "see an attendee"),
        ("see https://matrix.to/#/%40bob%3Aexample.org?via=x now", "see an attendee now"),
        ("see https://matrix.to/#/%2540bob%253Aexample.org", "see an attendee"),
        ("matrix:u/bob:example.org?action=chat", "an attendee"),
        ("[Bobby](https://matrix.to/#/@bob:example.org): hi", "an attendee: hi"),
        ("https://matrix.to/#/!r:example.org/$gone?via=example.org", "removed"),
        ("matrix:roomid/r:example.org/e/gone", "removed"),
        ("as in $gone, yes", "as in removed, yes"),
        ("@bobby:example.org and $gones cost $5", "@bobby:example.org and $gones cost $5"),
        ("@notbob:example.org", "@notbob:example.org"),
    ],
)  # fmt: skip
def test_ids_and_links_in_texts_of_others(text: str, becomes: str) -> None:
    hidden = removing(BOB, "$gone")
    (line,) = chat(hidden, message("c", text, by=CAROL))
    assert line == message("c", becomes, by=CAROL)
    (line,) = chat(
        hidden,
        message("c", "x", by=CAROL, name=text, file=File(name=text),
                poll=(PollOption(text=text, votes=1),)),
        Gap(after=None, why=text),
    )[:1]  # fmt: skip
    assert (line.name, line.file.name, line.poll[0].text) == (becomes, becomes, becomes)
    spoken = Spoken(second=1, score=90, quote=text)
    (one,) = asked(hidden, question(1, text, answers=(answer(text),), spoken=spoken))
    assert (one.text, one.answers[0].text, one.spoken.quote) == (becomes, becomes, becomes)


@pytest.mark.parametrize("hidden", [removing(BOB), unnaming(BOB)])
def test_a_pill_is_gone_from_the_markup_and_from_the_plain_text(hidden: Hidden) -> None:
    said = message("c", "Bobby: I <3 Bobbys & you", by=CAROL,
                   html=f"<p>{PILL}: I &lt;3 <b>Bobbys</b> &amp; you<br></p>")  # fmt: skip
    (line,) = chat(hidden, said)
    assert line.html == "<p>an attendee: I &lt;3 <b>Bobbys</b> &amp; you<br></p>"
    assert line.text == "an attendee: I <3 Bobbys & you"


def test_the_words_of_a_pill_are_gone_from_quotes_as_well() -> None:
    said = message("c", "Bobby: hi", by=CAROL, html=f"{PILL}: hi")
    reply = message("d", "ah", by=CAROL, reply_to=Quote(id="$c", name="Carol", text="Bobby: hi"))
    _, line = chat(unnaming(BOB), said, reply)
    assert line.reply_to.text == "an attendee: hi"


@pytest.mark.parametrize(
    ("html", "becomes"),
    [
        ('<a href="https://matrix.to/#/%40bob%3Aexample.org"><b>B</b>ob</a>!', "an attendee!"),
        ('<a href="https://matrix.to/#/!r:x/$gone">there</a>', "removed"),
        ('<img alt="@bob:example.org" title="a &amp; b">', '<img title="a &amp; b">'),
        ("<code>@bob:example.org</code> &amp;", "<code>an attendee</code> &amp;"),
        ('<a href="https://example.org/?a=1&amp;b=@x">x</a>', None),
    ],
)  # fmt: skip
def test_markup_of_others(html: str, becomes: str | None) -> None:
    (line,) = chat(removing(BOB, "$gone"), message("c", "x", by=CAROL, html=html))
    assert line.html == (html if becomes is None else becomes)


# ----------------------------------------------------------------------------- what the bot repeats

BOARD = "Now: Tiny kernels\n12 (17 votes) How small can it get?  Bob\n14 (9 votes) Why?  Carol"


def board(text: str = BOARD) -> Message:
    return message("board", text, by="@bot:example.org", name="Bot", is_bot=True, html="<p>…</p>")


def test_the_bot_repeats_no_removed_question() -> None:
    one = question(12, "How small  can it get?", asker="Bob", by=BOB)
    _, (line,) = left(removing(BOB), board(), questions=(one,))
    assert isinstance(line, Message)
    assert line.text == "Now: Tiny kernels\n14 (9 votes) Why?  Carol"
    assert line.html is None


def test_nor_one_that_is_only_in_the_chat() -> None:
    said = message("a", "!ask How small can it get?", is_question=True)
    (line,) = chat(removing(BOB), said, board())
    assert "How small" not in line.text


def test_nor_what_it_says_with_the_name_of_somebody_who_is_gone() -> None:
    """A question of another talk, or one that was dismissed: it is in neither."""
    _, line, reply = chat(
        removing(BOB),
        message("a", "Hi"),
        message("x", "ah", by=CAROL),
        board(),
        message(
            "y", "ah", by=CAROL, reply_to=Quote(id="$board", by="@bot:example.org", text=BOARD)
        ),
    )[-3:]
    for text in (line.text, reply.reply_to.text):
        assert text == "Now: Tiny kernels\n14 (9 votes) Why?  Carol"


def test_nor_one_of_which_only_the_maker_knows() -> None:
    (line,) = chat(Hidden(texts=("How small can it get?",)), board())
    assert "How small" not in line.text


def test_nor_a_name_of_which_only_the_maker_knows() -> None:
    names = Named(nameless=frozenset({"Bob"}))
    (line,) = chat(Hidden(names=names), board("Bob: you are a speaker. Bobby is one, too."))
    assert line.text == "an attendee: you are a speaker. Bobby is one, too."
    assert chat(Hidden(names=Named(removed=frozenset({"Bob"}))), board("Bob: you are one.")) == []


def test_a_notice_of_nothing_else_is_gone() -> None:
    one = question(12, "How small can it get?", asker="Bob", by=BOB)
    assert left(removing(BOB), board("12: How small can it…"), questions=(one,))[1] == [
        board("12: How small can it…")
    ]
    assert left(removing(BOB), board("12: How small can it get?"), questions=(one,))[1] == []


def test_the_bot_names_nobody_who_is_not_to_be_named() -> None:
    one = question(12, "How small can it get?", asker="Bob", by=BOB)
    _, (line,) = left(unnaming(BOB), board(), questions=(one,))
    assert isinstance(line, Message)
    assert "How small can it get?  an attendee\n" in line.text
    assert "Bob" not in dumped(transcript(), [line])


# -------------------------------------------------------------------------------------- properties

PEOPLE = ("@ann:a.example", "@ben:b.example", "@cyd:c.example")
WORDS = st.sampled_from(
    [
        *PEOPLE,
        *(f'<a href="https://matrix.to/#/{person}">Ann</a>' for person in PEOPLE),
        *(f"https://matrix.to/#/{person}" for person in PEOPLE),
        "https://matrix.to/#/!r:x/$1", "$1", "$2:a.example", "hello", "&amp;", "<b>x</b>", "\n",
    ]
)  # fmt: skip
TEXTS = st.lists(WORDS, min_size=1, max_size=5).map(" ".join)
IDS = st.integers(0, 9).map(lambda number: f"${number}")


@st.composite
def messages(draw: st.DrawFn) -> Message:
    by = draw(st.sampled_from(PEOPLE))
    id_ = draw(IDS)
    quote = st.builds(
        Quote, id=IDS, name=st.just("x"), by=st.sampled_from(PEOPLE), text=st.just("quoted")
    )
    return message(
        id_.removeprefix("$"),
        f"secret of {by}: " + draw(TEXTS),
        by=by,
        html=draw(st.none() | TEXTS),
        thread=draw(st.none() | IDS),
        reply_to=draw(
            st.none() | quote.map(lambda q: q.model_copy(update={"text": f"cited {q.by}"}))
        ),
        reactions=draw(st.just(()) | IDS.map(lambda event: (Reaction(key="👍", events=(event,)),))),
    )


@st.composite
def questions(draw: st.DrawFn) -> Any:
    by, other = draw(st.sampled_from(PEOPLE)), draw(st.sampled_from(PEOPLE))
    merged = Merged(number=2, text=f"secret of {other}", by=other, event=draw(IDS))
    return question(
        1,
        f"secret of {by}? " + draw(TEXTS),
        by=by,
        event=draw(IDS),
        merged=draw(st.just(()) | st.just((merged,))),
        answers=draw(st.just(()) | st.just((answer(f"secret of {other}", by=other),))),
    )


@settings(max_examples=cases(60))
@given(
    st.lists(messages(), max_size=5),
    st.lists(questions(), max_size=3),
    st.sampled_from([*PEOPLE, "$1", "$2:a.example"]),
)
def test_what_is_removed_is_nowhere(lines: list[Message], asked: list[Any], subject: str) -> None:
    kept = dumped(*left(removing(subject), *lines, questions=asked))
    assert subject not in kept
    if subject in PEOPLE:
        assert f"secret of {subject}" not in kept


@settings(max_examples=cases(40))
@given(
    st.lists(messages(), max_size=5),
    st.lists(questions(), max_size=3),
    st.sampled_from(PEOPLE),
)
def test_who_is_nameless_is_nowhere_and_nothing_is_lost(
    lines: list[Message], asked: list[Any], person: str
) -> None:
    made, kept = left(unnaming(person), *lines, questions=asked)
    assert person not in dumped(made, kept)
    assert len(kept) == len(lines)
    assert len(made.questions) == len(asked)


def test_twice_is_as_once() -> None:
    hidden = removing(BOB)
    once = left(hidden, *SAMPLE_LINES, questions=SAMPLE_QUESTIONS)
    again, lines = without(once[0], once[1], hidden)
    assert (again, list(lines)) == once


def test_a_hostile_text_takes_no_time_to_speak_of() -> None:
    calls = 0

    def counted(_: str | None) -> bool:
        nonlocal calls
        calls += 1
        return False

    for text in ("@" * 20_000, "@a:." * 5_000, "$" * 20_000, "@a:" + "." * 20_000, "$a." * 7_000):
        chat(Hidden(removed=counted), message("a", text))
    assert calls < 300_000


def test_a_name_that_would_ping_the_room_is_known_as_the_chat_has_it() -> None:
    names = Names()
    names.add("Bob @\u200broom")
    assert names.hidden("3 (0 votes) Why? – Bob @room") == "3 (0 votes) Why? – an attendee"
