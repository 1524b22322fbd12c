"""The plot of a fitted line has numbers on both axes, whatever the points are."""

import math

import pytest

from app.jobs.pages import PLOT_HEIGHT, PLOT_WIDTH, fit_line_plot

LINE = {"weight": 3.0, "bias": 3.0}


@pytest.mark.parametrize(
    "points",
    [
        [], [[2.0, 3.0]], [[0.0, 0.0]], [[None, 1.0], [2.0, None]], [[1.0, 2.0], [1.0, 2.0]], [[-3.0, -5.0], [4.0, 0.0]],
        [[1e-12, 3e-12], [2e-12, 1e-12]], [[1e30, -1e30], [3e30, 1e30]], [[1e6, 5.0], [1e6 + 1, 5.0]], [[x / 7, x * x] for x in range(2000)],
    ],
    ids=["none", "one", "zero", "nulls", "twice the same", "negative", "tiny", "huge", "close together", "many"],
)  # fmt: skip
@pytest.mark.parametrize("line", [LINE, {"weight": None, "bias": None}, {"weight": 1e33, "bias": -1e30}])
def test_a_plot_has_numbers_on_its_axes(
    points: list[list[float | None]], line: dict[str, float | None]
) -> None:
    plot = fit_line_plot({"points": points, "line": line, "least_squares": LINE})
    for ticks, length in ((plot.ticks_x, PLOT_WIDTH), (plot.ticks_y, PLOT_HEIGHT)):
        assert len({text for _, text in ticks}) == 3
        assert sorted({place for place, _ in ticks}) == [0, length / 2, length]
        assert all(math.isfinite(float(text)) for _, text in ticks)
    assert all(0 <= x <= PLOT_WIDTH and 0 <= y <= PLOT_HEIGHT for x, y in plot.points)
    assert (plot.line is None) == (line["weight"] is None)
