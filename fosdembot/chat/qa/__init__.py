"""Questions and answers in chat: what is typed, tapped, edited and redacted, and what
people are told of it."""
