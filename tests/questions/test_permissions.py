"""Who may do what to a question."""

from __future__ import annotations

from itertools import product

import pytest

from fosdembot.questions.permissions import Role, may
from fosdembot.questions.states import Action

SPEAKERS = {Action.TAKE, Action.DONE, Action.SKIP, Action.STAR, Action.UNSTAR}
MODERATORS = {Action.APPROVE, Action.DISMISS, Action.RESTORE, Action.MERGE}


def test_every_action_is_somebody_s() -> None:
    assert SPEAKERS | MODERATORS | {Action.WITHDRAW} == set(Action)


@pytest.mark.parametrize(("asker", "pending"), product([False, True], repeat=2))
@pytest.mark.parametrize("action", sorted(SPEAKERS | MODERATORS))
def test_power_decides(action: Action, asker: bool, pending: bool) -> None:
    least = Role.SPEAKER if action in SPEAKERS and not pending else Role.MODERATOR
    for role in Role:
        assert may(role, action, asker=asker, pending=pending) is (role >= least)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("pending", [False, True])
def test_only_the_asker_withdraws(role: Role, pending: bool) -> None:
    assert may(role, Action.WITHDRAW, asker=True, pending=pending)
    assert not may(role, Action.WITHDRAW, asker=False, pending=pending)


def test_roles_in_order() -> None:
    assert sorted(Role) == [Role.ATTENDEE, Role.SPEAKER, Role.MODERATOR, Role.ORGANISER]
