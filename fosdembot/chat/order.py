"""Who hears what comes in a room, and in which order: this is the one place that says so.

Each listener says whether it has seen to what came: then those below it do not hear it. Those who
only take note say that they have not. What no listener has seen to may be a command.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from fosdembot.chat.changed_messages import ChangedMessages
from fosdembot.chat.commands.answer import Answering
from fosdembot.chat.commands.ask import AskingCommands
from fosdembot.chat.commands.hosts_words import HostsWords
from fosdembot.chat.commands.vote import VotingCommands
from fosdembot.chat.direct.questions import DirectChats
from fosdembot.chat.edits.answer import AnswerEdits
from fosdembot.chat.edits.claim import ClaimEdits
from fosdembot.chat.edits.question import QuestionEdits
from fosdembot.chat.edits.reason import ReasonEdits
from fosdembot.chat.edits.vote import VoteEdits
from fosdembot.chat.incoming import Edit, Incoming, Membership, Message, Reaction, Redaction
from fosdembot.chat.letters.replies import LetterReplies
from fosdembot.chat.membership import Voters
from fosdembot.chat.reactions.answers import AnswerTaps
from fosdembot.chat.reactions.check_in import CheckInTaps
from fosdembot.chat.reactions.decisions import Taps
from fosdembot.chat.reactions.proposals import Proposals
from fosdembot.chat.reactions.reasons import ReasonTaps
from fosdembot.chat.reactions.vote import VoteTaps
from fosdembot.chat.redactions.board import RedactedBoards
from fosdembot.chat.redactions.call import RedactedCalls
from fosdembot.chat.redactions.edit import RedactedEdits
from fosdembot.chat.redactions.message import RedactedMessages
from fosdembot.chat.runner import WithoutPrefix
from fosdembot.db.engine import WriteSession

T = TypeVar("T", bound=Incoming)
Listener = Callable[[WriteSession, T], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Order:
    messages: Sequence[Listener[Message]]
    """New ones; before they may be commands. Not in talk rooms where a message is no command,
    relates to nothing and goes with others (`together.py`)."""
    remarks: Sequence[Listener[Message]]
    """New messages that are no commands."""
    edits: Sequence[Listener[Edit]]
    """Before what they turn a message into may be a command."""
    reactions: Sequence[Listener[Reaction]]
    redactions: Sequence[Listener[Redaction]]
    memberships: Sequence[Listener[Membership]]
    without_prefix: Sequence[WithoutPrefix]
    """Who finds a command where none is typed with a prefix: the first that does."""


@dataclass(frozen=True)
class Hearers:
    """The parts of chat that hear something."""

    changed: ChangedMessages
    direct: DirectChats
    letters: LetterReplies
    answers: Answering
    vote_edits: VoteEdits
    reason_edits: ReasonEdits
    claim_edits: ClaimEdits
    answer_edits: AnswerEdits
    question_edits: QuestionEdits
    reason_taps: ReasonTaps
    vote_taps: VoteTaps
    taps: Taps
    answer_taps: AnswerTaps
    check_in_taps: CheckInTaps
    proposals: Proposals
    boards: RedactedBoards
    calls: RedactedCalls
    messages: RedactedMessages
    edits: RedactedEdits
    voters: Voters
    hosts_words: HostsWords
    asking: AskingCommands
    voting: VotingCommands


def order_of(parts: Hearers) -> Order:
    return Order(
        messages=(
            # Takes note, as of edits and redactions.
            parts.changed.answered,
            # The name of a room that the bot asked for. It comes first: whoever was also written
            # a letter has just been asked, and means that.
            parts.direct.hear,
            # What a speaker writes in the chat of a letter is an answer, even where it looks
            # like chat.
            parts.letters.hear,
        ),
        remarks=(
            # A reply to a question, which is an answer, or may become one.
            parts.answers.replied,
        ),
        edits=_edits(parts),
        reactions=_reactions(parts),
        redactions=_redactions(parts),
        memberships=(parts.voters.changed,),
        without_prefix=(
            # `take 12` in a hosts' room. It comes first: there, a reply to a card commands.
            parts.hosts_words.read,
            # `Q: How small?`; before votes: it may be a reply.
            parts.asking.read,
            # `+1` in reply to a question.
            parts.voting.read,
        ),
    )


def _edits(parts: Hearers) -> Sequence[Listener[Edit]]:
    return (
        # Takes note, as of redactions.
        parts.changed.edited,
        # Votes come first: a vote is taken back before what else the message says counts.
        parts.vote_edits.edited,
        # The question that waits for the name of its room.
        parts.direct.hear,
        # A reason, a claim to speak, an answer: a message has done one of these at most.
        parts.reason_edits.edited,
        parts.claim_edits.edited,
        parts.answer_edits.edited,
        # An answer to a letter; after those that know their message: it takes any text.
        parts.letters.hear,
        # Takes note that a message that is being read is another now.
        parts.proposals.changed,
        # A question. It comes last: a message that also voted, or answered, has been seen to
        # by those above.
        parts.question_edits.edited,
    )


def _reactions(parts: Hearers) -> Sequence[Listener[Reaction]]:
    return (
        # ✅ on the bot's question whether to post a reason. It comes first: the same ✅ on a
        # question is a decision.
        parts.reason_taps.reacted,
        # 👍, and the number of a question. Before decisions: nobody's vote needs power.
        parts.vote_taps.reacted,
        # ⭐, ▶, 🚫, ✅ by those who may decide; and ✅ on a claim to speak.
        parts.taps.reacted,
        # ✅ and 💬 on a remark make it an answer, where they decided nothing.
        parts.answer_taps.reacted,
        # 🔕 on what hosts are told of a missing speaker.
        parts.check_in_taps.reacted,
        # ❓ makes a message a question.
        parts.proposals.reacted,
    )


def _redactions(parts: Hearers) -> Sequence[Listener[Redaction]]:
    return (
        # These four take note: a message can have been more than one thing.
        parts.changed.redacted,
        parts.boards.redacted,
        parts.reason_taps.redacted,
        parts.calls.redacted,
        # A tap that decided, or a claim to speak: then it was nothing else.
        parts.taps.redacted,
        # A tap that marked an answer.
        parts.answer_taps.redacted,
        # A tap by which hosts wanted to hear no more of a talk.
        parts.check_in_taps.redacted,
        # Takes note, as of edits.
        parts.proposals.changed,
        # A question, vote or answer goes with its message.
        parts.messages.redacted,
        # An edit goes, and its message says again what it said before. It comes last: what
        # the edit itself did (a vote, a call) is taken back by then.
        parts.edits.redacted,
    )
