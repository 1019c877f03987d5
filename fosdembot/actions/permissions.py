"""Who may do what: each permission once, with the least role that has it. Pure."""

from __future__ import annotations

from enum import Enum

from fosdembot.conference.roles import Role

_ASKER = None
"""In place of a role: the person who asked the question, whatever their role."""


class Permission(Enum):
    """Its name, and the least role that has it; a third value is the least role while the
    question waits for a moderator, whom a speaker does not replace."""

    # About a question.
    TAKE = "take", Role.SPEAKER, Role.MODERATOR
    """Say that the question is being answered."""
    DONE = "done", Role.SPEAKER, Role.MODERATOR
    """Say that the question is answered."""
    SKIP = "skip", Role.SPEAKER, Role.MODERATOR
    """Put the question behind the others."""
    STAR = "star", Role.SPEAKER, Role.MODERATOR
    """Put the question before the others."""
    UNSTAR = "unstar", Role.SPEAKER, Role.MODERATOR
    """Put the question among the others again."""
    APPROVE = "approve", Role.MODERATOR
    """Let the audience see a question; also all that wait in a room."""
    DISMISS = "dismiss", Role.MODERATOR
    """Take the question out of the audience's sight."""
    RESTORE = "restore", Role.MODERATOR
    """Open the question again."""
    MERGE = "merge", Role.MODERATOR
    """Count the question and its votes to another one."""
    MOVE = "move", Role.MODERATOR
    """Give the question to any talk of the room."""
    MOVE_OWN = "move the own question", _ASKER
    """Give the own question to the next talk, shortly after it was asked."""
    WITHDRAW = "withdraw", _ASKER
    """Take the own question back."""
    ANSWER = "answer", Role.SPEAKER
    """Answer the question in writing."""
    MARK_AS_ANSWER = "mark as answer", Role.MODERATOR
    """Make an answer of what somebody replied to the question."""
    PUBLISH_REASON = "publish a reason", Role.MODERATOR
    """Post in the talk room why the question was dismissed."""
    READ_HIDDEN = "read a hidden question", Role.MODERATOR
    """Read a question that the audience may not see, where the audience does not read."""

    # About the questions of a room.
    ASK_WITHOUT_APPROVAL = "ask without approval", Role.MODERATOR
    """Ask where questions wait for a moderator, without waiting; also for somebody else."""
    PROPOSE = "propose", Role.MODERATOR
    """Make a question of somebody else's message by a ❓."""
    SEE_PENDING = "see pending questions", Role.MODERATOR
    """See what waits for a moderator, where the audience does not read."""
    SEE_QA = "see the state of the Q&A", Role.MODERATOR
    """Be told whether questions are taken, and how many wait."""
    OPEN_OR_CLOSE_QA = "open or close the Q&A", Role.MODERATOR
    """Decide whether a talk takes questions."""
    MODERATE_QA = "moderate the Q&A", Role.MODERATOR
    """Decide whether questions wait for a moderator."""
    LET_GUESTS_IN = "let guests in", Role.MODERATOR
    """Decide what people in the hall may do who have no account."""
    MUTE = "mute", Role.MODERATOR
    """Take questions and votes from somebody, or allow them again."""
    UNDO = "undo", Role.MODERATOR
    """Take the last decision back, about a talk or about a question."""

    # About the talks of a room.
    CHANGE_TALK = "change a talk", Role.MODERATOR
    """Delay, start, end, cancel a talk, put another one on, or say that its speaker is away."""
    NAME_SPEAKER = "name a speaker", Role.MODERATOR
    """Say who speaks in a talk, or that somebody does not."""
    CONFIRM_SPEAKER = "confirm a speaker", Role.MODERATOR
    """Confirm somebody who says that they speak in a talk."""
    SEE_TO_MEETING = "see to the speakers' meeting", Role.MODERATOR
    """Say which meeting the talks of a room have, see who is there, and be told no more who is
    missing."""
    REPOST_BOARD = "repost the board", Role.MODERATOR
    """Have the pinned message posted anew."""
    MAKE_TRANSCRIPT = "make a transcript", Role.MODERATOR
    """Have the transcript of a talk made now."""
    PUT_WIDGET = "put the page into the room", Role.MODERATOR
    """Have the room's page as a widget of the room, or not."""

    GET_SPEAKER_LINK = "get the speaker's link", Role.SPEAKER
    """Get a secret link to the speaker's page of the talk."""
    GET_LINKS = "get links", Role.MODERATOR
    """Get a secret link to the moderators' page of a talk or to the overlay, and revoke links."""

    # About the conference.
    RUN_CONFERENCE = "run the conference", Role.ORGANISER
    """Pause notices, let a schedule in, bind hosts' rooms, see how everything is."""
    ANNOUNCE = "announce", Role.ORGANISER
    """Say something in all rooms, or in those of a track."""

    def __init__(
        self, label: str, least: Role | None, least_while_pending: Role | None = None
    ) -> None:
        self.label = label
        self._least = least
        self._least_while_pending = least_while_pending or least

    @property
    def is_the_asker_s(self) -> bool:
        """Whether the person has it who asked the question, and nobody else."""
        return self._least is None

    def least(self, *, pending: bool = False) -> Role | None:
        """The least role that has it; None where it is the asker's. `pending`: whether it is
        about a question that waits for a moderator."""
        return self._least_while_pending if pending else self._least

    def is_granted(self, role: Role, *, asker: bool = False, pending: bool = False) -> bool:
        """Whether a `role` has it; `asker`: whether the question is the own one."""
        least = self.least(pending=pending)
        return asker if least is None else role >= least
