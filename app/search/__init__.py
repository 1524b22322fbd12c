"""Search over lessons, terms and one's own notes, the same on both databases."""
