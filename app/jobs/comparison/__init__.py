"""Some trainings beside each other: their curves, the settings that differ, what came out."""
