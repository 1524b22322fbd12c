"""Continue from one of one's own finished trainings: its weights, other settings, perhaps frozen layers."""
