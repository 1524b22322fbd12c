"""Training jobs: from the form to the report. The worker shares this folder's models and rules."""
