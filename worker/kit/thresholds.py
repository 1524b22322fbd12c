"""What depends on the threshold from which one of two classes is named, for every threshold at once."""

from typing import Any

import keras
import numpy as np

from worker.kit.data import Data
from worker.kit.reports import detection_metrics, predict_probabilities

# A threshold is a whole number of hundredths. Probabilities are kept in ten-thousandths, rounded down, so that none crosses one.
PARTS, FINE = 100, 10_000
SHOWN = (0.2, 0.5, 0.8)


def threshold_figure(model: keras.Model, data: Data, wanted: int) -> dict[str, Any]:
    """A figure of kind "own" with the probability of the class `wanted` of each example to validate and to test with.

    `sets[name]` has those of the examples that are in the class ("wanted") and of those that are not ("other"), in ten-thousandths
    and ascending. `at` has the metrics of the test set at three thresholds; `best` is the threshold with the highest F1 on the
    validation set, the middle one of several, and `at_best` the metrics of the test set there.
    """
    sets = {"val": (data.x_val, data.y_val), "test": (data.x_test, data.y_test)}
    kept, measured = {}, {}
    for name, (x, y) in sets.items():
        scores = np.floor(FINE * probabilities_of(model, x, wanted)).astype(int)
        is_wanted = y.astype(int) == wanted
        kept[name] = {
            "wanted": np.sort(scores[is_wanted]).tolist(),
            "other": np.sort(scores[~is_wanted]).tolist(),
        }
        measured[name] = (is_wanted, scores)

    def at(name: str, threshold: int) -> dict[str, float | None]:
        is_wanted, scores = measured[name]
        return detection_metrics(is_wanted, scores >= threshold * FINE // PARTS)

    quality = [at("val", threshold)["f1"] or 0.0 for threshold in range(1, PARTS)]
    equals = 1 + np.flatnonzero(np.array(quality) == max(quality))
    best = int(equals[len(equals) // 2])
    return {
        "kind": "own",
        "wanted": data.names[wanted],
        "other": data.names[1 - wanted],
        "sets": kept,
        "at": [{"threshold": threshold} | at("test", round(PARTS * threshold)) for threshold in SHOWN],
        "best": best / PARTS,
        "at_best": at("test", best),
    }


def probabilities_of(model: keras.Model, x: np.ndarray, wanted: int) -> np.ndarray:
    """Of the wanted class; 0 where a diverged network gives no number."""
    return np.nan_to_num(predict_probabilities(model, x)[:, wanted]).astype(np.float64)
