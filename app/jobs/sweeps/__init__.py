"""A sweep: trainings that differ in one or two settings, submitted, watched and cancelled together."""
