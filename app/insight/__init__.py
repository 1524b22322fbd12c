"""What a class's staff see of its progress: where it stands, what it finds hard, who has gone quiet; and grades."""
