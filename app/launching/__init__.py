"""Starting the processes of a classroom, in order, and keeping them running."""
