"""Why rooms would hear nothing, or less than was meant: for `doctor`, the log and the control
room."""

from __future__ import annotations

NO_SOURCE = (
    "I know no schedule, so no room is told anything: set <code>schedule.source</code> in my "
    "settings."
)
NO_TALKS = "There are no talks in the schedule, so no room is told anything."
NO_ROOMS = (
    "None of {talks} has a room, so nothing is told: name rooms under <code>rooms</code> in my "
    "settings, for all talks with <code>rooms.default</code>."
)
ALL_OVER = (
    "All {talks} are over, the last since {day}, so nothing more is told. If this is last year's "
    "schedule, correct <code>schedule.source</code> in my settings."
)
LEVEL_OFF = "<code>notices.level</code> is off, so no room is told what is on."
NO_SUCH_TALK = 'Setting {key}: no talk of the schedule has the ID "{name}".{meant}'
NO_SUCH_TRACK = 'Setting {key}: no track of the schedule is called "{name}".{meant}'
NO_SUCH_NAME = 'Setting {key}: no talk, track or place of the schedule is called "{name}".{meant}'
NO_SUCH_ROOM = 'Setting {key}: no talk takes place in "{name}".{meant}'
NO_SUCH_SERVER = (
    "Setting jitsi.servers: {host} is not named there, so I stay away from the meetings of {talks}."
)
AND_MORE_SERVERS = "And {count} more servers of meetings to which I do not connect."
MEANT = " Did you mean {names}?"
AND_MORE = "And {count} more settings that name nothing in the schedule."
HEARD_NOW = "What kept rooms from being told anything is over: they will hear what is on."
SERVERS_NAMED = "I may connect to all servers now at which talks have a meeting."
NAMES_FOUND = "All names in my settings are in the schedule now."
