"""What an admin looks after: people, trainings, the journal of acts, columns brought in."""
