"""What is taken back when a message, or a reaction, is redacted."""
