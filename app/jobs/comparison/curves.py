"""Curves over each other in one plot, as SVG: every curve has its letter at its end."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.labs.service import is_share

WIDTH, HEIGHT = 420, 240
LEFT, RIGHT, TOP, BOTTOM = 52, 396, 12, 206
# Two letters need this much room between them.
LETTER_HEIGHT = 13
# Beyond this ratio of the highest to the lowest loss a linear axis shows only the highest.
LOG_RATIO = 50

Series = Sequence[tuple[int, float]]


@dataclass(frozen=True)
class Curve:
    letter: str
    path: str
    # Of a single epoch there is a point and no line.
    end: tuple[float, float]
    letter_at: float


@dataclass(frozen=True)
class CurvePlot:
    metric: str
    curves: Sequence[Curve]
    epochs: Sequence[tuple[float, int]]
    ticks: Sequence[tuple[float, str]]
    is_logarithmic: bool


def plot(metric: str, series: Mapping[str, Series]) -> CurvePlot | None:
    """`series` by letter, as (epoch, value). Values that are not finite are left out; None if nothing is left."""
    drawn = {
        letter: [(epoch, value) for epoch, value in points if math.isfinite(value)]
        for letter, points in series.items()
    }
    drawn = {letter: points for letter, points in drawn.items() if points}
    if not drawn:
        return None
    values = [value for points in drawn.values() for _, value in points]
    last = max(epoch for points in drawn.values() for epoch, _ in points)
    low, high = min(values), max(values)
    is_logarithmic = not is_share(metric) and low > 0 and high / low > LOG_RATIO
    scaled = math.log if is_logarithmic else float
    bottom, top = scaled(low), scaled(high)
    if top - bottom < 1e-9:
        bottom, top = bottom - 0.5 * (abs(bottom) or 1), top + 0.5 * (abs(top) or 1)

    def across(epoch: int) -> float:
        return round(LEFT + (RIGHT - LEFT) * (epoch - 1) / max(1, last - 1), 1)

    def down(value: float) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * (scaled(value) - bottom) / (top - bottom), 1)

    ends = {letter: down(points[-1][1]) for letter, points in drawn.items()}
    places = _apart(ends)
    curves = [
        Curve(
            letter,
            "M" + "L".join(f"{across(epoch)} {down(value)}" for epoch, value in points),
            (across(points[-1][0]), ends[letter]),
            places[letter],
        )
        for letter, points in drawn.items()
    ]
    unscaled = math.exp if is_logarithmic else float
    steps = [unscaled(bottom + part * (top - bottom) / 3) for part in range(4)]
    epochs = sorted({1, (1 + last) // 2, last})
    return CurvePlot(
        metric,
        curves,
        [(across(epoch), epoch) for epoch in epochs],
        [(down(value), _text(metric, value)) for value in steps],
        is_logarithmic,
    )


def _apart(ends: Mapping[str, float]) -> dict[str, float]:
    """Places of the letters, from the top down, so that none covers another."""
    places: dict[str, float] = {}
    above: float = TOP - LETTER_HEIGHT
    for letter in sorted(ends, key=lambda letter: ends[letter]):
        above = places[letter] = max(ends[letter], above + LETTER_HEIGHT)
    # What was pushed out at the bottom moves up again.
    below: float = HEIGHT
    for letter in sorted(places, key=lambda letter: -places[letter]):
        below = places[letter] = min(places[letter], below - LETTER_HEIGHT)
    return places


def _text(metric: str, value: float) -> str:
    return f"{100 * value:.1f}%" if is_share(metric) else f"{value:.3g}"
