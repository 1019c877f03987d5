"""What people do in a direct chat with the bot."""
