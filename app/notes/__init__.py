"""A reader's own notes and highlights. Nobody else sees them."""
