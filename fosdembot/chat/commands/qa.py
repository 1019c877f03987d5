"""`!qa …`: what moderators decide for all questions of a room or a talk, and whom they mute."""

from __future__ import annotations

from dataclasses import dataclass, replace

from fosdembot.actions.hall import HallActions
from fosdembot.actions.permissions import Permission
from fosdembot.actions.rooms import RoomActions
from fosdembot.chat.command import PRIVATE, Command, Commands, Declined, Entry, Place
from fosdembot.chat.meant.question import QuestionChoice, split_number
from fosdembot.chat.meant.talk import Case, TalkChoice
from fosdembot.chat.reading.parser import first_word
from fosdembot.conference.events import QaClosed, QaModerated
from fosdembot.conference.room_view import RoomViews
from fosdembot.matrix.mentions import typed
from fosdembot.notifications.qa_news import qa_news
from fosdembot.questions.guests import Guests
from fosdembot.questions.views import Wanted
from fosdembot.talks.naming import title_of
from fosdembot.talks.slots import Slot
from fosdembot.texts import commands as command_texts
from fosdembot.texts import hall as hall_texts
from fosdembot.texts import questions as texts
from fosdembot.texts.render import Text, clean, say, sentences

_MUTING = ("mute", "unmute")
_GUESTS = {
    "off": Guests.OFF,
    "ask": Guests.ASK,
    "vote": Guests.ASK_AND_VOTE,
    # As in the settings.
    "ask_and_vote": Guests.ASK_AND_VOTE,
}
_PERMISSIONS = {
    None: Permission.SEE_QA,
    "open": Permission.OPEN_OR_CLOSE_QA,
    "close": Permission.OPEN_OR_CLOSE_QA,
    "moderated": Permission.MODERATE_QA,
    "unmoderated": Permission.MODERATE_QA,
    "guests": Permission.LET_GUESTS_IN,
}
_ACTIONS = ("open", "close", "moderated", "unmoderated", "guests", *_MUTING)


@dataclass(frozen=True)
class RoomQaCommands:
    _rooms: RoomActions
    _hall: HallActions
    _question_choice: QuestionChoice
    _choice: TalkChoice
    _views: RoomViews
    _prefix: str

    def table(self) -> Commands:
        return {"qa": Entry(self._qa)}

    async def _qa(self, command: Command) -> Text:
        action, arguments = _action(command.arguments)
        if action in _MUTING:
            wanted = replace(command, word=f"qa {action}", arguments=arguments)
            return await self._mute(wanted, action == "mute")
        case = await self._choice.case(replace(command, arguments=arguments), action or "")
        address, name = case.found.address, case.found.rest
        if action is None and name:
            raise Declined(say(texts.QA_USAGE, p=self._prefix))
        needed = _PERMISSIONS[action]
        room = await self._rooms.room(command.session, command.actor, address, needed)
        case = replace(case, found=replace(case.found, rest=action or ""))
        if action is None:
            return await self._summary(case, room)
        with self._choice.wording(case):
            if action in ("open", "close"):
                return await self._close(case, room, name, action == "close")
            if action == "guests":
                return await self._guests(case, name)
            return await self._moderate(case, action == "moderated")

    # The room, and the talk that is on.

    async def _close(self, case: Case, room: str, name: str, closed: bool) -> Text:
        command, session = case.command, case.command.session
        slot: Slot = (
            self._choice.named(case, name)
            if name
            else await self._rooms.talk_meant(session, room, case.at)
        )
        decided = await self._rooms.set_closed(
            session,
            command.actor,
            case.room.address,
            slot.talk.guid,
            closed,
            answered_there=command.place is Place.TALK_ROOM,
        )
        if decided is None:
            return say(texts.CLOSED if closed else texts.OPEN, title=title_of(slot.talk))
        return self._said(case, decided, f"{'open' if closed else 'close'} {name}")

    async def _moderate(self, case: Case, moderated: bool) -> Text:
        command = case.command
        decided = await self._rooms.set_moderated(
            command.session,
            command.actor,
            case.room.address,
            moderated,
            answered_there=command.place is Place.TALK_ROOM,
        )
        if decided is None:
            return say(texts.MODERATED if moderated else texts.UNMODERATED)
        return self._said(case, decided, "unmoderated" if moderated else "moderated")

    async def _guests(self, case: Case, word: str) -> Text:
        guests = _GUESTS.get(word.lower())
        if guests is None:
            raise Declined(say(hall_texts.USAGE, p=self._prefix))
        command = case.command
        await self._hall.set_guests(command.session, command.actor, case.room.address, guests)
        return say(hall_texts.GUESTS[guests])

    def _said(self, case: Case, decided: QaClosed | QaModerated, opposite: str) -> Text:
        """What the talk room is told, and how to take it back."""
        undo = clean(f"{self._prefix}{case.found.typed('qa')} {opposite}", 100)
        return sentences([qa_news(decided, self._prefix), say(command_texts.WRONG, undo=undo)])

    async def _summary(self, case: Case, room: str) -> Text:
        """How things are, for `!qa` alone."""
        session, counted = case.command.session, Wanted(waiting=0, pending=0)
        talks = await self._views.stage_of_room(session, room, case.at)
        view = await self._views.room(session, talks, room, counted)
        said, waiting = [], 0
        for talk in view.current.entries:
            template = texts.CLOSED if talk.questions.closed else texts.OPEN
            said.append(say(template, title=title_of(talk.slot.talk)))
            waiting += talk.questions.pending.total
        said.append(say(texts.MODERATED if view.moderated else texts.UNMODERATED))
        if (guests := await self._hall.guests(session, room)) is not Guests.OFF:
            said.append(say(hall_texts.GUESTS[guests]))
        if waiting:
            approve = f"{self._prefix}{case.found.typed('approve')} all"
            said.append(say(texts.WAITING, number=str(waiting), approve=approve))
        return sentences(said)

    # People.

    async def _mute(self, command: Command, mute: bool) -> Text:
        session, actor = command.session, command.actor
        if command.place not in PRIVATE:
            await self._rooms.check_mute(session, actor, command.room)
            raise Declined(say(texts.MUTE_ELSEWHERE))
        if not command.arguments and command.reply_to is None:
            raise Declined(say(texts.MUTE_USAGE, p=self._prefix, command=command.word))
        number, _ = split_number(command.arguments)
        user = command.linked[0] if command.linked else typed(command.arguments)[0]
        if number is None and user is not None:
            room, _ = await self._question_choice.room(command)
            await self._rooms.mute(session, actor, room, user, mute)
            person: str | Text = user
        else:
            question, _ = await self._question_choice.question(command)
            await self._rooms.mute_asker(session, actor, question, mute)
            person = say(texts.ASKER, number=str(question.number))
        return say(texts.MUTED if mute else texts.UNMUTED, person=person)


def _action(arguments: str) -> tuple[str | None, str]:
    """`close`, `kernel close 12` → the action, and the arguments without it."""
    first, rest = first_word(arguments)
    if first.lower() in _ACTIONS:
        return first.lower(), rest
    second, others = first_word(rest)
    if second.lower() in _ACTIONS:
        return second.lower(), f"{first} {others}".strip()
    return None, arguments
