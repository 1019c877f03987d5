"""Ties together what chat does with questions."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from fosdembot.actions.access import Access
from fosdembot.actions.answering import AnswerActions
from fosdembot.actions.asking import Asking
from fosdembot.actions.deciding import Deciding
from fosdembot.actions.editing import Editing
from fosdembot.actions.hall import HallActions
from fosdembot.actions.moving_on import MovingOn
from fosdembot.actions.privacy import PrivacyActions
from fosdembot.actions.rooms import RoomActions
from fosdembot.actions.speakers import SpeakerActions
from fosdembot.actions.talks import TalkActions
from fosdembot.actions.undoing import Undoing
from fosdembot.actions.voting import Voting
from fosdembot.changes import Changes
from fosdembot.chat.changed_messages import ChangedMessages
from fosdembot.chat.commands.answer import Answering
from fosdembot.chat.commands.ask import AskingCommands
from fosdembot.chat.commands.decide import DecidingCommands
from fosdembot.chat.commands.decisions import Decisions
from fosdembot.chat.commands.dismiss import DismissCommand
from fosdembot.chat.commands.hosts_words import HostsWords
from fosdembot.chat.commands.merge import MergeCommand
from fosdembot.chat.commands.mod import CallingCommands
from fosdembot.chat.commands.move import MoveCommand, MoveTarget
from fosdembot.chat.commands.move_next import MoveNext
from fosdembot.chat.commands.privacy import PrivacyCommand
from fosdembot.chat.commands.qa import RoomQaCommands
from fosdembot.chat.commands.question import Showing
from fosdembot.chat.commands.questions import Listing
from fosdembot.chat.commands.talk_speaker import SpeakerCommands
from fosdembot.chat.commands.undo import UndoCommand
from fosdembot.chat.commands.undo_hint import UndoHint
from fosdembot.chat.commands.vote import VotingCommands
from fosdembot.chat.commands.withdraw import WithdrawCommand
from fosdembot.chat.direct.mine import MineCommand
from fosdembot.chat.direct.questions import DirectChats
from fosdembot.chat.edits.answer import AnswerEdits
from fosdembot.chat.edits.claim import ClaimEdits
from fosdembot.chat.edits.question import QuestionEdits
from fosdembot.chat.edits.reason import ReasonEdits
from fosdembot.chat.edits.vote import VoteEdits
from fosdembot.chat.intake import Intake
from fosdembot.chat.letters.meaning import LetterMeaning
from fosdembot.chat.letters.reading import LetterReader
from fosdembot.chat.letters.replies import LetterReplies
from fosdembot.chat.meant.question import QuestionChoice
from fosdembot.chat.meant.talk import TalkChoice
from fosdembot.chat.membership import Voters
from fosdembot.chat.order import Hearers, order_of
from fosdembot.chat.places import Places
from fosdembot.chat.rate_limit import RateLimit
from fosdembot.chat.reactions.answers import AnswerTaps
from fosdembot.chat.reactions.check_in import CheckInTaps
from fosdembot.chat.reactions.decisions import Taps
from fosdembot.chat.reactions.marked import MarkedMessages
from fosdembot.chat.reactions.proposals import Proposals
from fosdembot.chat.reactions.reasons import ReasonTaps
from fosdembot.chat.reactions.vote import VoteTaps
from fosdembot.chat.redactions.call import RedactedCalls
from fosdembot.chat.redactions.edit import RedactedEdits
from fosdembot.chat.redactions.message import RedactedMessages
from fosdembot.chat.router import Router
from fosdembot.chat.runner import CommandRunner
from fosdembot.chat.together import Runs
from fosdembot.chat.wiring import Added
from fosdembot.clock import Clock
from fosdembot.conference.control_room import ControlRoom
from fosdembot.conference.hosts import Hosts
from fosdembot.conference.page_addresses import PageAddresses
from fosdembot.conference.people import People
from fosdembot.conference.programme import Programme
from fosdembot.conference.room_view import RoomViews
from fosdembot.db.engine import Database
from fosdembot.log_lines import child
from fosdembot.matrix.api import Api
from fosdembot.matrix.outbox import Outbox
from fosdembot.notifications.answer_news import AnswerNews
from fosdembot.notifications.cards import Cards
from fosdembot.notifications.hearing import Hearing
from fosdembot.notifications.reasons import Reasons
from fosdembot.notifications.speaker_news import SpeakerNews
from fosdembot.questions.desk import Desk
from fosdembot.settings import Settings


@dataclass(frozen=True)
class Parts:
    """What the parts of this package are made of."""

    router: Router
    runner: CommandRunner
    added: Added
    places: Places
    access: Access
    talks: TalkActions
    hearing: Hearing
    """Hears what actions say that they did."""
    changes: Changes
    people: People
    hosts: Hosts
    cards: Cards
    reasons: Reasons
    speaker_news: SpeakerNews
    answer_news: AnswerNews
    programme: Programme
    views: RoomViews
    pages: PageAddresses
    desk: Desk
    outbox: Outbox
    control_room: ControlRoom
    api: Api
    database: Database
    settings: Settings
    clock: Clock
    user_id: str
    log: logging.Logger


def add_questions(parts: Parts) -> Proposals:
    """Add all commands about questions, and let everybody hear what concerns them; returns what
    is to run besides."""
    shared = _shared(parts)
    _add_attendees(parts, shared)
    _add_moderation(parts, shared)
    hearers = _hearers(parts, shared)
    together = Runs(parts.router.reader, hearers.vote_taps, hearers.voters)
    parts.router.follow(order_of(hearers), together)
    return hearers.proposals


@dataclass(frozen=True, slots=True)
class _Shared:
    """What commands share with those who hear something."""

    ask: Asking
    deciding: Deciding
    editing: Editing
    voting: Voting
    answers: AnswerActions
    speaking: SpeakerActions
    intake: Intake
    choice: QuestionChoice
    direct: DirectChats
    asking: AskingCommands
    voting_commands: VotingCommands
    answering: Answering
    speakers: SpeakerCommands


def _shared(parts: Parts) -> _Shared:
    runner, settings, prefix = parts.runner, parts.settings, parts.settings.command_prefix
    desk, access, finder = parts.desk, parts.access, parts.added.finder
    people, programme, hear = parts.people, parts.programme, parts.hearing.hear
    deciding, editing = Deciding(desk, access, parts.views), Editing(desk)
    voting, choice = Voting(desk, settings.questions), QuestionChoice(finder, prefix)
    answers = AnswerActions(deciding, access, people, parts.changes, hear)
    speaking = SpeakerActions(programme, access, people, parts.hosts, hear)
    ask = Asking(desk, access, programme, parts.views)
    intake = Intake(ask, parts.views, programme, finder, runner.refusals, settings)
    limit, clock = _rate_limit(parts), parts.clock
    direct = DirectChats(runner, intake, parts.views, finder, programme, limit, clock, prefix)
    showing = Showing(choice, finder, access)
    talk_choice = TalkChoice(programme, finder, runner.refusals)
    return _Shared(
        ask=ask,
        deciding=deciding,
        editing=editing,
        voting=voting,
        answers=answers,
        speaking=speaking,
        intake=intake,
        choice=choice,
        direct=direct,
        asking=AskingCommands(intake, direct, showing, editing, runner.refusals, prefix),
        voting_commands=VotingCommands(voting, choice, settings.questions),
        answering=Answering(choice, answers, clock),
        speakers=SpeakerCommands(speaking, parts.speaker_news, talk_choice, prefix),
    )


def _add_attendees(parts: Parts, shared: _Shared) -> None:
    """What attendees do: ask, take back, vote, call a moderator; and answers."""
    finder, prefix = parts.added.finder, parts.settings.command_prefix
    privacy = PrivacyActions(parts.programme, parts.settings, parts.changes)
    for commands in (
        Listing(finder, parts.access, parts.views, parts.outbox, parts.pages, prefix),
        shared.asking,
        WithdrawCommand(shared.deciding, shared.choice),
        shared.direct,
        MineCommand(prefix),
        shared.voting_commands,
        CallingCommands(parts.hosts, parts.control_room, parts.outbox, parts.settings),
        PrivacyCommand(privacy, parts.settings),
        shared.answering,
    ):
        parts.runner.add(commands.table())


def _add_moderation(parts: Parts, shared: _Shared) -> None:
    """What moderators and speakers do with questions."""
    programme, prefix = parts.programme, parts.settings.command_prefix
    desk, access, views = parts.desk, parts.access, parts.views
    deciding, choice = shared.deciding, shared.choice
    talk_choice = TalkChoice(programme, parts.added.finder, parts.runner.refusals)
    hint = UndoHint(programme, access, prefix)
    decisions = Decisions(deciding, parts.reasons, hint)
    target = MoveTarget(views, programme, prefix)
    move_next = MoveNext(MovingOn(desk, access, programme, views))
    rooms = RoomActions(desk, access, views, parts.settings, parts.hearing.hear)
    hall = HallActions(rooms, shared.ask, programme, parts.changes)
    undoing = Undoing(desk, access, parts.talks)
    parts.added.moderation.add_action("speaker", shared.speakers.command)
    for commands in (
        UndoCommand(undoing, parts.added.moderation, talk_choice, choice, programme),
        DecidingCommands(decisions, deciding, choice, views, hint),
        DismissCommand(decisions, choice),
        MergeCommand(deciding, choice, hint, prefix),
        MoveCommand(choice, deciding, access, target, move_next, hint),
        RoomQaCommands(rooms, hall, choice, talk_choice, views, prefix),
    ):
        parts.runner.add(commands.table())


def _hearers(parts: Parts, shared: _Shared) -> Hearers:
    runner, settings, clock = parts.runner, parts.settings, parts.clock
    editing, voting, answers = shared.editing, shared.voting, shared.answers
    limit, answer_news = _rate_limit(parts), parts.answer_news
    question_edits = QuestionEdits(runner, shared.intake, editing, voting, limit, clock)
    messages = RedactedMessages(editing, answers, voting, answer_news, parts.outbox, clock)
    hear, cards = parts.router.message, parts.cards
    return Hearers(
        changed=ChangedMessages(parts.changes, clock),
        direct=shared.direct,
        letters=_letters(parts, answers),
        answers=shared.answering,
        vote_edits=VoteEdits(runner, voting, settings.questions.vote_emoji),
        reason_edits=ReasonEdits(runner, shared.choice, parts.reasons),
        claim_edits=ClaimEdits(shared.speaking),
        answer_edits=AnswerEdits(runner, answers, answer_news, clock),
        question_edits=question_edits,
        reason_taps=ReasonTaps(parts.reasons, parts.access, settings.relays),
        vote_taps=VoteTaps(voting, settings.questions, clock),
        taps=Taps(shared.deciding, shared.speakers, clock, settings.questions.relays),
        answer_taps=AnswerTaps(answers, settings.relays, clock),
        check_in_taps=CheckInTaps(parts.added.meeting_actions, settings.relays, clock),
        proposals=_proposals(parts, editing, shared.intake),
        boards=parts.added.boards,
        calls=RedactedCalls(runner, parts.outbox),
        messages=messages,
        edits=RedactedEdits(hear, runner, question_edits, messages, cards, answer_news, clock),
        voters=Voters(parts.desk, parts.places),
        hosts_words=HostsWords(parts.added.finder),
        asking=shared.asking,
        voting=shared.voting_commands,
    )


def _rate_limit(parts: Parts) -> RateLimit:
    return RateLimit(parts.settings.limits.commands_per_minute)


def _letters(parts: Parts, answers: AnswerActions) -> LetterReplies:
    """What is answered to a letter."""
    runner, answer_news, prefix = parts.runner, parts.answer_news, parts.settings.command_prefix
    return LetterReplies(
        runner,
        LetterReader(parts.places, parts.outbox, prefix),
        LetterMeaning(runner, parts.added.finder, parts.programme, answer_news, prefix),
        answers,
        answer_news,
        _rate_limit(parts),
        parts.clock,
    )


def _proposals(parts: Parts, editing: Editing, intake: Intake) -> Proposals:
    """What becomes of messages that are marked with ❓."""
    reader, runner, settings = parts.router.reader, parts.runner, parts.settings
    marked = MarkedMessages(reader, runner, intake, editing, parts.access, settings, parts.user_id)
    return Proposals(
        marked,
        parts.views,
        parts.places,
        parts.api,
        parts.database,
        _rate_limit(parts),
        parts.clock,
        child(parts.log, "questions"),
    )
