"""`!widget`: the page of a talk room is a widget of it; `!widget off`: no more."""

from __future__ import annotations

from dataclasses import dataclass

from fosdembot.actions.refused import Denial, Refused
from fosdembot.actions.widgets import WidgetActions
from fosdembot.chat.command import Command, Commands, Declined, Entry
from fosdembot.chat.meant.room import Finder, Found
from fosdembot.conference.addresses import short_name
from fosdembot.texts import widget as texts
from fosdembot.texts.render import Text, link, say, sentences

_OFF = "off"


@dataclass(frozen=True, slots=True)
class WidgetCommand:
    _actions: WidgetActions
    _finder: Finder
    _prefix: str

    def table(self) -> Commands:
        return {"widget": Entry(self._widget)}

    async def _widget(self, command: Command) -> Text:
        found = await self._finder.room(command)
        word = found.rest.strip().lower()
        if word not in ("", _OFF):
            raise Declined(self._say(texts.USAGE, found))
        try:
            await self._actions.put(
                command.session, command.actor, found.address, wanted=word != _OFF
            )
        except Refused as refused:
            if refused.why is not Denial.BOT_LACKS_POWER:
                raise
            raise Declined(self._say(texts.NO_POWER, found, refused.number)) from None
        if word != _OFF:
            return self._say(texts.PUT, found)
        taken_out = [self._say(texts.TAKEN_OUT, found)]
        if self._actions.widgets.addresses.are_on:
            taken_out.append(self._say(texts.STAYS, found))
        return sentences(taken_out)

    def _say(self, template: str, found: Found, power: int = 0) -> Text:
        widgets = self._actions.widgets
        return say(
            template,
            p=self._prefix,
            command=found.typed("widget"),
            room=short_name(found.address),
            me=widgets.user_id,
            power=str(power),
            url=link(widgets.addresses.of_room([found.address])) or "",
        )
