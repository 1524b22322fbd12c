from app.guide.presenters import needed_for

NEEDS = {"a": [], "b": ["a"], "c": ["b"], "d": ["a", "c"], "alone": []}


def test_what_a_lesson_needs_includes_what_those_lessons_need() -> None:
    assert needed_for("d", NEEDS) == {"a", "b", "c"}
    assert needed_for("alone", NEEDS) == set()


def test_a_circle_of_needs_ends_and_does_not_name_the_lesson_itself() -> None:
    assert needed_for("a", {"a": ["b"], "b": ["a"]}) == {"b"}
