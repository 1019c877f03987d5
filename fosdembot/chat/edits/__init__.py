"""What a message that has meant something becomes when it is edited."""
