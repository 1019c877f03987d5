"""`!transcript`: where the transcript of a talk is; a moderator has it made now."""

from __future__ import annotations

from dataclasses import dataclass

from fosdembot.actions.transcripts import TranscriptActions
from fosdembot.chat.command import Command, Commands, Declined, Entry
from fosdembot.chat.meant.talk import Case, TalkChoice
from fosdembot.db.transcript_tables import TranscriptRow
from fosdembot.settings import Settings
from fosdembot.talks.naming import talk_named
from fosdembot.talks.slots import StageSlot
from fosdembot.talks.transcript_url import transcript_url
from fosdembot.texts import transcripts as texts
from fosdembot.texts.render import Text, link, say


@dataclass(frozen=True, slots=True)
class TranscriptCommand:
    _actions: TranscriptActions
    _choice: TalkChoice
    _settings: Settings

    def table(self) -> Commands:
        return {"transcript": Entry(self._transcript, question=True)}

    async def _transcript(self, command: Command) -> Text:
        case = await self._choice.case(command)
        if not self._settings.transcripts.folder.strip() or self._settings.rehearsal.room:
            raise Declined(say(texts.NONE_AT_ALL))
        slot = self._meant(case)
        talk = talk_named(slot.talk, with_speakers=False)
        session, actor, address = command.session, command.actor, case.room.address
        row = await session.get(TranscriptRow, slot.talk.guid)
        is_made = row is not None and row.made_at is not None
        # Before it is made, nobody knows better than the settings.
        may_read = row is None or row.published or not is_made
        url = link(transcript_url(self._settings, slot.talk.guid)) if may_read else None
        if await self._actions.may(session, actor, address):
            await self._actions.make(session, actor, address, slot.talk.guid)
            return _said(texts.MAKING, texts.MAKING_PRIVATELY, talk, url)
        return _said(texts.HERE if is_made else texts.LATER, texts.NOT_PUBLIC, talk, url)

    def _meant(self, case: Case) -> StageSlot:
        """The talk that is named, else the one that is on or was last, else the first. Raises
        `Declined`."""
        if name := case.found.rest.strip():
            return self._choice.named(case, name)
        slots = [slot for slot in case.room.slots if slot.takes_place and not slot.is_break]
        if not slots:
            raise Declined(say(texts.NO_TALKS))
        begun = [slot for slot in slots if slot.start <= case.at]
        return begun[-1] if begun else slots[0]


def _said(public: str, private: str, talk: Text, url: Text | None) -> Text:
    """`private`: where nobody else can read it."""
    return say(private, talk=talk) if url is None else say(public, talk=talk, url=url)
