"""Numbers as reports and epochs keep them."""

import math


def finite(value: float) -> float | None:
    """None for one that JSON does not know: infinity, or no number at all."""
    return float(value) if math.isfinite(value) else None
