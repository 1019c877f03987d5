"""The steps of `fosdembot init`: questions, the account, the schedule, the rooms."""
