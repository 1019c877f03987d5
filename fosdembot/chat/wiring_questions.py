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
from fosdembot.chat.commands.talk import ModerationCommands
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
from fosdembot.chat.meant.room import Finder
from fosdembot.chat.meant.talk import TalkChoice
from fosdembot.chat.membership import Membership
from fosdembot.chat.places import Places
from fosdembot.chat.rate_limit import RateLimit
from fosdembot.chat.reactions.decisions import Taps
from fosdembot.chat.reactions.marked import MarkedMessages
from fosdembot.chat.reactions.proposals import Proposals
from fosdembot.chat.reactions.reasons import ReasonTaps
from fosdembot.chat.redactions.edit import Unediting
from fosdembot.chat.router import Router
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
    moderation: ModerationCommands
    finder: Finder
    places: Places
    access: Access
    talks: TalkActions
    hearing: Hearing
    """Hears what actions say that they did."""
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
    """Let the router know everything about questions; returns what is to run besides."""
    prefix = parts.settings.command_prefix
    cards, reasons = parts.cards, parts.reasons
    reason_taps = ReasonTaps(reasons, parts.access, parts.settings.relays)
    parts.router.listen("m.reaction", reason_taps.reacted)
    parts.router.listen("m.room.redaction", reason_taps.redacted)
    deciding, editing = Deciding(parts.desk, parts.access, parts.views), Editing(parts.desk)
    question_choice = QuestionChoice(parts.finder, prefix)
    parts.router.read_by(HostsWords(parts.finder).read)
    listing = Listing(parts.finder, parts.access, parts.views, parts.outbox, prefix)
    parts.router.add(listing.table())
    intake = Intake(
        Asking(parts.desk, parts.access, parts.programme, parts.views),
        parts.views,
        parts.programme,
        parts.finder,
        parts.router.refusals,
        parts.settings,
    )
    voting = Voting(parts.desk, parts.settings.questions)
    _add_asking(parts, deciding, editing, voting, question_choice, intake)
    _add_moderation(parts, deciding, reasons, question_choice)
    answers = AnswerActions(deciding, parts.access, parts.people, parts.hearing.hear)
    _add_answers(parts, answers, question_choice)
    proposals = _add_proposals(parts, editing, intake)
    amending = _add_amending(parts, editing, answers, voting, intake)
    unediting = Unediting(parts.router, amending, cards, parts.written, parts.clock)
    parts.router.listen("m.room.redaction", unediting.redacted)
    return proposals


def _add_moderation(
    parts: Parts,
    deciding: Deciding,
    reasons: Reasons,
    question_choice: QuestionChoice,
) -> None:
    """What moderators and speakers do with questions."""
    router, programme, prefix = parts.router, parts.programme, parts.settings.command_prefix
    choice = TalkChoice(programme, parts.finder, router.refusals)
    actions = SpeakerActions(programme, parts.access, parts.people, parts.hosts, parts.hearing.hear)
    speakers = SpeakerCommands(actions, parts.speaker_news, choice, prefix)
    parts.moderation.add_action("speaker", speakers.command)
    hint = UndoHint(programme, parts.access, prefix)
    commands = DecidingCommands(
        router, deciding, reasons, question_choice, parts.views, hint, prefix
    )
    move = MoveCommand(
        question_choice,
        deciding,
        parts.access,
        MoveTarget(parts.views, programme, prefix),
        MoveNext(MovingOn(parts.desk, parts.access, programme, parts.views)),
        hint,
    )
    router.listen("m.room.message", commands.edited)
    rooms = RoomActions(parts.desk, parts.access, parts.views, parts.settings, parts.hearing.hear)
    undoing = Undoing(parts.desk, parts.access, parts.talks)
    for each in (
        UndoCommand(undoing, parts.moderation, choice, programme),
        commands,
        move,
        RoomQaCommands(rooms, question_choice, choice, parts.views, prefix),
    ):
        router.add(each.table())
    taps = Taps(deciding, speakers, parts.clock, parts.settings.questions.relays)
    router.listen("m.reaction", taps.reacted)
    router.listen("m.room.redaction", taps.redacted)
    router.listen("m.room.message", speakers.edited)


