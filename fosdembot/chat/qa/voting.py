"""Votes: by reaction, `!vote 12`, `+1` as a reply; and who may not vote any more."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from fosdembot.chat import versions
from fosdembot.chat.command import Command, Commands, Declined, Entry, Place
from fosdembot.chat.parser import Call, is_plus_one
from fosdembot.chat.places import Places
from fosdembot.chat.qa import conversations
from fosdembot.chat.qa.pointing import Pointing
from fosdembot.chat.reading import Message
from fosdembot.chat.router import Router
from fosdembot.conference.addresses import short_name
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Question, QuestionRoom, Version, VoteMark
from fosdembot.db.tables import SeenEvent
from fosdembot.matrix.api import Json
from fosdembot.matrix.power import is_bridged_by
from fosdembot.matrix.relations import annotation, replaced
from fosdembot.matrix.room_addresses import addresses_of
from fosdembot.matrix.timeline import membership
from fosdembot.questions import lookup
from fosdembot.questions.desk import Desk
from fosdembot.questions.emoji import is_only_vote, is_vote
from fosdembot.questions.states import State
from fosdembot.questions.votes import Cast
from fosdembot.settings import QuestionSettings
from fosdembot.texts import questions as texts
from fosdembot.texts.render import Text, say, sentences

VOTE = ("vote", "upvote")
"""The words that vote."""
_LONGEST_VOTE = 20
"""Characters of a reply that is a vote."""
_CLOSED = (State.DISMISSED, State.WITHDRAWN)


class Voting:
    def __init__(
        self,
        router: Router,
        desk: Desk,
        pointing: Pointing,
        places: Places,
        settings: QuestionSettings,
        prefix: str,
    ) -> None:
        self._router = router
        self._desk = desk
        self._places = places
        self._pointing = pointing
        self._settings = settings
        self._prefix = prefix

    def table(self) -> Commands:
        return {**dict.fromkeys(VOTE, Entry(self._vote)), "unvote": Entry(self._unvote)}

    async def read(
        self, session: WriteSession, room: str, place: Place, message: Message
    ) -> Call | None:
        """`+1`, or what would be a vote as a reaction, in reply to a question."""
        target = message.reply_to
        question = await lookup.by_event(session, target) if target is not None else None
        if question is None or not self._votes(message.text, question):
            return None
        return Call("vote", "", message.nick)

    async def edited(self, session: WriteSession, room: str, event: Json) -> bool:
        """A message: whether it is an edit of one that voted, and still votes. Where it says
        something else now, the vote is taken back, and what it says is looked at."""
        original = replaced(event["content"])
        if original is None:
            return False
        mark = await session.get(VoteMark, original)
        if mark is None:
            return await self._votes_again(session, room, event, original)
        if mark.person != event["sender"]:
            return False
        question = await session.get_one(Question, mark.question_id)
        call = await self._router.call(session, room, event)
        message = self._router.messages.message(event["sender"], event["content"])
        if call is not None and call.word in VOTE:
            if not call.arguments:  # To what it replies an edit does not say: to the same.
                return True
            await self._desk.retract_vote(session, original)
            await self._router.obey(session, room, event, call, original)
            return True
        if message is not None and self._votes(message.text, question):
            return True
        await self._desk.retract_vote(session, original)
        if call is None or await lookup.by_source(session, original) is not None:
            return False
        await self._router.obey(session, room, event, call, original)
        return True

    async def _votes_again(
        self, session: WriteSession, room: str, event: Json, original: str
    ) -> bool:
        """An edit of a message that does not vote: whether it votes as its first words did,
        which it may at any time."""
        call = await self._router.call(session, room, event)
        if call is None or call.word not in VOTE:
            return False
        seen = await session.get(SeenEvent, original)
        if seen is None or seen.sender != event["sender"]:
            return False
        first = await versions.find(session, original)
        before = await versions.newest(session, original)
        if first is None or before is None:
            return False
        if not await self._says_vote(session, room, event, first):
            return False
        if await lookup.by_source(session, original) is not None:
            return False  # It asks; what becomes of that is seen to elsewhere.
        if await self._says_vote(session, room, event, before):
            # What was taken back by `!unvote` does not come back with a correction.
            return not call.arguments
        await self._router.obey(session, room, event, call, original)
        return True

    async def _says_vote(
        self, session: WriteSession, room: str, event: Json, version: Version
    ) -> bool:
        """Whether what a message said before votes."""
        content = {**version.content, **await _relation(session, version)}
        call = await self._router.call(session, room, {**event, "content": content})
        return call is not None and call.word in VOTE

    async def reacted(self, session: WriteSession, room: str, event: Json) -> bool:
        """A reaction: whether it is a vote."""
        found = annotation(event)
        if found is None:
            return False
        target, key = found
        question = await lookup.by_event(session, target)
        if question is None or not self._is_vote(key, question):
            return False
        # What does not count now, because of a ban for example, may count one day.
        if not self._is_relay(event["sender"]):
            await self._desk.vote(session, question, event["sender"], event["event_id"])
        return True

    def may_go_together(self, event: Json) -> bool:
        """Whether an event is a reaction that votes or means nothing."""
        found = annotation(event)
        return (
            found is not None
            and is_only_vote(found[1], self._settings.vote_emoji)
            and not self._is_relay(event["sender"])
        )

    async def handle_together(
        self, session: WriteSession, events: Sequence[tuple[str, Json]]
    ) -> None:
        """The effect of events (with their rooms) that `may_go_together`: as `reacted`, in a
        few statements for all of them."""
        found = [(room, event, annotation(event)) for room, event in events]
        reactions = [(room, event, *about) for room, event, about in found if about is not None]
        targets = await lookup.targets(session, {target for _, _, target, _ in reactions})
        casts: list[Cast] = []
        for room, event, about, key in reactions:
            target = targets.get(about)
            if target is None or target.room != room:
                continue
            if is_vote(key, target.number, self._settings.vote_emoji):
                sender, cause = event["sender"], event["event_id"]
                casts.append(Cast(target.question, target.root, sender, cause))
        if casts:
            await self._desk.vote_all(session, casts)

    async def member(self, session: WriteSession, room: str, event: Json) -> bool:
        """Somebody came, left, was removed or banned."""
        person, now = event.get("state_key"), membership(event)
        if not isinstance(person, str) or now is None:
            return False
        removed = now == "ban" or (now == "leave" and event["sender"] != person)
        # Whoever is banned before the first question may vote for none, either.
        if await session.get(QuestionRoom, room) is None and not removed:
            return False
        # A room that was replaced is emptied, and whoever is banned from the new one may
        # still be in it.
        if await self._places.of(session, room) is Place.TALK_ROOM:
            await self._desk.membership(session, room, person, now, removed)
        return False

    async def _vote(self, command: Command) -> Text | None:
        if command.place is Place.ELSEWHERE:
            # Anybody may bring others into a room of their own with the bot.
            raise Declined(say(texts.VOTE_ELSEWHERE))
        question, rest = await self._pointing.question(command)
        root = await self._checked(command, question)
        session, person = command.session, command.sender
        if question.state in _CLOSED or root.state in _CLOSED:
            number, state = str(question.number), texts.STATES[root.state]
            raise Declined(say(texts.NO_VOTES, number=number, state=state))
        if not self._settings.count_own_votes:
            # Before others, nobody is told to have asked what is asked without a name.
            private = command.place is Place.DIRECT
            for each in await lookup.group(session, root):
                if each.asker == person and (each.asker_name or private):
                    raise Declined(say(texts.OWN_VOTE))
        # An edit of the command is a vote for another question.
        await self._desk.retract_vote(session, command.event_id)
        await self._desk.vote(session, question, person, command.event_id)
        return await self._told(command, question, texts.VOTED, rest)

    async def _unvote(self, command: Command) -> Text | None:
        question, rest = await self._pointing.question(command)
        root = await self._checked(command, question)
        session, person = command.session, command.sender
        if not await self._desk.votes.has_voted(session, root, person):
            raise Declined(say(texts.NOT_VOTED, number=str(question.number)))
        await self._desk.unvote(session, root, person)
        return await self._told(command, question, texts.UNVOTED, rest)

    async def _checked(self, command: Command, question: Question) -> Question:
        """The question that the vote counts for. Raises `Declined` where this person's does
        not count."""
        session = command.session
        bars = await self._desk.votes.bars(session, question.scope, command.sender)
        if command.relayed or "relay" in bars or self._is_relay(command.sender):
            number = str(question.number)
            raise Declined(say(texts.RELAY_VOTE, p=self._prefix, number=number))
        if bars:
            raise Declined(say(texts.VOTE_BARRED))
        root = await session.get_one(Question, question.root)
        if root.asker is None:  # Forgotten, as the voters are; see db/retention.py.
            raise Declined(say(texts.VOTES_FINAL, number=str(question.number)))
        return root

    async def _told(
        self, command: Command, question: Question, template: str, rest: str
    ) -> Text | None:
        """Nothing in rooms but what was not done: the board shows the vote, which shall cost no
        message."""
        only = self._pointing.only_one(command, question, rest)
        if command.place is not Place.DIRECT:
            return sentences(only) if only else None
        session, at = command.session, command.at
        address = await _address(session, question)
        await conversations.is_about(session, command.sender, command.room, address, at)
        said = say(template, number=str(question.number), room=short_name(address))
        return sentences([said, *only])

    def _votes(self, text: str, question: Question) -> bool:
        """Whether a reply votes for the question."""
        return 0 < len(text) <= _LONGEST_VOTE and (
            is_plus_one(text) or self._is_vote(text, question)
        )

    def _is_vote(self, key: str, question: Question) -> bool:
        return is_vote(key, question.number, self._settings.vote_emoji)

    def _is_relay(self, person: str) -> bool:
        return is_bridged_by([person], self._settings.relays)


async def _relation(session: AsyncSession, version: Version) -> Json:
    reply = await versions.reply_of(session, version.original)
    return {"m.relates_to": reply} if reply else {}


async def _address(session: AsyncSession, question: Question) -> str:
    return next(iter(await addresses_of(session, question.room_id)), question.room_id)
