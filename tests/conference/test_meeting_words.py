"""How a speaker's meeting is, in words: harmless, and with what helps."""

from __future__ import annotations

from fosdembot.conference.meeting_words import state_words, trouble_words
from fosdembot.conference.meetings import KICKED, NOT_CONFIGURED, NOT_STARTED, MeetingState
from fosdembot.jitsi.meeting import Trouble
from fosdembot.texts import jitsi as texts


def test_every_trouble_has_words() -> None:
    assert set(texts.TROUBLES) == {trouble.value for trouble in Trouble}
    assert {NOT_STARTED, KICKED, NOT_CONFIGURED} <= set(texts.TROUBLES)
    for trouble in Trouble:
        said = trouble_words(trouble.value, "", "kernel", "!").plain
        assert said.endswith(("…", "?", ".")), said


def test_what_a_server_said_is_harmless() -> None:
    said = trouble_words("refused", "<b>no\nway\u202e" + "a" * 900, "kernel", "!")
    assert said.plain.startswith("its server does not let me in (<b>no way")
    assert len(said.plain) < 250
    assert "<b>" not in said.html


def test_who_is_there_is_harmless() -> None:
    state = MeetingState(is_in=True, people=("@room\n" * 50, "<b>Ada</b>"))
    said = state_words(state, "kernel", "!")
    assert said is not None
    assert "\n" not in said.plain
    assert "<b>" not in said.html
    assert len(said.plain) < 250
    assert state_words(MeetingState(), "kernel", "!") is None