def _add_answers(parts: Parts, answers: AnswerActions, question_choice: QuestionChoice) -> None:
    """What is answered in writing, in the room or to a letter."""
    router, written, clock, settings = parts.router, parts.written, parts.clock, parts.settings
    answering = Answering(router, question_choice, answers, written, settings.relays, clock)
    router.add(answering.table())
    prefix = settings.command_prefix
    replies = LetterReplies(
        router,
        LetterReader(router, parts.places, parts.outbox, clock, prefix),
        LetterMeaning(router, parts.finder, parts.programme, written, prefix),
        answers,
        written,
        RateLimit(settings.limits.commands_per_minute),
        clock,
    )
    router.listen("m.room.message", answering.edited)
    router.listen("m.reaction", answering.marked)
    router.listen("m.room.redaction", answering.unmarked)
    router.listen("m.room.message", replies.hear)
    router.hear_remarks(answering.replied)


def _add_asking(
    parts: Parts,
    deciding: Deciding,
    editing: Editing,
    voting: Voting,
    question_choice: QuestionChoice,
    intake: Intake,
) -> None:
    """What attendees do: ask, take back, vote, call a moderator."""
    router, programme, prefix = parts.router, parts.programme, parts.settings.command_prefix
    settings, clock = parts.settings, parts.clock
    rate_limit = RateLimit(settings.limits.commands_per_minute)
    direct = DirectChats(
        router, intake, parts.views, parts.finder, programme, rate_limit, clock, prefix
    )
    showing = Showing(question_choice, parts.finder, parts.access)
    asking = AskingCommands(intake, direct, showing, editing, router.refusals, prefix)
    votes = VotingCommands(router, voting, question_choice, settings.questions, clock)
    calling = CallingCommands(router, parts.hosts, parts.control_room, parts.outbox, settings)
    for commands in (asking, WithdrawCommand(deciding, question_choice), direct, votes, calling):
        router.add(commands.table())
    router.read_by(asking.read)
    router.read_by(votes.read)
    router.listen("m.room.message", votes.edited)
    router.listen("m.room.message", direct.hear)
    router.listen("m.reaction", votes.reacted)
    router.let_go_together("m.reaction", votes)
    members = Membership(parts.desk, parts.places)
    router.listen("m.room.member", members.changed)
    router.let_go_together("m.room.member", members)
    router.listen("m.room.redaction", calling.redacted)


def _add_amending(
    parts: Parts, editing: Editing, answers: AnswerActions, voting: Voting, intake: Intake
) -> Amending:
    """What becomes of messages that are edited or redacted."""
    router, clock = parts.router, parts.clock
    rate_limit = RateLimit(parts.settings.limits.commands_per_minute)
    amending = Amending(router, intake, editing, answers, voting, rate_limit, clock)
    router.listen("m.room.message", amending.edited)
    router.listen("m.room.redaction", amending.redacted)
    return amending


def _add_proposals(parts: Parts, editing: Editing, intake: Intake) -> Proposals:
    """What becomes of messages that are marked with ❓."""
    router, settings = parts.router, parts.settings
    marked = MarkedMessages(router, intake, editing, parts.access, settings, parts.user_id)
    proposals = Proposals(
        marked,
        parts.views,
        parts.places,
        parts.api,
        parts.database,
        RateLimit(settings.limits.commands_per_minute),
        parts.clock,
        child(parts.log, "questions"),
    )
    router.listen("m.reaction", proposals.reacted)
    router.listen("m.room.message", proposals.changed)
    router.listen("m.room.redaction", proposals.changed)
    return proposals
