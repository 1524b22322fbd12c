"""A lab: a recipe with a lesson's settings, guess and goal."""
