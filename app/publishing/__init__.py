"""The format of courses: check, prepare, load, export, revisions."""
