"""What a course is made of: its glossary, and the map of what each lesson needs."""
