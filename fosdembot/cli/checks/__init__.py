"""What `fosdembot init` and `fosdembot doctor` look at. There is a module for each thing, called
as the lines are that they print of it; each makes findings (`findings.py`)."""
