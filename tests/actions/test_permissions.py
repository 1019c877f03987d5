"""Who may do what: every permission for every role."""

from __future__ import annotations

import ast
import re
from itertools import product
from pathlib import Path

import pytest

import fosdembot
from fosdembot.actions.permissions import Permission
from fosdembot.conference.roles import Role
from fosdembot.questions.states import Action

HOUSE = Path(fosdembot.__file__).parent

# Written down a second time, by hand: whoever gives a role more has to say so twice.
ASKERS = {Permission.WITHDRAW, Permission.MOVE_OWN}
SPEAKERS_UNLESS_PENDING = {
    Permission.TAKE,
    Permission.DONE,
    Permission.SKIP,
    Permission.STAR,
    Permission.UNSTAR,
}
SPEAKERS = {Permission.ANSWER, Permission.GET_SPEAKER_LINK}
MODERATORS = {
    Permission.APPROVE,
    Permission.DISMISS,
    Permission.RESTORE,
    Permission.MERGE,
    Permission.MOVE,
    Permission.MARK_AS_ANSWER,
    Permission.PUBLISH_REASON,
    Permission.READ_HIDDEN,
    Permission.ASK_WITHOUT_APPROVAL,
    Permission.PROPOSE,
    Permission.SEE_PENDING,
    Permission.SEE_QA,
    Permission.OPEN_OR_CLOSE_QA,
    Permission.MODERATE_QA,
    Permission.LET_GUESTS_IN,
    Permission.MUTE,
    Permission.UNDO,
    Permission.CHANGE_TALK,
    Permission.NAME_SPEAKER,
    Permission.CONFIRM_SPEAKER,
    Permission.SEE_TO_MEETING,
    Permission.REPOST_BOARD,
    Permission.MAKE_TRANSCRIPT,
    Permission.PUT_WIDGET,
    Permission.GET_LINKS,
}
ORGANISERS = {Permission.RUN_CONFERENCE, Permission.ANNOUNCE}


def least(permission: Permission, pending: bool) -> Role:
    if permission in SPEAKERS_UNLESS_PENDING:
        return Role.MODERATOR if pending else Role.SPEAKER
    if permission in SPEAKERS:
        return Role.SPEAKER
    return Role.MODERATOR if permission in MODERATORS else Role.ORGANISER


def test_every_permission_is_somebody_s() -> None:
    groups = [ASKERS, SPEAKERS_UNLESS_PENDING, SPEAKERS, MODERATORS, ORGANISERS]
    assert set.union(*groups) == set(Permission)
    assert sum(map(len, groups)) == len(Permission)


@pytest.mark.parametrize(("asker", "pending"), product([False, True], repeat=2))
@pytest.mark.parametrize("permission", Permission, ids=lambda permission: permission.name)
def test_the_role_decides(permission: Permission, asker: bool, pending: bool) -> None:
    for role in Role:
        granted = permission.is_granted(role, asker=asker, pending=pending)
        if permission in ASKERS:
            assert granted is asker, "power does not make a question one's own"
        else:
            assert granted is (role >= least(permission, pending)), role.name


def test_roles_in_order() -> None:
    assert sorted(Role) == [Role.ATTENDEE, Role.SPEAKER, Role.MODERATOR, Role.ORGANISER]


def test_what_is_done_to_a_question_needs_a_permission() -> None:
    """The desk's actions are looked up by name."""
    assert {action.name for action in Action} <= set(Permission.__members__)


def test_every_permission_is_explained_and_asked_for() -> None:
    source = (HOUSE / "actions" / "permissions.py").read_text()
    line = r'^    ([A-Z_]+) = "[a-z].+\n    """[A-Z][^"]+\."""$'
    declared = re.findall(line, source, re.MULTILINE)
    assert declared == list(Permission.__members__)
    house = "".join(file.read_text() for file in HOUSE.rglob("*.py"))
    by_name = {action.name for action in Action}
    for name in Permission.__members__:
        assert name in by_name or f"Permission.{name}" in house, f"nobody asks for {name}"


def test_roles_are_compared_in_one_place() -> None:
    """Everything else asks for a permission."""
    finds_out, words_it = "conference/people.py", "chat/allowing.py"
    vouches, vouches_too = "jitsi/obeying.py", "web/visitors.py"
    knows = {
        str(file.relative_to(HOUSE))
        for file in HOUSE.rglob("*.py")
        if re.search(r"\bRole\b", file.read_text())
    }
    at_home = {"conference/roles.py", "actions/permissions.py", "actions/access.py"}
    at_home.add("actions/actor.py")
    assert knows == {finds_out, words_it, vouches, vouches_too} | at_home
    for file in (finds_out, words_it, vouches, vouches_too):
        assert compared_names(HOUSE / file).isdisjoint({"Role", "role"}), file


def compared_names(file: Path) -> set[str]:
    """The names in all comparisons of a module."""
    tree = ast.parse(file.read_text())
    compared = [node for node in ast.walk(tree) if isinstance(node, ast.Compare)]
    return {n.id for node in compared for n in ast.walk(node) if isinstance(n, ast.Name)}
