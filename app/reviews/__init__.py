"""Spaced repetition: every answered question comes back on the day scheduled by FSRS."""
