"""What rooms and organisers are told of a changed schedule. `{p}` is the command prefix."""

from __future__ import annotations

ONE = "<b>Schedule change:</b> {line}"
SEVERAL = "<b>Schedule changes:</b>"
AND_MORE = "And {changes}: <code>{p}schedule</code>"

NEW = "New at {start}: {talk}"
NEW_AT = "New at {start} in {place}: {talk}"
CANCELLED = "{talk}, planned for {start}, is cancelled"
MOVED_AWAY = "{talk} takes place elsewhere, at {start}: {room}"
OTHER_CHAT = "{talk}, at {start}, has another chat room: {room}"
CHANGED = "{talk} {changes}"
IS_AT = "is now at {start} (not {before})"
ENDS_AT = "now ends at {end} (not {before})"
IS_IN = "is now in {place} (not {before})"
IS_WITH = "is now with {speakers}"
WITHOUT_SPEAKERS = "is now without a named speaker"
HAS_CHAT = "has the chat room {room} now"
HAS_NO_CHAT = "has no chat room any more"
WAS_CALLED = 'was called "{before}"'
IS_IN_TRACK = "is now in the track {track} (not {before})"
HAS_HALLWAY = "has the hallway {room} now"
HAS_NO_HALLWAY = "has no hallway any more"
IS_KIND = "is now of the kind {kind} (not {before})"
IS_IN_LANGUAGE = "is now in the language {language} (not {before})"
NOT_RECORDED = "is not to be recorded any more"
RECORDED = "may be recorded now"

DIGEST = "<b>The schedule has changed:</b> {counts}. {told}"
ROOMS_TOLD = "Told at once: {rooms}."
DIGEST_NEW = "New: {entry}"
DIGEST_GONE = "Gone, so cancelled: {entry}"
DIGEST_CHANGED = "{entry} {changes}"
ENTRY = "{day} {start}, {place}: {talk}"
ENTRY_NOWHERE = "{day} {start}: {talk}"
DIGEST_MORE = "And {changes}."

LOST = "{lost} of {talks} are gone."

IDS = "ids changed; {counts}"
NEW_IDS = "In the published schedule {ids}. Questions and decisions stay with their talks."
