"""Contents of the events that the bot sends (Client-Server API, "Instant Messaging")."""

from __future__ import annotations

from collections.abc import Iterable

from fosdembot.texts.render import Text

from .api import Json

MOST_PERSONS = 10
"""Who asked what was merged into one question may be many."""
LONGEST_REACTION = 100
PARTS = "org.fosdembot.parts"
"""What a message is made of, as long as it may have to be said otherwise; it is not sent."""


def notice(text: Text, reply_to: str | None = None, thread: str | None = None) -> Json:
    """What everybody may read and nobody is notified of; in the `thread` that this event
    began ("Threading")."""
    content = _message("m.notice", text, {}, reply_to)
    if thread is not None:
        relation = content.get("m.relates_to", {})
        content["m.relates_to"] = {"rel_type": "m.thread", "event_id": thread, **relation}
    return content


def to_persons(text: Text, user_ids: Iterable[str], reply_to: str | None = None) -> Json:
    """What is meant for these persons, of whom the first ten are notified (a mention in a
    notice is not seen by the push rules). Who has no account cannot be."""
    accounts = [user_id for user_id in user_ids if user_id.startswith("@")]
    persons = list(dict.fromkeys(accounts))[:MOST_PERSONS]
    return _message("m.text", text, {"user_ids": persons}, reply_to)


def to_everybody(text: Text) -> Json:
    """Notifies the whole room, where the bot has the power to."""
    return _message("m.text", text, {"room": True}, None)


def mentioned(content: Json) -> list[str]:
    """The persons whom a message of ours notifies."""
    users: list[str] = content.get("m.mentions", {}).get("user_ids", [])
    return users


def replacement(content: Json, event_id: str) -> Json:
    """The edit that turns the message `event_id` into `content`."""
    new = {key: value for key, value in content.items() if key != "m.relates_to"}
    edit: Json = {
        **new,
        "body": f"* {new['body']}",
        "m.mentions": {},
        "m.new_content": new,
        "m.relates_to": {"rel_type": "m.replace", "event_id": event_id},
    }
    if "formatted_body" in new:
        edit["formatted_body"] = f"* {new['formatted_body']}"
    return edit


def reaction(key: str, event_id: str) -> Json:
    """A reaction to an event ("Event annotations and reactions")."""
    relation = {"rel_type": "m.annotation", "event_id": event_id, "key": key[:LONGEST_REACTION]}
    return {"m.relates_to": relation}


def _message(msgtype: str, text: Text, mentions: Json, reply_to: str | None) -> Json:
    content: Json = {
        "msgtype": msgtype,
        "body": text.plain,
        "format": "org.matrix.custom.html",
        "formatted_body": text.html,
        "m.mentions": mentions,
    }
    if reply_to is not None:
        content["m.relates_to"] = {"m.in_reply_to": {"event_id": reply_to}}
    return content


def layout(before: Json, ours: Json) -> Json:
    """The layout of a room's widgets, with the places that `ours` gives to some of them (None:
    they are gone). Who moved one of them has the last word."""
    listed = before.get("widgets")
    places = dict(listed) if isinstance(listed, dict) else {}
    for widget, place in ours["widgets"].items():
        if place is None:
            places.pop(widget, None)
        else:
            places.setdefault(widget, place)
    return {**before, "widgets": places} if places or "widgets" in before else before
