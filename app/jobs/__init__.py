"""Training jobs: from the form to the report. The worker shares the models and rules of this folder."""
