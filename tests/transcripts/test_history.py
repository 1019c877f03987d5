"""The chat of a talk, as it is read from a room's history."""

from __future__ import annotations

from pathlib import Path

import pytest

from fosdembot.clock import ScaledClock
from fosdembot.matrix.api import HomeserverAway
from fosdembot.transcripts import history
from fosdembot.transcripts.forgetting import Hidden
from simulation.fake_requests import Fault

from .rooms import ADA, BOB, BOT, FAR, Hall, minute, window
from .samples import START


@pytest.fixture
async def hall(tmp_path: Path) -> Hall:
    return Hall(tmp_path)


async def test_what_is_said_in_the_window_is_the_chat(hall: Hall, tmp_path: Path) -> None:
    hall.say(-0.1, ADA, "before")
    first = hall.say(0, ADA, "first")
    hall.say(29.9, BOB, "last")
    hall.say(30, ADA, "after")
    read = await hall.read()
    assert read.texts == ["first", "last"]
    assert (read.messages, read.people) == (2, 2)
    message = read.by_id(first)
    assert (message.name, message.by, minute(message.at)) == ("Ada", ADA, 0)
    assert list(tmp_path.iterdir()) == []


async def test_every_event_that_is_read_is_accounted_for(hall: Hall) -> None:
    said = hall.say(1, ADA, "said")
    gone = hall.say(2, ADA, "gone")
    hall.edit(3, ADA, said, "said better")
    hall.react(4, BOB, said)
    hall.event(5, BOB, "m.room.topic", {"topic": "x"}, "")
    hall.room.redact(ADA, gone)
    hall.say(40, BOB, "later")
    read = await hall.read()
    assert read.texts == ["said better"]
    begins = [event["event_id"] for event in hall.room.events].index(str(read.begins))
    assert sum(read.accounts.values()) == len(hall.room.events) - begins
    assert read.accounts == {
        "shown": 1,
        "redacted": 1,
        "edit": 1,
        "reaction": 1,
        "redaction": 1,
        "of no talk": 1,
        "state": len(hall.room.events) - begins - 6,
    }


async def test_the_time_of_a_faster_conference_is_its_own(hall: Hall) -> None:
    """A minute of it lasts a second."""
    hall.clock = ScaledClock(START, 60, START)
    hall.say(-0.25, ADA, "quarter before")
    said = hall.say(0.25, ADA, "quarter past")
    hall.say(0.6, ADA, "over")
    late = hall.reply(2, BOB, "within two hours of it", said)
    hall.reply(3, BOB, "too late", said)
    read = await hall.read()
    assert [message.id for message in read.said] == [said, late]
    assert [minute(message.at) for message in read.said] == [15, 120]


async def test_names_are_as_of_then(hall: Hall) -> None:
    hall.say(1, ADA, "as Ada")
    hall.event(2, ADA, "m.room.member", {"membership": "join", "displayname": "Lovelace"}, ADA)
    hall.say(3, ADA, "as Lovelace")
    hall.event(4, ADA, "m.room.member", {"membership": "join"}, ADA)
    hall.say(5, ADA, "nameless")
    read = await hall.read()
    assert [message.name for message in read.said] == ["Ada", "Lovelace", "ada"]


async def test_an_edit_is_the_last_one_of_its_sender(hall: Hall) -> None:
    said = hall.say(1, ADA, "one")
    hall.edit(2, ADA, said, "two")
    last = hall.edit(3, ADA, said, "three")
    hall.edit(4, BOB, said, "somebody else's")
    gone = hall.edit(5, ADA, said, "taken back")
    hall.room.redact(ADA, gone)
    message = (await hall.read()).by_id(said)
    assert (message.text, message.edited) == ("three", last)


async def test_an_edit_of_later_days_counts(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "PAGE", 3)
    said = hall.say(1, ADA, "one")
    hall.say(29 * 60, ADA, "the next day")
    last = hall.edit(30 * 60, ADA, said, "corrected")
    read = await hall.read()
    assert "edit" not in read.accounts
    message = read.by_id(said)
    assert (message.text, message.edited) == ("corrected", last)


async def test_an_edit_that_says_nothing_is_none(hall: Hall) -> None:
    said = hall.say(1, ADA, "one")
    hall.edit(2, ADA, said, "two", msgtype=["no text"])
    message = (await hall.read()).by_id(said)
    assert (message.text, message.edited) == ("one", None)


async def test_a_reply_quotes_what_it_answers(hall: Hall) -> None:
    said = hall.say(1, ADA, "How small? " + "x" * 300)
    answer = hall.reply(2, BOB, "> <@ada:fake.test> How small?\n\nVery", said)
    message = (await hall.read()).by_id(answer)
    assert message.text == "Very"
    quote = message.reply_to
    assert quote is not None
    assert (quote.id, quote.name, quote.by, len(quote.text)) == (said, "Ada", ADA, 200)


