"""What a reaction does: a tap."""
