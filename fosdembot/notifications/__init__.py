"""What rooms and people are told of questions, in the transaction of what happened."""