async def test_nothing_is_quoted_of_what_is_redacted(hall: Hall) -> None:
    said = hall.say(1, ADA, "regretted")
    answer = hall.reply(2, BOB, "Why?", said)
    hall.room.redact(ADA, said)
    read = await hall.read()
    quote = read.by_id(answer).reply_to
    assert quote is not None
    assert (quote.id, quote.name, quote.text) == ("", "", "")
    assert read.texts == ["Why?"]


async def test_threads_stand_below_their_beginnings(hall: Hall) -> None:
    root = hall.say(1, ADA, "root")
    hall.say(2, BOB, "between")
    first = hall.in_thread(3, BOB, "in thread", root)
    hall.say(4, ADA, "after")
    hall.in_thread(31, ADA, "later in thread", root)
    read = await hall.read()
    assert read.texts == ["root", "in thread", "later in thread", "between", "after"]
    assert (read.by_id(first).thread, read.by_id(first).reply_to) == (root, None)


async def test_a_thread_whose_beginning_is_gone_stands_by_itself(hall: Hall) -> None:
    root = hall.say(1, ADA, "root")
    hall.say(2, BOB, "between")
    orphan = hall.in_thread(3, BOB, "in thread", root)
    hall.room.redact(ADA, root)
    read = await hall.read()
    assert read.texts == ["between", "in thread"]
    assert read.by_id(orphan).thread is None


async def test_a_reply_follows_the_talk_that_it_answers(hall: Hall) -> None:
    """Also a reply to the reply; but not for ever."""
    earlier, own, later = window(-30, 0), window(0, 30), window(30, 60)
    old = hall.say(-5, ADA, "of the earlier talk")
    answer = hall.reply(5, BOB, "an answer to that", old)
    hall.reply(6, ADA, "and one to the answer", answer)
    ours = hall.say(10, ADA, "ours")
    hall.reply(40, BOB, "an answer during the next talk", ours)
    hall.in_thread(140, ADA, "in time", ours)
    hall.in_thread(151, ADA, "too late", ours)
    read = await hall.read(own, [earlier, own, later])
    assert read.texts == ["ours", "in time", "an answer during the next talk"]
    assert (await hall.read(earlier, [earlier, own, later])).texts == [
        "of the earlier talk",
        "an answer to that",
        "and one to the answer",
    ]
    assert (await hall.read(later, [earlier, own, later])).texts == []


async def test_a_reply_to_what_belongs_to_no_talk_stands_where_it_was_said(hall: Hall) -> None:
    chatter = hall.say(-45, ADA, "chatter before the first talk")
    answer = hall.reply(5, BOB, "an answer", chatter)
    read = await hall.read(window(0, 30), [window(-40, 0)])
    quote = read.by_id(answer).reply_to
    assert quote is not None
    assert quote.text == "chatter before the first talk"


async def test_reactions_count_once_for_each_person(hall: Hall) -> None:
    said = hall.say(1, ADA, "said")
    heart = hall.react(2, BOB, said, "❤")
    also = hall.react(3, FAR, said, "❤️")
    hall.react(4, BOB, said, "❤️")
    taken_back = hall.react(5, ADA, said, "👍")
    hall.room.redact(ADA, taken_back)
    hall.react(6, BOT, said, "Q1")
    hall.react(60, BOB, said, "late")
    (first, late) = (await hall.read()).by_id(said).reactions
    assert (first.key, first.events) == ("❤️", (heart, also))
    assert late.key == "late"
    hidden = Hidden(removed=lambda subject: subject == FAR)
    (first, _) = (await hall.read(hidden=hidden)).by_id(said).reactions
    assert first.events == (heart,)


POLL = {
    "org.matrix.msc3381.poll.start": {
        "question": {"org.matrix.msc1767.text": "Tabs?"},
        "answers": [
            {"id": "y", "org.matrix.msc1767.text": "Yes"},
            {"id": "n", "org.matrix.msc1767.text": "No"},
        ],
        "max_selections": 1,
    }
}
STABLE = {
    "m.poll": {
        "question": {"m.text": [{"body": "Tabs?"}]},
        "answers": [
            {"m.id": "y", "m.text": [{"body": "Yes"}]},
            {"m.id": "n", "m.text": [{"body": "No"}]},
        ],
    }
}


