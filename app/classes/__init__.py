"""Classes: who reads a course together, who teaches them, their plan and announcements."""
