"""Questions inside lessons: shown without their answers, graded on the server, every attempt stored."""
