"""A place's comments as readers see them: page by page, in the order they ask for."""
