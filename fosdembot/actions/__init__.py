"""What may be done, by any face: no sentence, no Matrix event, no outbox."""
