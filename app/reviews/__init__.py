"""What is forgotten is reviewed: every question answered comes back on the day that FSRS gives it."""
