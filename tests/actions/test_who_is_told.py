"""Whoever makes an action says who hears of it: a face cannot forget that."""

from __future__ import annotations

from dataclasses import MISSING, fields

import pytest

from fosdembot.actions.answering import AnswerActions
from fosdembot.actions.pauses import PauseActions
from fosdembot.actions.rooms import RoomActions
from fosdembot.actions.speakers import SpeakerActions
from fosdembot.actions.talks import TalkActions


@pytest.mark.parametrize(
    "actions", [AnswerActions, PauseActions, RoomActions, SpeakerActions, TalkActions]
)
def test_nobody_hears_of_a_decision_by_default(actions: type) -> None:
    [hears] = [field for field in fields(actions) if field.name == "hears"]
    assert hears.default is MISSING
