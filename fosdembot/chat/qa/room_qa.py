"""`!qa …`: what moderators decide for all questions of a room or a talk, and whom they mute."""

from __future__ import annotations

from dataclasses import replace

from fosdembot.actions.access import Access
from fosdembot.actions.permissions import Permission
from fosdembot.chat.allowing import demand
from fosdembot.chat.command import PRIVATE, Command, Commands, Declined, Entry, Place
from fosdembot.chat.parser import first_word
from fosdembot.chat.qa.pointing import Pointing, split_number
from fosdembot.chat.talk_choice import Case, TalkChoice
from fosdembot.conference.room_view import RoomViews
from fosdembot.db.question_tables import Question
from fosdembot.matrix.content import notice
from fosdembot.matrix.mentions import typed
from fosdembot.matrix.outbox import Outbox, Urgency
from fosdembot.matrix.power import is_bridged_by
from fosdembot.matrix.room_addresses import room_of
from fosdembot.questions.desk import LIFTED_BY_UNMUTE, Desk
from fosdembot.questions.scopes import scope_of
from fosdembot.questions.views import Wanted
from fosdembot.settings import Settings
from fosdembot.talks.naming import title_of
from fosdembot.talks.slots import StageSlot
from fosdembot.texts import commands as command_texts
from fosdembot.texts import questions as texts
from fosdembot.texts.render import Text, clean, say, sentences

_MUTING = ("mute", "unmute")
_PERMISSIONS = {
    None: Permission.SEE_QA,
    "open": Permission.OPEN_OR_CLOSE_QA,
    "close": Permission.OPEN_OR_CLOSE_QA,
    "moderated": Permission.MODERATE_QA,
    "unmoderated": Permission.MODERATE_QA,
}
_ACTIONS = ("open", "close", "moderated", "unmoderated", *_MUTING)


class RoomQaCommands:
    def __init__(
        self,
        desk: Desk,
        access: Access,
        pointing: Pointing,
        choice: TalkChoice,
        views: RoomViews,
        outbox: Outbox,
        settings: Settings,
    ) -> None:
        self._desk = desk
        self._access = access
        self._pointing = pointing
        self._choice = choice
        self._views = views
        self._outbox = outbox
        self._prefix = settings.command_prefix
        self._relays = settings.relays

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
        room = await room_of(command.session, address)
        await demand(self._access, command.session, command.actor, _PERMISSIONS[action], room)
        if room is None:
            raise Declined(say(texts.NOT_IN_ROOM, room=address))
        case = replace(case, found=replace(case.found, rest=action or ""))
        if action is None:
            return await self._standing(case, room)
        if action in ("open", "close"):
            return await self._close(case, room, name, action == "close")
        return await self._moderate(case, room, action == "moderated")

    # The room, and the talk that is on.

    async def _close(self, case: Case, room: str, name: str, closed: bool) -> Text:
        command, session = case.command, case.command.session
        slot = await self._slot(case, room, name)
        talk, title = slot.talk.guid, title_of(slot.talk)
        if await self._desk.is_closed(session, talk) == closed:
            return say(texts.CLOSED if closed else texts.OPEN, title=title)
        await self._desk.set_closed(session, room, talk, closed, command.by)
        said = self._choice.say(texts.NOW_CLOSED if closed else texts.NOW_OPEN, case, title=title)
        return await self._tell(case, room, said, f"{'open' if closed else 'close'} {name}")

    async def _slot(self, case: Case, room: str, name: str) -> StageSlot:
        """The talk with this id; else the one that questions are for now."""
        if name:
            return self._choice.named(case, name)
        slots = (await self._views.stage_of_room(case.command.session, room, case.at)).current
        if not slots:
            raise Declined(say(texts.NO_TALK, p=self._prefix))
        if len(slots) > 1:
            raise self._choice.which(case, slots)
        return slots[0]

    async def _moderate(self, case: Case, room: str, moderated: bool) -> Text:
        command, session = case.command, case.command.session
        if await self._desk.is_moderated(session, room) == moderated:
            return say(texts.MODERATED if moderated else texts.UNMODERATED)
        await self._desk.set_moderated(session, room, moderated, command.by)
        said = say(texts.NOW_MODERATED if moderated else texts.NOW_UNMODERATED)
        return await self._tell(case, room, said, "unmoderated" if moderated else "moderated")

    async def _tell(self, case: Case, room: str, said: Text, opposite: str) -> Text:
        """The talk room is told in any case; the moderator also how to take it back."""
        command = case.command
        if command.place is not Place.TALK_ROOM:
            key = f"qa/{command.event_id}"
            await self._outbox.message(command.session, key, room, notice(said), Urgency.CHANGE)
        undo = clean(f"{self._prefix}{case.found.typed('qa')} {opposite}", 100)
        return sentences([said, say(command_texts.WRONG, undo=undo)])

    async def _standing(self, case: Case, room: str) -> Text:
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
        if waiting:
            approve = f"{self._prefix}{case.found.typed('approve')} all"
            said.append(say(texts.WAITING, number=str(waiting), approve=approve))
        return sentences(said)

    # People.

    async def _mute(self, command: Command, mute: bool) -> Text:
        if command.place not in PRIVATE:
            await self._check_mute(command, command.room)
            raise Declined(say(texts.MUTE_ELSEWHERE))
        if not command.arguments and command.reply_to is None:
            raise Declined(say(texts.MUTE_USAGE, p=self._prefix, command=command.word))
        number, _ = split_number(command.arguments)
        user = command.linked[0] if command.linked else typed(command.arguments)[0]
        if number is None and user is not None:
            room, _ = await self._pointing.room(command)
            return await self._mute_person(command, room, user, mute, user)
        question, _ = await self._pointing.question(command)
        return await self._mute_asker(command, question, mute)

    async def _mute_asker(self, command: Command, question: Question, mute: bool) -> Text:
        number = str(question.number)
        await self._check_mute(command, question)
        if question.asker is None:
            raise Declined(say(texts.ASKER_FORGOTTEN, number=number))
        if mute and question.relayed and is_bridged_by([question.asker], self._relays):
            raise Declined(say(texts.MUTE_RELAY, p=self._prefix, number=number))
        named = say(texts.ASKER, number=number)
        return await self._put(command, question.room_id, question.asker, mute, named)

    async def _mute_person(
        self, command: Command, room: str, person: str, mute: bool, named: str
    ) -> Text:
        await self._check_mute(command, room)
        return await self._put(command, room, person, mute, named)

    async def _check_mute(self, command: Command, about: Question | str) -> None:
        await demand(self._access, command.session, command.actor, Permission.MUTE, about)

    async def _put(
        self, command: Command, room: str, person: str, mute: bool, named: str | Text
    ) -> Text:
        session, by = command.session, command.by
        scope = await scope_of(session, room)
        bars = await self._desk.votes.bars(session, scope, person)
        if mute and "muted" not in bars:
            await self._desk.mute(session, room, person, by)
        elif not mute and bars.intersection(LIFTED_BY_UNMUTE):
            await self._desk.unmute(session, room, person, by)
        return say(texts.MUTED if mute else texts.UNMUTED, person=named)


def _action(arguments: str) -> tuple[str | None, str]:
    """`close`, `kernel close 12` → the action, and the arguments without it."""
    first, rest = first_word(arguments)
    if first.lower() in _ACTIONS:
        return first.lower(), rest
    second, others = first_word(rest)
    if second.lower() in _ACTIONS:
        return second.lower(), f"{first} {others}".strip()
    return None, arguments
