"""What somebody wrote, and what that asks of the bot."""
