import itertools

from app.jobs.comparison.curves import BOTTOM, LETTER_HEIGHT, TOP, plot


def test_letters_at_the_ends_of_equal_curves_do_not_cover_each_other() -> None:
    drawn = plot("val_loss", {letter: [(1, 2.0), (2, 1.0)] for letter in "ABCDE"})
    assert drawn and [curve.letter for curve in drawn.curves] == list("ABCDE")
    places = sorted(curve.letter_at for curve in drawn.curves)
    assert all(low + LETTER_HEIGHT <= high for low, high in itertools.pairwise(places))
    assert {curve.end[1] for curve in drawn.curves} == {BOTTOM} and places[0] > TOP


def test_what_is_not_finite_is_left_out_and_what_explodes_is_drawn_by_its_logarithm() -> None:
    assert plot("val_loss", {"A": [(1, float("inf"))], "B": []}) is None
    one = plot("val_accuracy", {"A": [(1, 0.5)]})
    assert one and one.curves[0].path.startswith("M") and not one.is_logarithmic
    exploding = plot("val_loss", {"A": [(1, 1.0), (2, 1e30), (3, float("nan"))]})
    assert exploding and exploding.is_logarithmic and "nan" not in exploding.curves[0].path
