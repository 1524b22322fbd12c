"""What a course is made of, and in which order: its modules, lessons, titles."""