@pytest.mark.parametrize("stable", [True, False])
async def test_of_a_poll_the_last_vote_of_each_person_counts(hall: Hall, stable: bool) -> None:
    name = "m.poll" if stable else "org.matrix.msc3381.poll"
    poll = hall.event(1, ADA, f"{name}.start", STABLE if stable else POLL)

    def vote(at: float, who: str, *answers: str) -> str:
        content: dict[str, object] = (
            {"m.selections": [*answers]}
            if stable
            else {f"{name}.response": {"answers": [*answers]}}
        )
        return hall.relate(at, who, f"{name}.response", "m.reference", poll, **content)

    vote(2, ADA, "y")
    vote(3, BOB, "y")
    vote(4, BOB, "n")  # thinks again
    vote(5, FAR, "y")
    vote(6, FAR, "nonsense")  # spoils it
    vote(7, BOT, "y", "n")  # of two the first
    hall.relate(8, BOB, f"{name}.end", "m.reference", poll)  # is not his to end
    vote(9, "@zoe:fake.test", "n")
    hall.relate(10, ADA, f"{name}.end", "m.reference", poll)
    vote(11, BOB, "y")
    read = await hall.read()
    message = read.by_id(poll)
    assert (message.type, message.text) == ("poll", "Tabs?")
    assert [(option.text, option.votes) for option in message.poll] == [("Yes", 2), ("No", 2)]
    assert (read.accounts["vote"], read.accounts["poll end"]) == (8, 2)


async def test_what_the_bot_says_is_marked(hall: Hall) -> None:
    board = hall.say(1, BOT, "Now: …", msgtype="m.notice")
    edit = hall.edit(2, BOT, board, "Over", msgtype="m.notice")
    read = await hall.read()
    message = read.by_id(board)
    assert (message.is_bot, message.type, message.text) == (True, "notice", "Over")
    assert message.edited == edit
    assert (read.messages, read.people) == (0, 0)


async def test_nobody_elsewhere_pushes_a_message_into_another_talk(hall: Hall) -> None:
    hall.say(-20, ADA, "before")
    pushed_on = hall.say(10, FAR, "sent before, dated within")
    hall.say(-10, ADA, "still before")
    hall.say(5, ADA, "within")
    lied = hall.say(-60, FAR, "sent within, dated before")
    future = hall.say(600, FAR, "dated far ahead")
    hall.say(20, ADA, "within, too")
    hall.say(31, ADA, "after")
    hall.say(10, FAR, "sent after, dated within")
    hall.say(40, ADA, "the end")
    read = await hall.read()
    assert pushed_on not in [message.id for message in read.said]
    assert [message.id for message in read.said if message.by == FAR] == [lied, future]
    assert minute(read.by_id(lied).at) == 5
    assert minute(read.by_id(future).at) == 20


async def test_a_lie_does_not_make_us_begin_too_late(hall: Hall) -> None:
    hall.say(1, ADA, "within")
    hall.say(-0.001, FAR, "dated just before the talk")
    hall.say(2, ADA, "within, too")
    assert (await hall.read()).texts == ["within", "dated just before the talk", "within, too"]


async def test_where_all_are_from_elsewhere_their_dates_are_believed(hall: Hall) -> None:
    """Nothing better is known; and what the bot says stands."""
    for at, text in ((-5, "before"), (5, "within"), (1000, "far ahead"), (6, "within, too")):
        hall.say(at, FAR, text)
    hall.say(20, BOT, "Q&A")
    hall.say(45, FAR, "after")
    assert (await hall.read()).texts == ["within", "far ahead", "within, too", "Q&A"]


async def test_relays_and_bridges_are_called_as_questions_call_them(hall: Hall) -> None:
    relay = "@matterbridge:elsewhere.example"
    ghost = "@irc_carol:elsewhere.example"
    hall.event(-1, ghost, "m.room.member", {"membership": "join", "displayname": "carol"}, ghost)
    hall.say(1, relay, "<dave> hello")
    hall.say(2, relay, "<erin> hello, too")
    hall.say(3, ghost, "from IRC")
    read = await hall.read()
    assert [(m.name, m.text) for m in read.said] == [
        ("dave", "hello"),
        ("erin", "hello, too"),
        ("carol", "from IRC"),
    ]
    assert read.people == 3


async def test_where_nobody_says_whether_it_was_redacted_it_is_not_read(hall: Hall) -> None:
    """The homeserver failed to, time and again."""
    said = hall.say(1, BOB, "Hello")
    hall.say(2, BOB, "Hello again")
    hall.event(3, ADA, "m.room.redaction", {"redacts": said})
    hall.server.fail(Fault("event", (502, {}), room=hall.room.room_id, times=1000))
    with pytest.raises(HomeserverAway):
        await hall.read()
    assert (await hall.read(forced=True)).texts == ["Hello again"]
