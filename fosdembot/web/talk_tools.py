"""What pages let people do: the actions that all faces share."""

from __future__ import annotations

from dataclasses import dataclass

from fosdembot.actions.access import Access
from fosdembot.actions.answering import AnswerActions
from fosdembot.actions.deciding import Deciding
from fosdembot.actions.rooms import RoomActions
from fosdembot.actions.talks import TalkActions
from fosdembot.actions.undoing import Undoing


@dataclass(frozen=True, slots=True)
class TalkTools:
    """What is done on the pages of a talk."""

    access: Access
    deciding: Deciding
    undoing: Undoing
    answers: AnswerActions
    rooms: RoomActions
    talks: TalkActions
