"""What the control room is told of oddities, and of troubles that are over."""

from __future__ import annotations

WARNING = "Warning: {warning}"
MORE_WARNINGS = "And {warnings}: <code>fosdembot schedule check</code> lists them."
NOTHING_ODD = "Nothing in the schedule is odd any more."
WARNED = "{warnings} about it: <code>{p}conf reload</code> tells them."

FETCHED_AGAIN = "The schedule can be fetched again."
USABLE_AGAIN = "The published schedule can be used again."
SETTINGS_FINE = "All settings can be used again."
ROOMS_JOINED = "Joined now, {rooms} that I could not join before: {names}."
OTHERS = "{count} others"
