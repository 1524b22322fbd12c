"""Language models: what they are compared with, and how they write."""

import keras
import numpy as np
import pytest

from worker.kit.data import Data
from worker.kit.language import counting_losses, drawn, noise, write


def texts(*rows: str) -> tuple[np.ndarray, np.ndarray]:
    """x and y of texts in the letters a and b, which are 0 and 1; 2 says "begin"."""
    y = np.array([["ab".index(letter) for letter in row] for row in rows], "int32")
    return np.column_stack([np.full(len(y), 2), y[:, :-1]]).astype("float32"), y


def test_a_bigram_knows_what_follows_and_a_unigram_only_what_is_common():
    train, other = texts(*["abab"] * 100), texts("abab")
    losses = counting_losses(Data(*train, *other, *other, names=("a", "b")))
    assert losses["unigram_loss"] == pytest.approx(np.log(2))
    # a is first a hundred times, b follows a two hundred times, a follows b a hundred times; three more are imagined, half of them right.
    chances = np.array([(100 + 1.5) / 103, (200 + 1.5) / 203, (100 + 1.5) / 103, (200 + 1.5) / 203])
    assert losses["bigram_loss"] == pytest.approx(-np.log(chances).mean())


def test_a_low_temperature_takes_the_most_likely_and_a_die_chooses_by_its_share():
    probabilities = np.tile([[0.2, 0.5, 0.3]], (4, 1))
    assert drawn(probabilities, 0.01, np.array([0.001, 0.4, 0.8, 0.999])).tolist() == [1, 1, 1, 1]
    assert drawn(probabilities, 1.0, np.array([0.1, 0.3, 0.69, 0.71])).tolist() == [0, 1, 1, 2]


def test_the_same_dice_write_the_same_text_which_follows_the_model():
    # Whatever came before, the next number is the one after it, round and round.
    after = keras.layers.Embedding(
        4, 3, weights=[np.array([[0, 1, 0], [0, 0, 1], [1, 0, 0], [1, 0, 0]], "float32")]
    )
    model = keras.Sequential([keras.Input((5,)), after])
    written = write(model, begin=3, length=5, count=2, temperature=1.0, seed=1)
    assert written.tolist() == [[0, 1, 2, 0, 1]] * 2
    dice = {"count": 2, "length": 5, "seed": 1}
    assert np.array_equal(noise(3, **dice), noise(3, **dice)) and noise(3, **dice).max() < 3
