"""From Markdown to safe HTML, for lessons and comments."""
