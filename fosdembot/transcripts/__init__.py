"""What was asked, answered and said during a talk, as files fit to publish."""
