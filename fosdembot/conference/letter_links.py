"""The secret link in a letter, by which its speaker answers on a page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fosdembot.conference.page_addresses import PageAddresses
from fosdembot.conference.page_links import LinkFor, LinkKind, PageLinks, TooManyLinks
from fosdembot.db.engine import WriteSession
from fosdembot.db.question_tables import Letter
from fosdembot.matrix.members import display_name
from fosdembot.texts.render import Text, link


@dataclass(frozen=True, slots=True)
class LetterLinks:
    links: PageLinks
    addresses: PageAddresses

    async def of(
        self, session: WriteSession, letter: Letter, chat: str, now: datetime
    ) -> Text | None:
        """A new one, in the transaction of what is said in the `chat` with the speaker; None where
        there are no pages, or as many links to the talk as there may be."""
        if not self.addresses.are_on:
            return None
        name = await self._name(session, letter, chat)
        for_what = LinkFor(LinkKind.SPEAKER, talk=letter.talk)
        try:
            secret = await self.links.make(session, for_what, name, now)
        except TooManyLinks:
            return None
        return link(self.addresses.link(secret))

    async def _name(self, session: WriteSession, letter: Letter, chat: str) -> str:
        """As the programme has it, where it names one speaker; else what they call themselves."""
        talk = self.addresses.programme.talks.get(letter.talk)
        if talk is not None and len(talk.persons) == 1:
            return talk.persons[0]
        return await display_name(session, chat, letter.person)
