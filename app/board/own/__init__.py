"""What authors do with their own comments: edit, delete, bring back."""
