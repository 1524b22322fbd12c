"""The tint and the words of a confusion matrix."""

from app.jobs.result.confusion import confusion_matrix


def test_mistakes_of_few_percent_differ_in_tint_and_the_largest_is_the_darkest() -> None:
    report = {"classes": ["a", "b", "c"], "confusion": [[90, 8, 2], [1, 99, 0], [4, 0, 96]]}
    matrix = confusion_matrix(report)
    assert matrix is not None
    assert [[cell.level for cell in row] for row in matrix.rows] == [[9, 10, 3], [2, 10, 0], [5, 0, 10]]


def test_the_three_largest_confusions_come_first_and_rows_without_examples_divide_nothing() -> None:
    report = {"classes": ["a", "b", "c"], "confusion": [[5, 3, 2], [9, 0, 1], [0, 0, 0]]}
    matrix = confusion_matrix(report)
    assert matrix is not None
    pairs = [(pair.label, pair.predicted, pair.count, pair.total) for pair in matrix.worst]
    assert pairs == [("b", "a", 9, 10), ("a", "b", 3, 10), ("a", "c", 2, 10)]


def test_a_cell_knows_its_pictures_each_once() -> None:
    mistake = {"index": 8, "label": 0, "predicted": 1, "image": "x"}
    report = {
        "classes": ["a", "b"],
        "confusion": [[5, 2], [0, 5]],
        "mistakes": [mistake],
        "mistakes_of_pairs": [mistake, {**mistake, "index": 9}],
    }
    matrix = confusion_matrix(report)
    assert matrix is not None and matrix.pictures is not None
    assert matrix.rows[0][1].pictures == "0-1" and matrix.rows[1][0].pictures == ""
    assert [each["index"] for each in matrix.pictures["0-1"]] == [8, 9]
    assert confusion_matrix({"kind": "regression"}) is None
