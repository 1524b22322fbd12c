"""Courses and lessons: their format, their rendering, their pages."""
