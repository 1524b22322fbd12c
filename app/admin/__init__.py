"""Administration: people, trainings, the journal, imported columns."""
