"""What hosts are told of two questions that are perhaps one."""

from __future__ import annotations

from fosdembot.conference.addresses import short_name
from fosdembot.conference.hosts import Hosts
from fosdembot.conference.room_view import RoomViews
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Question
from fosdembot.matrix.content import notice
from fosdembot.matrix.outbox import Outbox, Urgency
from fosdembot.notifications.places_of_question import card_key
from fosdembot.texts import questions as texts
from fosdembot.texts.render import say


class SimilarHints:
    def __init__(self, outbox: Outbox, hosts: Hosts, views: RoomViews, prefix: str) -> None:
        self._outbox = outbox
        self._hosts = hosts
        self._views = views
        self._prefix = prefix

    async def asked(self, session: WriteSession, question: Question, alike: int) -> None:
        """Tell the hosts' rooms in which the new question has its card that question number
        `alike` asks much the same, and how to merge the two."""
        address = await self._views.address_of(session, question.room_id)
        if address is None:
            return
        text = say(
            texts.ALIKE_FOR_HOSTS,
            p=self._prefix,
            room=short_name(address),
            number=str(question.number),
            other=str(alike),
        )
        for room in await self._hosts.rooms_of(session, address):
            if await self._outbox.find(session, card_key(question, room)) is None:
                continue
            key = f"alike/{question.id}/{room}"
            await self._outbox.message(session, key, room, notice(text), Urgency.ANSWER)
