"""A sweep's results as SVG: the metric over the first setting, a line for each value of the second."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from app.jobs.comparison.curves import BOTTOM, LEFT, LOG_RATIO, RIGHT, TOP
from app.jobs.sweeps.results import Measure

LETTERS = "abcdef"
# More labels would run into each other.
MOST_LABELS = 7


@dataclass(frozen=True)
class Result:
    """Of one training: its place on the two axes, and its result so far."""

    column: int
    line: int
    value: float
    is_final: bool
    is_best: bool = False


@dataclass(frozen=True)
class Mark:
    x: float
    y: float
    is_final: bool
    is_best: bool


@dataclass(frozen=True)
class SweepLine:
    letter: str
    path: str
    marks: Sequence[Mark]


@dataclass(frozen=True)
class SweepPlot:
    lines: Sequence[SweepLine]
    ticks_x: Sequence[tuple[float, str]]
    ticks_y: Sequence[tuple[float, str]]
    is_logarithmic: bool


def plot(measure: Measure, results: Sequence[Result], labels: Sequence[str]) -> SweepPlot | None:
    """`labels` are those of the columns, which stand at equal distances. None without results."""
    if not results:
        return None
    values = [each.value for each in results]
    low, high = min(values), max(values)
    is_logarithmic = not measure.is_share and low > 0 and high / low > LOG_RATIO
    scaled, unscaled = (math.log, math.exp) if is_logarithmic else (float, float)
    bottom, top = scaled(low), scaled(high)
    if top - bottom < 1e-9:
        bottom, top = bottom - 0.05 * (abs(bottom) or 1), top + 0.05 * (abs(top) or 1)

    def across(column: int) -> float:
        return round(LEFT + 16 + (RIGHT - LEFT - 32) * column / max(1, len(labels) - 1), 1)

    def down(value: float) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * (scaled(value) - bottom) / (top - bottom), 1)

    by_line: dict[int, list[Mark]] = {}
    for each in sorted(results, key=lambda result: result.column):
        mark = Mark(across(each.column), down(each.value), each.is_final, each.is_best)
        by_line.setdefault(each.line, []).append(mark)
    steps = [unscaled(bottom + part * (top - bottom) / 3) for part in range(4)]
    every = math.ceil(len(labels) / MOST_LABELS)
    return SweepPlot(
        [
            SweepLine(LETTERS[line], "M" + "L".join(f"{mark.x} {mark.y}" for mark in marks), marks)
            for line, marks in sorted(by_line.items())
        ],
        [(across(column), label) for column, label in enumerate(labels) if column % every == 0],
        [(down(value), measure.in_words(value)) for value in steps],
        is_logarithmic,
    )
