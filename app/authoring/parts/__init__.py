"""Labs and questions of a lesson, edited by forms of their own."""
