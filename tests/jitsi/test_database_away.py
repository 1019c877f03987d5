"""The database is away for a moment, while the connection to the meeting stands."""

from __future__ import annotations

import pytest

from fosdembot.conference.meeting_lines import Lines
from fosdembot.db.engine import WriteSession
from fosdembot.questions.states import Action

from .hall import Hall


async def test_a_line_is_said_once_though_the_database_is_away_as_it_appears(
    qa: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed: list[int] = []
    note = Lines.note

    async def fails_twice(self: Lines, session: WriteSession, id_: int, state: str) -> None:
        if len(failed) < 2:
            failed.append(id_)
            raise OSError("away")
        await note(self, session, id_, state)

    monkeypatch.setattr(Lines, "note", fails_twice)
    await qa.act(2, Action.TAKE)
    for _ in range(2):
        with pytest.raises(OSError, match="away"):
            await qa.look()
    await qa.look()
    await qa.restart()
    await qa.look()
    assert qa.meeting.said.count("Now: 2 (0 votes): How big? – Bob") == 1
    assert {row.state for row in await qa.rows()} == {"sent"}
