"""Editing courses in the browser: drafts, pictures, preview, publication, revisions, order."""
