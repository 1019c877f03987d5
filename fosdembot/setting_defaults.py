"""Defaults of settings that are long lists."""

from __future__ import annotations

RELAY_FORMATS = (
    "<{nick}> {text}",
    "[{any}] <{nick}> {text}",
    "({any}) <{nick}> {text}",
    "* <{nick}> {text}",
    "{any} <{nick}> {text}",
    "**<{nick}>** {text}",
    "[{any}] {nick}> {text}",
    "{nick}> {text}",
    "**{nick}**: {text}",
    "**{nick}:** {text}",
    "[{any}] **{nick}**: {text}",
    "**{nick}**@*{any}*: {text}",
    "* **{nick}** {text}",
    "[{any}] * **{nick}** {text}",
    "**{nick}** {text}",
    "* {nick} {text}",
    "[{any}] * {nick} {text}",
    "{nick} » {text}",
    "[{any}] {nick}: {text}",
    "[{nick}]: {text}",
    "[{nick}] {text}",
    "({nick}) {text}",
    "{nick}: {text}",
)
"""How the common bridges and relays write: matterbridge as its sample configuration has it and
as it is often set up, relay modes of the mautrix bridges, discord-irc, IRC relay bots, those of
Telegram groups and of mesh radios."""


RELAY_EDIT_MARKS = ("(edited)", "[edited]", "(edit)", "[edit]")

BREAKS = (
    "break", "lunch", "lunch break", "coffee", "coffee break", "tea", "tea break", "breakfast",
    "dinner", "intermission", "recess", "pause", "mittagspause", "kaffee", "kaffeepause",
    "mittagessen", "abendessen", "frühstück", "pause café", "pause déjeuner", "déjeuner",
    "petit déjeuner", "dîner", "pausa", "descanso", "receso", "almuerzo", "comida", "desayuno",
    "cena", "café", "pausa café", "pranzo", "pausa pranzo", "pausa caffè", "intervallo",
    "colazione", "intervalo", "almoço", "pauze", "koffiepauze", "lunchpauze", "paus",
    "kaffepaus", "lunchpaus", "fika", "frokost", "tauko", "kahvitauko", "lounas", "przerwa",
    "przerwa kawowa", "przerwa obiadowa", "obiad", "přestávka", "oběd", "szünet", "ebéd",
    "pauză", "перерыв", "обед", "перерва", "обід", "διάλειμμα", "休憩", "昼休み", "午餐", "午休",
    "茶歇", "휴식", "점심",
)  # fmt: skip
"""What breaks are called, in the languages of conferences."""
