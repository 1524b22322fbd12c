"""Pictures of lessons: decoded in a child process and rebuilt from pixels."""
