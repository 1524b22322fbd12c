"""A column's text, HTML or Markdown as its site exported it, read into a lesson's Markdown. No text is lost."""
