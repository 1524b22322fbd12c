"""A training's loss as a sparkline, a few letters high."""

import math
from collections.abc import Sequence

WIDTH, HEIGHT = 160, 40
MOST_POINTS = 60


def small_curve(losses: Sequence[float | None], epochs: int) -> str:
    """The path of an SVG of WIDTH x HEIGHT, the first epoch at the left and the last at the right; empty for fewer than two points.

    Non-finite losses are left out; diverging ones are drawn by their logarithm.
    """
    known = [(number, loss) for number, loss in enumerate(losses) if loss is not None and math.isfinite(loss)]
    if len(known) < 2:
        return ""
    step = max(1, math.ceil(len(known) / MOST_POINTS))
    known = [*known[:-1:step], known[-1]]
    lowest, highest = min(loss for _, loss in known), max(loss for _, loss in known)
    if lowest > 0 and highest / lowest > 100:
        known = [(number, math.log(loss)) for number, loss in known]
        lowest, highest = min(loss for _, loss in known), max(loss for _, loss in known)
    height = (highest - lowest) or 1.0
    width = max(epochs, len(losses)) - 1
    points = (
        f"{number / width * WIDTH:.1f} {2 + (1 - (loss - lowest) / height) * (HEIGHT - 4):.1f}"
        for number, loss in known
    )
    return "M" + "L".join(points)
