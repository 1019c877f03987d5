"""The speakers' meetings: the best questions are shown in their chat, and decided on there."""
