"""Reports on a wanted class: counted by hand, and after a real training with two thresholds."""

import numpy as np
import pytest

from worker.kit.reports import detection_metrics


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
