"""What a command is about where it does not say that in full: which room, talk, question."""
