"""Which numbers of a report a reader may guess as a percentage."""

import pytest

from app.labs.service import is_share


@pytest.mark.parametrize("metric", ["test_accuracy", "val_recall", "test_precision", "mean_iou", "test_f1"])
def test_shares_are_guessed_from_0_to_1(metric: str) -> None:
    assert is_share(metric)


def test_a_loss_may_be_any_number() -> None:
    assert not is_share("train_loss")
