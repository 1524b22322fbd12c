"""Live events: written to Redis, read once for all who follow, sent on to each."""
