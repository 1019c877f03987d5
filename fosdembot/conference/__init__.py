"""The running conference: the programme in force, how it changes, what falls due."""
