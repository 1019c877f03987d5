"""What the bot says of a single question: to its asker, to the room, to the hosts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.clock import Clock
from fosdembot.conference.addresses import short_name
from fosdembot.conference.hosts import Hosts
from fosdembot.conference.notice_scheduler import NoticeScheduler
from fosdembot.conference.programme import Programme
from fosdembot.conference.question_rooms import talk_room
from fosdembot.conference.room_settings import edits_in
from fosdembot.conference.room_view import RoomViews
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Question, Shown
from fosdembot.matrix.content import notice, to_persons
from fosdembot.matrix.direct import direct_chat
from fosdembot.matrix.outbox import Outbox, Urgency, edit_key
from fosdembot.matrix.outbox_read_ahead import OutboxReadAhead, look_up
from fosdembot.matrix.room_addresses import addresses_of
from fosdembot.matrix.wake import Wake
from fosdembot.notifications.card_pace import CardPace
from fosdembot.notifications.in_meeting import decided_there
from fosdembot.notifications.lists import say_without
from fosdembot.notifications.places_of_question import (
    LONGEST_TEXT,
    card_key,
    is_card,
    is_post,
    is_posted,
    post_key,
    post_text,
    seen_as,
)
from fosdembot.questions.emoji import Tap, chip
from fosdembot.questions.guests import is_guest
from fosdembot.questions.lookup import group
from fosdembot.questions.shown import ever_shown_in, messages_about, said_about
from fosdembot.questions.states import ON_BOARD, State
from fosdembot.settings import Settings
from fosdembot.talks.naming import title_of
from fosdembot.texts import hall as hall_texts
from fosdembot.texts import hosts as hosts_texts
from fosdembot.texts import questions as texts
from fosdembot.texts.render import Text, literal, say
from fosdembot.texts.words import names

TAKEN_HOLDS = timedelta(minutes=10)
"""After that nobody needs to be told that his question is on."""
MOST_ASKERS = 10
_LET_IN = (*ON_BOARD, State.ANSWERED)
"""The states of a question that the audience may read."""
_NOTHING = Text("", "")


class Cards:
    def __init__(
        self,
        outbox: Outbox,
        programme: Programme,
        views: RoomViews,
        hosts: Hosts,
        notice_scheduler: NoticeScheduler,
        settings: Settings,
        clock: Clock,
    ) -> None:
        self._outbox = outbox
        self._programme = programme
        self._views = views
        self._hosts = hosts
        self._notice_scheduler = notice_scheduler
        self._settings = settings
        self._clock = clock
        self.pace = CardPace(settings.limits.cards_per_minute)
        self.late = Wake()
        """Set where cards had to wait, after the commit; see `late_cards.py`."""

    async def asked(self, session: WriteSession, question: Question) -> None:
        """A question is new: the asker's chip, or its post in the room, and a card for the
        hosts. A text for the asker is the caller's."""
        await self.confirm(session, question)
        await self._show_to_hosts(session, question)

    async def asked_again(self, session: WriteSession, question: Question, cause: str) -> None:
        """A question that was taken back stands again: what was redacted of its post and cards
        is put anew, for this cause."""
        await self.changed(session, [question])
        said = (await said_about(session, [question.id]))[question.id]
        if is_posted(question) and not any(map(is_post, said)):
            await self._put_post(session, f"{post_key(question)}/{cause}", question)
        await self._show_to_hosts(session, question)

    async def followed(self, session: WriteSession, questions: Iterable[Question]) -> None:
        """These went with their talk into another room, where they have other numbers; that
        they are said there is up to the caller (`confirm`)."""
        for question in questions:
            for said in await messages_about(session, question.id):
                if not said.key.startswith("card/"):
                    await self._outbox.redact(session, f"redact/{said.key}", target=said.key)
            for key in (f"chip/{question.id}", f"chip/{question.id}/pending"):
                if await self._outbox.unredacted(session, key) is not None:
                    await self._outbox.redact(session, f"redact/{key}", target=key)
            if question.text:
                await self._renew_about(session, question)
            if question.merged_into is None:
                await self._show_to_hosts(session, question)

    async def _show_to_hosts(self, session: WriteSession, question: Question) -> None:
        """By a card in each of their rooms that has none, as far as the pace allows."""
        address = self._programme.address_by_guid(question.talk)
        rooms = await self._hosts.rooms_of(session, address) if address is not None else []
        for room in rooms:
            if not await self.put(session, room, question):
                session.after_commit(partial(self._waits, room))

    def _waits(self, room: str) -> None:
        """Cards have to wait in a hosts' room, as it stands in the database."""
        if self.pace.is_first_refusal(room, self._clock.now()):
            self.late.set()

    async def put(self, session: WriteSession, room: str, question: Question) -> bool:
        """A card in one hosts' room, if it has none; False where it has to wait."""
        said = await said_about(session, [question.id])
        if any(is_card(key, question, room) for key in said[question.id]):
            return True
        key = await self._new_card_key(session, question, room)
        if not self.pace.allows(room, key, self._clock.now()):
            return False
        await self._put_with_buttons(session, key, room, question)
        return True

    async def _new_card_key(self, session: AsyncSession, question: Question, room: str) -> str:
        """Under which none was put there."""
        used = await ever_shown_in(session, question.id)
        cards = [key for key in used if is_card(key, question, room)]
        first = card_key(question, room)
        return f"{first}/again{len(cards)}" if cards else first

    async def _put_with_buttons(
        self, session: WriteSession, key: str, room: str, question: Question
    ) -> None:
        buttons = {f"{key}/{place}": emoji for place, emoji in enumerate(Tap)}
        await look_up(session, [key, *buttons])
        await self._put_card(session, key, room, question)
        for button, emoji in buttons.items():
            await self._outbox.react(
                session, button, room, emoji, target=key, urgency=Urgency.BUTTON
            )
        OutboxReadAhead.forget(session)

    async def changed(self, session: WriteSession, questions: Iterable[Question]) -> None:
        """These stand otherwise now, or say something else."""
        for question in questions:
            await self.confirm(session, question)
            if question.text:  # Else `erase` sees to it.
                await self._renew_about(session, question)

    async def _renew_about(self, session: WriteSession, question: Question) -> None:
        for said in await messages_about(session, question.id):
            if said.key.startswith("card/"):
                if await self._hosts.unfit(session, said.room_id) is not None:
                    continue  # It was opened to others since.
                await self._renew_card(session, said.key, said.room_id, question)
            elif said.room_id == question.room_id and question.state in _LET_IN:
                await self._renew(session, said.key, said.room_id, post_text(question))

    async def taken(self, session: WriteSession, question: Question, cause: str) -> None:
        """Whoever asked it, or one that was merged into it, is notified; who asked without
        a name, only in the direct chat."""
        key, named = f"taken/{question.id}/{cause}", []
        expires = self._clock.now() + TAKEN_HOLDS
        for each in (await group(session, question))[:MOST_ASKERS]:
            if each.asker_name:
                named.append(each)
            else:
                text = await self.say_directly(session, texts.TAKEN_DIRECT, question)
                await self.tell_directly(session, key, each, text, expires)
        await self.tell_in_room(session, key, question, named, texts.TAKEN, "", expires)

    async def erase(self, session: WriteSession, shown: Sequence[Shown]) -> None:
        """Take messages of ours out of the rooms in which a redacted question stands: an edit
        would leave its text in the history. Notices show others as
        well, and are the notice scheduler's."""
        await self._notice_scheduler.erase(session, [entry for entry in shown if not entry.about])
        for entry in shown:
            if await say_without(self._outbox, session, entry.message_key, entry.question_id):
                continue
            if entry.about or not entry.renewed:
                key = f"redact/{entry.message_key}"
                await self._outbox.redact(session, key, target=entry.message_key)

    async def forget_versions(
        self, session: WriteSession, key: str, question: Question, again: str | None
    ) -> None:
        """What a card or post of a question said between its first words and its newest edit is
        gone. `again`: its first words as well; it is put anew, for this cause."""
        said = await self._outbox.unredacted(session, key)
        if said is None:
            return
        if again is None:
            await self._outbox.redact_versions(session, [edit_key(key)])
            return
        await self._outbox.redact(session, f"redact/{key}", target=key)
        if not key.startswith("card/"):
            await self._put_post(session, f"{post_key(question)}/{again}", question)
        elif await self._hosts.unfit(session, said.room_id) is None:
            anew = f"{card_key(question, said.room_id)}/{again}"
            await self._put_with_buttons(session, anew, said.room_id, question)

    # Chips and posts in the talk room.

    async def confirm(self, session: WriteSession, question: Question) -> None:
        """Its number stands at the asker's message, or it is said in the talk room."""
        if is_posted(question):
            await self._post(session, question)
        elif question.source is not None:
            await self._put_chip(session, question, question.source)

    async def _post(self, session: WriteSession, question: Question) -> None:
        """What was asked directly stands in the room as long as its asker wants it."""
        if question.state == State.WITHDRAWN:
            for key in (await said_about(session, [question.id]))[question.id]:
                if is_post(key):
                    await self._outbox.redact(session, f"redact/{key}", target=key)
        else:
            await self._put_post(session, post_key(question), question)

    async def _put_post(self, session: WriteSession, key: str, question: Question) -> None:
        if question.state in _LET_IN and await self._outbox.message(
            session, key, question.room_id, notice(post_text(question)), Urgency.ANSWER
        ):
            await self._about(session, key, question)

    async def _put_chip(self, session: WriteSession, question: Question, source: str) -> None:
        key, room, number = f"chip/{question.id}", question.room_id, question.number
        waiting = f"{key}/pending"
        if question.state == State.PENDING:
            # One that goes back to a moderator keeps what its voters tap on.
            if await self._outbox.find(session, key) is None:
                await self._outbox.react(
                    session, waiting, room, chip(number, True), event_id=source
                )
            return
        if await self._outbox.unredacted(session, waiting) is not None:
            await self._outbox.redact(session, f"redact/{waiting}", target=waiting)
        if question.state in _LET_IN:
            await self._outbox.react(session, key, room, chip(number, False), event_id=source)

    # Cards in hosts' rooms.

    async def _put_card(
        self, session: WriteSession, key: str, room: str, question: Question
    ) -> None:
        content = notice(await self._card(session, question))
        if await self._outbox.message(session, key, room, content, Urgency.ANSWER):
            await self._about(session, key, question)

    async def _renew_card(
        self, session: WriteSession, key: str, room: str, question: Question
    ) -> None:
        """Where cards cannot be edited, only what waits for a host is said anew."""
        if await self._renew(session, key, room, await self._card(session, question)):
            return
        if question.state == State.PENDING:
            again = f"{card_key(question, room)}/{question.state_at.isoformat()}"
            await self._put_card(session, again, room, question)

    async def _card(self, session: AsyncSession, question: Question) -> Text:
        into = await session.get(Question, question.merged_into) if question.merged_into else None
        states = hosts_texts.CARD_STATES
        state = hosts_texts.CARD_SKIPPED if question.skipped else states[question.state]
        return say(
            hosts_texts.CARD,
            room=await self._room_name(session, question),
            number=str(question.number),
            state=say(state, number=str(into.number) if into is not None else ""),
            by=await decided_there(session, question) if state else _NOTHING,
            text=literal(question.text, LONGEST_TEXT),
            name=question.asker_name or _nameless(question),
            talk=await self._other_talk(session, question),
        )

    async def _other_talk(self, session: AsyncSession, question: Question) -> Text:
        """The talk that it is for, where that is not the one on the stream."""
        talk, address = (
            self._programme.talks.get(question.talk),
            self._programme.address_by_guid(question.talk),
        )
        if talk is None or address is None:
            return _NOTHING
        talks = await self._views.audience(session, address, self._clock.now())
        if any(slot.talk.guid == question.talk for slot in talks.on):
            return _NOTHING
        return say(hosts_texts.CARD_TALK, title=title_of(talk))

    # How it is done.

    async def _room_name(self, session: AsyncSession, question: Question) -> str:
        """Of the room in which it has its number."""
        room = await talk_room(session, self._programme, question)
        return short_name(next(iter(await addresses_of(session, room)), room))

    async def _about(self, session: WriteSession, key: str, question: Question) -> None:
        # What was taken back before it was sent may come again under its key.
        shown = Shown(message_key=key, question_id=question.id, renewed=True, about=True)
        await session.merge(shown)

    async def _renew(self, session: WriteSession, key: str, room: str, text: Text) -> bool:
        """Let a message say `text`; whether messages can be edited there."""
        if not await edits_in(session, self._settings, room):
            return False
        content = await self._outbox.fitted(session, room, notice(text))
        if await self._outbox.says(session, key) not in (None, content):
            await self._outbox.edit(session, key, content)
        return True

    async def say_directly(
        self, session: AsyncSession, template: str, question: Question, reason: str = ""
    ) -> Text:
        room = await self._room_name(session, question)
        return say(template, room=room, number=str(question.number), reason=reason)

    async def tell_directly(
        self,
        session: WriteSession,
        key: str,
        asked: Question,
        text: Text,
        expires: datetime | None = None,
    ) -> bool:
        """Tell who `asked` in the direct chat with the bot, once for `key`; whether there is
        one."""
        room = None if asked.relayed else await direct_chat(session, asked.asker)
        if room is None or asked.asker is None:
            return False
        content = to_persons(text, [asked.asker])
        await self._outbox.message(
            session, f"{key}/{room}", room, content, Urgency.CHANGE, expires=expires
        )
        return True

    async def correct_directly(
        self, session: WriteSession, key: str, asked: Question, text: Text
    ) -> None:
        """What who `asked` was told for `key`, if anything, says something else now."""
        room = None if asked.relayed else await direct_chat(session, asked.asker)
        if room is not None and asked.asker is not None:
            await self._outbox.edit(session, f"{key}/{room}", to_persons(text, [asked.asker]))

    async def is_told(self, session: AsyncSession, key: str, asked: Question) -> bool:
        """Whether who `asked` was told directly for `key`."""
        room = None if asked.relayed else await direct_chat(session, asked.asker)
        return room is not None and await self._outbox.find(session, f"{key}/{room}") is not None

    async def tell_in_room(
        self,
        session: WriteSession,
        key: str,
        question: Question,
        asked: Sequence[Question],
        template: str,
        reason: str,
        expires: datetime | None = None,
    ) -> None:
        """Name those who `asked`, all of them with a name; a relay's people are no accounts
        to be notified."""
        if not asked:
            return
        called = names(list(dict.fromkeys(each.asker_name for each in asked)))
        text = say(template, name=called, number=str(question.number), reason=reason)
        people = [each.asker for each in asked if each.asker is not None and not each.relayed]
        room = await talk_room(session, self._programme, question)
        here = await seen_as(session, self._outbox, question) if room == question.room_id else None
        content = to_persons(text, people, here)
        await self._outbox.message(session, key, room, content, Urgency.CHANGE, expires=expires)


def _nameless(question: Question) -> str:
    """What stands for the name of who asked without one."""
    in_hall = question.asker is not None and is_guest(question.asker)
    return hall_texts.FROM_HALL if in_hall else hosts_texts.NAMELESS
