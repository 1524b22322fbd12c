"""A confusion matrix whose colours say something, and its largest mistakes in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

# Steps of the tint; 0 is none.
LEVELS = 10
WORST_PAIRS = 3


@dataclass(frozen=True)
class ConfusionCell:
    """`level`: the tint. Right answers are compared with their row, mistakes with the largest mistake."""

    count: int
    share: float
    is_diagonal: bool
    level: int = 0
    # The key of its pictures in `ConfusionMatrix.pictures`, if there are any.
    pictures: str = ""


@dataclass(frozen=True)
class ConfusionPair:
    """`count` of the `total` examples of the class `label` were called `predicted`."""

    label: str
    predicted: str
    count: int
    total: int


@dataclass(frozen=True)
class ConfusionMatrix:
    """Rows are the true classes. `pictures`: by cell, the mistakes of the report that have one."""

    classes: list[str]
    rows: list[list[ConfusionCell]]
    worst: Sequence[ConfusionPair] = ()
    pictures: Mapping[str, Sequence[Mapping[str, Any]]] | None = None


def confusion_matrix(report: Mapping[str, Any]) -> ConfusionMatrix | None:
    """None if the report has none."""
    counts: Sequence[Sequence[int]] = report.get("confusion") or ()
    if not counts:
        return None
    classes = [str(name) for name in report["classes"]]
    pictures = _pictures(report)
    largest = max(
        (count / max(1, sum(row)) for i, row in enumerate(counts) for j, count in enumerate(row) if i != j),
        default=0.0,
    )

    def cell(i: int, j: int, count: int, total: int) -> ConfusionCell:
        share = count / max(1, total)
        level = ceil(LEVELS * (share if i == j else share / largest if largest else 0.0))
        return ConfusionCell(count, share, i == j, level, f"{i}-{j}" if f"{i}-{j}" in pictures else "")

    rows = [[cell(i, j, count, sum(row)) for j, count in enumerate(row)] for i, row in enumerate(counts)]
    return ConfusionMatrix(classes, rows, _worst(classes, counts), pictures)


def _worst(classes: Sequence[str], counts: Sequence[Sequence[int]]) -> list[ConfusionPair]:
    pairs = [
        ConfusionPair(classes[i], classes[j], count, sum(row))
        for i, row in enumerate(counts)
        for j, count in enumerate(row)
        if i != j and count
    ]
    return sorted(pairs, key=lambda pair: -pair.count)[:WORST_PAIRS]


def _pictures(report: Mapping[str, Any]) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for mistake in [*(report.get("mistakes") or ()), *(report.get("mistakes_of_pairs") or ())]:
        if mistake.get("image") and "label" in mistake:
            of_cell = found.setdefault(f"{mistake['label']}-{mistake['predicted']}", [])
            if all(known["index"] != mistake["index"] for known in of_cell):
                of_cell.append(mistake)
    return found
