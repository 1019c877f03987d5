"""Ties together what chat does with questions."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from fosdembot.actions.access import Access
from fosdembot.actions.answering import AnswerActions
from fosdembot.actions.asking import Asking
from fosdembot.actions.deciding import Deciding
from fosdembot.actions.editing import Editing
from fosdembot.actions.moving_on import MovingOn
from fosdembot.actions.rooms import RoomActions
from fosdembot.actions.speakers import SpeakerActions
from fosdembot.actions.talks import TalkActions
from fosdembot.actions.undoing import Undoing
from fosdembot.actions.voting import Voting
from fosdembot.changes import Changes
from fosdembot.chat.commands.answer import Answering
from fosdembot.chat.commands.ask import AskingCommands
from fosdembot.chat.commands.decide import DecidingCommands
from fosdembot.chat.commands.hosts_words import HostsWords
from fosdembot.chat.commands.mod import CallingCommands
from fosdembot.chat.commands.move import MoveCommand, MoveTarget
from fosdembot.chat.commands.move_next import MoveNext
from fosdembot.chat.commands.qa import RoomQaCommands
from fosdembot.chat.commands.question import Showing
from fosdembot.chat.commands.questions import Listing
from fosdembot.chat.commands.talk_speaker import SpeakerCommands
from fosdembot.chat.commands.undo import UndoCommand
from fosdembot.chat.commands.undo_hint import UndoHint
from fosdembot.chat.commands.vote import VotingCommands
from fosdembot.chat.commands.withdraw import WithdrawCommand
from fosdembot.chat.direct.questions import DirectChats
from fosdembot.chat.edits.amending import Amending
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
from fosdembot.chat.reactions.decisions import Taps
from fosdembot.chat.reactions.marked import MarkedMessages
from fosdembot.chat.reactions.proposals import Proposals
from fosdembot.chat.reactions.reasons import ReasonTaps
from fosdembot.chat.redactions.edit import Unediting
from fosdembot.chat.router import Router
from fosdembot.chat.runner import CommandRunner
from fosdembot.chat.together import Runs
from fosdembot.chat.wiring import Added
from fosdembot.clock import Clock
from fosdembot.conference.control_room import ControlRoom
from fosdembot.conference.hosts import Hosts
from fosdembot.conference.people import People
from fosdembot.conference.programme import Programme
from fosdembot.conference.room_view import RoomViews
from fosdembot.db.engine import Database
from fosdembot.log_lines import child
from fosdembot.matrix.api import Api
from fosdembot.matrix.outbox import Outbox
from fosdembot.notifications.cards import Cards
from fosdembot.notifications.hearing import Hearing
from fosdembot.notifications.reasons import Reasons
from fosdembot.notifications.speaker_news import SpeakerNews
from fosdembot.notifications.written import Written
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
    written: Written
    programme: Programme
    views: RoomViews
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
    hearers = _hearers(parts)
    together = Runs(parts.router.reader, hearers.votes, hearers.voters)
    parts.router.follow(order_of(hearers), together)
    return hearers.proposals


def _hearers(parts: Parts) -> Hearers:
    runner, settings, prefix = parts.runner, parts.settings, parts.settings.command_prefix
    desk, access, finder = parts.desk, parts.access, parts.added.finder
    deciding, editing = Deciding(desk, access, parts.views), Editing(desk)
    choice = QuestionChoice(finder, prefix)
    talk_choice = TalkChoice(parts.programme, finder, runner.refusals)
    intake = Intake(
        Asking(desk, access, parts.programme, parts.views),
        parts.views,
        parts.programme,
        finder,
        runner.refusals,
        settings,
    )
    voting = Voting(desk, settings.questions)
    answers = AnswerActions(deciding, access, parts.people, parts.changes, parts.hearing.hear)

    runner.add(Listing(finder, access, parts.views, parts.outbox, prefix).table())
    direct, asking = _asking(parts, intake, editing, choice)
    votes = VotingCommands(runner, voting, choice, settings.questions, parts.clock)
    calling = CallingCommands(runner, parts.hosts, parts.control_room, parts.outbox, settings)
    withdraw = WithdrawCommand(deciding, choice)
    for commands in (asking, withdraw, direct, votes, calling):
        runner.add(commands.table())

    speakers = _speakers(parts, talk_choice)
    decisions = _moderation(parts, deciding, choice, talk_choice)
    answering = Answering(runner, choice, answers, parts.written, settings.relays, parts.clock)
    runner.add(answering.table())
    amending = Amending(runner, intake, editing, answers, voting, _rate_limit(parts), parts.clock)
    return Hearers(
        answers=answering,
        asking=asking,
        board=parts.added.board,
        calling=calling,
        deciding=decisions,
        direct=direct,
        editing=amending,
        hosts_words=HostsWords(finder),
        letters=_letters(parts, answers),
        proposals=_proposals(parts, editing, intake),
        reasons=ReasonTaps(parts.reasons, access, settings.relays),
        speakers=speakers,
        taps=Taps(deciding, speakers, parts.clock, settings.questions.relays),
        unediting=Unediting(
            parts.router.message, runner, amending, parts.cards, parts.written, parts.clock
        ),
        voters=Voters(desk, parts.places),
        votes=votes,
    )


def _rate_limit(parts: Parts) -> RateLimit:
    return RateLimit(parts.settings.limits.commands_per_minute)


def _asking(
    parts: Parts, intake: Intake, editing: Editing, choice: QuestionChoice
) -> tuple[DirectChats, AskingCommands]:
    runner, finder, prefix = parts.runner, parts.added.finder, parts.settings.command_prefix
    limit = _rate_limit(parts)
    direct = DirectChats(
        runner, intake, parts.views, finder, parts.programme, limit, parts.clock, prefix
    )
    showing = Showing(choice, finder, parts.access)
    asking = AskingCommands(intake, direct, showing, editing, runner.refusals, prefix)
    return direct, asking


def _speakers(parts: Parts, talk_choice: TalkChoice) -> SpeakerCommands:
    """`!talk speaker`."""
    actions = SpeakerActions(
        parts.programme, parts.access, parts.people, parts.hosts, parts.hearing.hear
    )
    prefix = parts.settings.command_prefix
    speakers = SpeakerCommands(actions, parts.speaker_news, talk_choice, prefix)
    parts.added.moderation.add_action("speaker", speakers.command)
    return speakers


def _moderation(
    parts: Parts, deciding: Deciding, choice: QuestionChoice, talk_choice: TalkChoice
) -> DecidingCommands:
    """What moderators and speakers do with questions."""
    runner, programme, prefix = parts.runner, parts.programme, parts.settings.command_prefix
    desk, access = parts.desk, parts.access
    hint = UndoHint(programme, access, prefix)
    commands = DecidingCommands(runner, deciding, parts.reasons, choice, parts.views, hint, prefix)
    move = MoveCommand(
        choice,
        deciding,
        access,
        MoveTarget(parts.views, programme, prefix),
        MoveNext(MovingOn(desk, access, programme, parts.views)),
        hint,
    )
    rooms = RoomActions(desk, access, parts.views, parts.settings, parts.hearing.hear)
    undoing = Undoing(desk, access, parts.talks)
    for each in (
        UndoCommand(undoing, parts.added.moderation, talk_choice, programme),
        commands,
        move,
        RoomQaCommands(rooms, choice, talk_choice, parts.views, prefix),
    ):
        runner.add(each.table())
    return commands


def _letters(parts: Parts, answers: AnswerActions) -> LetterReplies:
    """What is answered to a letter."""
    runner, written, prefix = parts.runner, parts.written, parts.settings.command_prefix
    return LetterReplies(
        runner,
        LetterReader(parts.places, parts.outbox, prefix),
        LetterMeaning(runner, parts.added.finder, parts.programme, written, prefix),
        answers,
        written,
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
