"""Starting a classroom's processes, in order, and keeping them running."""
