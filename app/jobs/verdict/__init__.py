"""What a finished training shows, in one sentence with its numbers: `rules.verdict_of` decides, `words` says it."""
