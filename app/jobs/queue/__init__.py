"""Who is next, how long that takes, and whether anybody is there to train."""
