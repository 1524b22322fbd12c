"""The leaf by which readers tell people apart whose names are masked: drawn from a person's id, the same wherever they stand.

What is drawn comes from a keyed digest of the id, and of it only a few thousand leaves can come: nobody finds the id by the leaf.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from app.core.signing import signature

TINTS = 8
# Half a blade on a grid of 24, from its base at (12, 20) to its tip: cubic curves, each (control, control, end). The other half
# is its mirror image.
Point = tuple[float, float]
Curve = tuple[Point, Point, Point]
BASE: Point = (12, 20)
BLADES: tuple[tuple[Curve, ...], ...] = (
    # egg-shaped, lance, heart, round
    (((4.5, 18.5), (3, 9), (12, 1.5)),),
    (((6.5, 16), (6.5, 7), (12, 1)),),
    (((9, 23), (2, 20.5), (2.5, 14)), ((3, 8), (9, 5.5), (12, 2))),
    (((5.5, 20), (3, 15.5), (3, 11)), ((3, 6), (7, 2.5), (12, 2.5))),
    # ginkgo, oak, maple, tulip tree
    (((10, 15), (4, 13), (1.5, 8)), ((4, 3), (9, 2), (12, 6))),
    (
        ((8.5, 20.5), (6.5, 18.5), (8.5, 16)),
        ((4, 17), (2, 13), (6.5, 11.8)),
        ((2.5, 9.5), (4, 5), (8, 7)),
        ((6.5, 3.5), (9, 1.5), (12, 1.5)),
    ),
    (
        ((9, 18), (6, 19), (4, 19)),
        ((4, 17), (5, 16), (5.5, 15)),
        ((4, 13), (2, 12), (1.5, 10)),
        ((5, 10), (7, 10.5), (8.5, 11)),
        ((8, 8), (10, 4), (12, 1.5)),
    ),
    (((7, 20), (3, 18), (3.5, 13)), ((4.5, 10), (2.5, 7), (3.5, 3)), ((7, 3), (9.5, 4), (12, 6.5))),
)
# Side veins: how far up they leave the rib, how far they reach out, and how much they rise; y grows downwards.
VEINS: tuple[tuple[tuple[float, float, float], ...], ...] = (
    ((16.5, 4, 2.5), (13, 4.5, 3), (9.5, 3, 2.5)),
    ((16, 5, 0.5), (12, 4.5, 0.5), (8.5, 2.5, 0.5)),
    ((18, 5.5, 7), (18, 2.8, 10)),
    ((15, 5, 5), (10.5, 3.5, 4)),
    ((17.5, 3.5, 1.5), (15, 4.5, 2), (12.5, 4.5, 2), (10, 3.5, 2), (8, 2, 1.5)),
    (),
)
TILTS = (-32, 0, 32)


@dataclass(frozen=True)
class Leaf:
    """What is drawn: `tint` counts from 1; `left`, `right` and `veins` are paths; `shaded`: whether the right half lies in the shade."""

    tint: int
    left: str
    right: str
    veins: str
    tilt: int
    shaded: bool


@lru_cache(maxsize=4096)
def leaf_of(person: UUID) -> Leaf:
    """The leaf of whoever has this id."""
    digest = signature(b"leaf|" + person.bytes)
    blade, veins = BLADES[digest[1] % len(BLADES)], VEINS[digest[2] % len(VEINS)]
    return Leaf(
        tint=digest[0] % TINTS + 1,
        left=_half(blade),
        right=_half([tuple(_mirrored(point) for point in curve) for curve in blade]),
        veins=_veins(veins, blade[-1][-1]),
        tilt=TILTS[digest[3] % len(TILTS)],
        shaded=bool(digest[4] % 2),
    )


def _mirrored(point: Point) -> Point:
    return 24 - point[0], point[1]


def _half(curves: Sequence[Sequence[Point]]) -> str:
    return f"M{_at(BASE)}{''.join('C' + ' '.join(map(_at, curve)) for curve in curves)}Z"


def _veins(veins: Sequence[tuple[float, float, float]], tip: Point) -> str:
    rib = f"M{_at(BASE)}V{tip[1] + 2:g}"
    return rib + "".join(
        f"M{_at((12 - reach, y - rise))}L{_at((12, y))}L{_at((12 + reach, y - rise))}"
        for y, reach, rise in veins
    )


def _at(point: Point) -> str:
    return f"{point[0]:g} {point[1]:g}"
