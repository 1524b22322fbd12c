"""What the page of a job that has ended says: its number on a scale, its mistakes, or why it failed."""
