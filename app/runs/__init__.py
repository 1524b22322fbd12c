"""Between runs: the list of one's trainings, links to single ones, the class's curve of a lab, the gallery."""
