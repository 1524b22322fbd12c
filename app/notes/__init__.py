"""A reader's private notes and highlights."""
