"""The names of commands."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from fosdembot.cli import main


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["check"], "fosdembot schedule check looks at a schedule, fosdembot doctor at the bot."),
        (["scedule"], "Did you mean 'schedule'?"),
        (["transcript", "verfy"], "Did you mean 'verify'?"),
        (["dance"], "No such command 'dance'.\n"),
    ],
)
def test_a_name_that_is_none_leads_to_the_one_that_was_meant(typed: list[str], said: str) -> None:
    result = CliRunner().invoke(main, typed)
    assert result.exit_code == 2
    assert f"No such command {typed[-1]!r}." in result.output
    assert said in result.output
