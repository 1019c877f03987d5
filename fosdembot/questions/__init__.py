"""Questions and votes: the pure rules, and the desk, their only writer."""
