"""What the bot says of a single question: to its asker, to the room, to the hosts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.chat.finder import short_name
from fosdembot.clock import Clock
from fosdembot.conference.crier import Crier
from fosdembot.conference.hosts import Hosts
from fosdembot.conference.programme import Programme
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Question, Shown
from fosdembot.matrix.content import notice, to_persons
from fosdembot.matrix.direct import direct_chat
from fosdembot.matrix.outbox import Outbox, Urgency
from fosdembot.matrix.power import is_bridged
from fosdembot.matrix.rooms import addresses_of
from fosdembot.questions.emoji import Tap, chip
from fosdembot.questions.lookup import group
from fosdembot.questions.states import State
from fosdembot.settings import Settings
from fosdembot.talks.notices import may_edit
from fosdembot.texts import questions as texts
from fosdembot.texts.render import Text, literal, say

LONGEST_TEXT = 2000
"""Characters of a question that a card shows: all that a setting may allow."""
TAKEN_HOLDS = timedelta(minutes=10)
"""After that nobody needs to be told that his question is on."""
MOST_ASKERS = 10


class Cards:
    def __init__(
        self,
        outbox: Outbox,
        programme: Programme,
        hosts: Hosts,
        crier: Crier,
        settings: Settings,
        clock: Clock,
    ) -> None:
        self._outbox = outbox
        self._programme = programme
        self._hosts = hosts
        self._crier = crier
        self._settings = settings
        self._clock = clock

    async def asked(self, session: WriteSession, question: Question) -> None:
        """A question is new: the asker's chip, or its post in the room, and a card for the
        hosts. A text for the asker is the caller's."""
        await self._confirm(session, question)
        for room in await self._hosts_rooms(session, question):
            key = f"card/{question.id}/{room}"
            card = notice(self._card(question))
            await self._outbox.message(session, key, room, card, Urgency.ANSWER)
            self._shown(session, key, question)
            for place, emoji in enumerate(Tap):
                await self._outbox.react(
                    session, f"{key}/{place}", room, emoji, target=key, urgency=Urgency.BUTTON
                )

    async def changed(self, session: WriteSession, questions: Iterable[Question]) -> None:
        """These stand otherwise now, or say something else."""
        for question in questions:
            if question.state not in (State.PENDING, State.WITHDRAWN):
                await self._confirm(session, question)
            for room in await self._hosts_rooms(session, question):
                await self._renew(session, f"card/{question.id}/{room}", room, self._card(question))
            post = f"post/{question.id}"
            await self._renew(session, post, question.room_id, _post(question))

    async def taken(self, session: WriteSession, question: Question, cause: str) -> None:
        """Whoever asked it, or one that was merged into it, is notified."""
        named: list[Question] = []
        for each in (await group(session, question))[:MOST_ASKERS]:
            if each.asker_name:
                named.append(each)
            elif each.asker is not None:
                await self._to_direct(session, each, f"taken/{each.id}/{cause}", texts.TAKEN, "")
        if named:
            names = ", ".join(dict.fromkeys(each.asker_name for each in named))
            text = say(texts.TAKEN, name=names, number=question.number)
            people = [e.asker for e in named if e.asker is not None and not e.relayed]
            content = to_persons(text, list(dict.fromkeys(people)), _source(named))
            await self._outbox.message(
                session,
                f"taken/{question.id}/{cause}",
                question.room_id,
                content,
                Urgency.CHANGE,
                expires=self._clock.now() + TAKEN_HOLDS,
            )

    async def dismissed(
        self, session: WriteSession, question: Question, reason: str, cause: str
    ) -> None:
        """Its asker learns why: in their direct chat if there is one, else in the room."""
        key = f"dismissed/{question.id}/{cause}"
        if await self._to_direct(session, question, key, texts.DISMISSED, reason):
            return
        if question.asker is None or not question.asker_name:
            return
        text = say(texts.DISMISSED, name=question.asker_name, number=question.number, reason=reason)
        people = [] if question.relayed else [question.asker]
        content = to_persons(text, people, _source([question]))
        await self._outbox.message(session, key, question.room_id, content, Urgency.CHANGE)

    async def erase(self, session: WriteSession, shown: Sequence[Shown]) -> None:
        """Take messages of ours out of the rooms in which a redacted question stands; those
        that are said anew, whoever says them does."""
        await self._crier.erase(session, [entry for entry in shown if not entry.about])
        for entry in shown:
            if not entry.renewed:
                key = f"redact/{entry.message_key}"
                await self._outbox.redact(session, key, target=entry.message_key)

    def _shown(self, session: WriteSession, key: str, question: Question) -> None:
        session.add(Shown(message_key=key, question_id=question.id, renewed=True, about=True))

    async def _confirm(self, session: WriteSession, question: Question) -> None:
        if question.direct:
            if question.state != State.PENDING:
                key = f"post/{question.id}"
                content = notice(_post(question))
                if await self._outbox.message(
                    session, key, question.room_id, content, Urgency.ANSWER
                ):
                    self._shown(session, key, question)
        elif question.source is not None:
            pending = question.state == State.PENDING
            key = f"chip/{question.id}" + ("/pending" if pending else "")
            emoji = chip(question.number, pending)
            await self._outbox.react(
                session, key, question.room_id, emoji, event_id=question.source
            )

    async def _renew(self, session: WriteSession, key: str, room: str, text: Text) -> None:
        content = notice(text)
        if await self._outbox.says(session, key) in (None, content):
            return
        address = next(iter(await addresses_of(session, room)), room)
        if may_edit(self._settings, address, await is_bridged(session, room)):
            await self._outbox.edit(session, key, content)

    async def _to_direct(
        self, session: WriteSession, question: Question, key: str, template: str, reason: str
    ) -> bool:
        """Tell the asker in the direct chat with the bot; whether there is one."""
        room = None if question.relayed else await direct_chat(session, question.asker)
        if room is None or question.asker is None:
            return False
        name = question.asker_name or question.asker
        text = say(template, name=name, number=question.number, reason=reason)
        content = to_persons(text, [question.asker])
        await self._outbox.message(session, key, room, content, Urgency.CHANGE)
        return True

    async def _hosts_rooms(self, session: AsyncSession, question: Question) -> list[str]:
        address = self._address(question)
        return await self._hosts.rooms_of(session, address) if address is not None else []

    def _address(self, question: Question) -> str | None:
        talk = self._programme.talks.get(question.talk)
        return self._programme.address_for(talk) if talk is not None else None

    def _card(self, question: Question) -> Text:
        room = short_name(self._address(question) or question.room_id)
        if not question.text:
            return say(texts.CARD_GONE, room=room, number=str(question.number))
        state = texts.CARD_SKIPPED if question.skipped else texts.CARD_STATES[question.state]
        return say(
            texts.CARD,
            room=room,
            number=str(question.number),
            state=state,
            text=literal(question.text, LONGEST_TEXT),
            name=question.asker_name or texts.NAMELESS,
        )


def _source(questions: Sequence[Question]) -> str | None:
    """The message in the talk room to reply to."""
    return next((q.source for q in questions if not q.direct), None)


def _post(question: Question) -> Text:
    template = texts.POST if question.asker_name else texts.POST_NAMELESS
    return say(
        template if question.text else texts.CARD_GONE,
        room="",
        number=str(question.number),
        text=literal(question.text, LONGEST_TEXT),
        name=question.asker_name,
    )
