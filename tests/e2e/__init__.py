"""The whole bot, as a process, against a real homeserver."""
