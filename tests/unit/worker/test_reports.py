"""Reports on a wanted class: counted by hand, and after a real training with two thresholds."""

from collections import Counter

import numpy as np
import pytest

from worker.kit.reports import dead_units, detection_metrics


def test_recall_precision_and_f1_are_those_counted_by_hand():
    wanted = np.array([1] * 47 + [0] * 67, dtype=bool)
    named = np.array([1] * 43 + [0] * 4 + [1] + [0] * 66, dtype=bool)
    assert detection_metrics(wanted, named) == pytest.approx(
        {"accuracy": 109 / 114, "recall": 43 / 47, "precision": 43 / 44, "f1": 86 / 91}
    )


def test_without_any_alarm_there_is_no_precision():
    wanted = np.array([True, True, False])
    metrics = detection_metrics(wanted, np.zeros(3, dtype=bool))
    assert metrics["precision"] is None
    assert metrics["recall"] == 0 and metrics["f1"] == 0


def test_a_lower_threshold_names_more_and_all_of_the_report_follows_it(train_sample):
    reports = {
        threshold: train_sample(
            "tabular", sample=1000, learning_rate=0.1, epochs=20, threshold=threshold
        ).report
        for threshold in (0.5, 0.05)
    }
    alarms = {}
    for threshold, report in reports.items():
        metrics, [[caught, missed], [false, right]] = report["metrics"], report["confusion"]
        alarms[threshold] = caught + false
        assert metrics["test_recall"] == pytest.approx(caught / (caught + missed))
        assert metrics["test_precision"] == pytest.approx(caught / (caught + false))
        assert metrics["test_accuracy"] == pytest.approx((caught + right) / 114)
        assert len(report["mistakes"]) == min(24, missed + false)
        assert all(mistake["label"] != mistake["predicted"] for mistake in report["mistakes"])
    assert alarms[0.05] > alarms[0.5]
    # The training is the same: only the final threshold differs.
    assert reports[0.5]["metrics"]["test_loss"] == reports[0.05]["metrics"]["test_loss"]


def test_a_unit_that_is_zero_for_every_example_is_dead_and_no_other():
    import keras

    inputs = keras.Input(shape=(4, 4, 1))
    maps = keras.layers.Conv2D(3, 1, activation="relu")(inputs)
    model = keras.Model(inputs, keras.layers.Dense(2)(keras.layers.ReLU()(keras.layers.Flatten()(maps))))
    # The first channel fires, the second only at a place of its own, the third never.
    model.layers[1].set_weights([np.array([[[[1.0, 1.0, -1.0]]]]), np.array([0.0, -8.0, 0.0])])
    x = np.ones((20, 4, 4, 1), dtype="float32")
    x[7, 2, 3] = 9.0
    # Behind the second ReLU each pixel of a channel is a unit: 16 fire, one does, 16 never.
    assert dead_units(model, x) == {"units": 3 + 48, "dead": 1 + 15 + 16}
    assert dead_units(keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)]), np.ones((1, 2))) is None


def test_the_cells_of_the_confusion_matrix_have_their_worst_pictures_within_a_bound(train_sample):
    report = train_sample("mnist-linear", sample=300, epochs=1, train_size=300).report
    pictures = report["mistakes_of_pairs"]
    cells = {
        (i, j): count
        for i, row in enumerate(report["confusion"])
        for j, count in enumerate(row)
        if i != j and count
    }
    of_cell = Counter((each["label"], each["predicted"]) for each in pictures)
    assert of_cell == {cell: min(count, 3) for cell, count in cells.items()}
    assert sum(len(each["image"]) for each in pictures) <= 96_000
    worst = {(each["label"], each["predicted"]): each["index"] for each in reversed(report["mistakes"])}
    shown = {(each["label"], each["predicted"]): each["index"] for each in reversed(pictures)}
    assert worst.items() <= shown.items()
