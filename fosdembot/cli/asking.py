"""Questions on the terminal, each of which an option answers as well; and what a room is called
in an answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import click

from fosdembot.schedule.links import room_address
from fosdembot.texts.render import clean

T = TypeVar("T")


class Questions:
    """With `silent`, nothing is asked: what no option answers has its default, or is refused."""

    def __init__(self, silent: bool) -> None:
        self.silent = silent

    def ask(
        self,
        question: str,
        option: str,
        given: str | None,
        use: Callable[[str], T],
        default: str | None = None,
        hidden: bool = False,
    ) -> T:
        """The answer, as `use` takes it; asked again while that raises `ClickException`.

        `given` is what the option says; None or empty: nothing.
        """
        while True:
            answer = given or self._answer(question, option, default, hidden)
            try:
                return use(answer.strip() if not hidden else answer)
            except click.ClickException as err:
                if self.silent:
                    raise
                click.echo(f"  {err.message}", err=True)
                given = None

    def _answer(self, question: str, option: str, default: str | None, hidden: bool) -> str:
        if not self.silent:
            shown = bool(default)
            answer = click.prompt(question, default, hide_input=hidden, show_default=shown)
            return str(answer)
        if default is None:
            raise click.ClickException(f"{option} is missing")
        return default

    def confirm(self, question: str, default: bool = True) -> bool:
        """With `silent`: yes."""
        return self.silent or click.confirm(question, default=default)


def room_given(text: str) -> str:
    """The address in what somebody gave for a room, perhaps a link."""
    address = room_address(text)
    if address is None:
        raise click.ClickException(f"{clean(text, 100)} is no room; one is #alias:server")
    return address
