"""A comment's text: syntax, validation, mentions, rendering in a sandboxed process, excerpts."""
