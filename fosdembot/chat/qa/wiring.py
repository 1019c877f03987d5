"""Ties together what chat does with questions."""

from __future__ import annotations

from dataclasses import dataclass

from fosdembot.chat.finder import Finder
from fosdembot.chat.places import Places
from fosdembot.chat.qa.cards import Cards
from fosdembot.chat.qa.decisions import Decisions
from fosdembot.chat.qa.hosts_words import HostsWords
from fosdembot.chat.qa.pointing import Pointing
from fosdembot.chat.roles import Roles
from fosdembot.chat.router import Router
from fosdembot.clock import Clock
from fosdembot.conference.crier import Crier
from fosdembot.conference.hosts import Hosts
from fosdembot.conference.programme import Programme
from fosdembot.matrix.outbox import Outbox
from fosdembot.questions.desk import Desk
from fosdembot.settings import Settings


@dataclass(frozen=True)
class Parts:
    """What the parts of this package are made of."""

    router: Router
    finder: Finder
    places: Places
    roles: Roles
    hosts: Hosts
    crier: Crier
    programme: Programme
    desk: Desk
    outbox: Outbox
    settings: Settings
    clock: Clock


def add_questions(parts: Parts) -> None:
    """Let the router know everything about questions."""
    prefix = parts.settings.command_prefix
    cards = Cards(
        parts.outbox, parts.programme, parts.hosts, parts.crier, parts.settings, parts.clock
    )
    decisions = Decisions(parts.desk, cards, parts.roles, prefix)
    pointing = Pointing(parts.finder, prefix)
    parts.router.read_by(HostsWords(parts.finder).read)
    del decisions, pointing
