"""Language models: what they are compared with, and texts that they write.

A model takes the numbers of the characters so far, (texts, length), and gives the probability of each character to come next at
each place, (texts, length, characters). x of the data begins with a number that is no character's, y is x one place on.
"""

import keras
import numpy as np

from worker.kit.data import Data
from worker.kit.numbers import finite
from worker.kit.reports import Report, metrics_of_sets

# How many imagined pairs are added to the counts of a bigram; the best on the validation set is used.
SMOOTHING = (3.0, 10.0, 30.0, 100.0, 300.0)


def language_report(model: keras.Model, data: Data) -> Report:
    """metrics: {train,val,test}_loss, the surprise per character in nats; `test_perplexity`, e to its power; and the test loss of
    two models that only count, `unigram_loss` and `bigram_loss`.
    """
    metrics = metrics_of_sets(model, data)
    test_loss = metrics["test_loss"]
    with np.errstate(over="ignore"):
        perplexity = None if test_loss is None else finite(float(np.exp(test_loss)))
    return {
        "kind": "language",
        "metrics": metrics | counting_losses(data) | {"test_perplexity": perplexity},
    }


def counting_losses(data: Data) -> dict[str, float]:
    """The test loss of saying how common each character is (unigram), and how common it is after the one before it (bigram).

    Both count in the training set: the unigram adds one to each count; the bigram adds, to the pairs of each character, as many
    imagined ones as do best on the validation set, spread as the unigram says.
    """
    characters = len(data.names)
    unigram = np.bincount(data.y_train.ravel().astype(int), minlength=characters) + 1.0
    unigram /= unigram.sum()
    before, after = data.x_train.ravel().astype(int), data.y_train.ravel().astype(int)
    shape = (characters + 1, characters)
    pairs = np.bincount(before * characters + after, minlength=shape[0] * shape[1]).reshape(shape)
    totals = pairs.sum(axis=1)

    def bigram_loss(x: np.ndarray, y: np.ndarray, imagined: float) -> float:
        before, after = x.ravel().astype(int), y.ravel().astype(int)
        chance = (pairs[before, after] + imagined * unigram[after]) / (totals[before] + imagined)
        return float(-np.log(chance).mean())

    best = min(SMOOTHING, key=lambda imagined: bigram_loss(data.x_val, data.y_val, imagined))
    return {
        "unigram_loss": float(-np.log(unigram[data.y_test.ravel().astype(int)]).mean()),
        "bigram_loss": bigram_loss(data.x_test, data.y_test, best),
    }


def write(
    model: keras.Model, *, begin: int, length: int, count: int, temperature: float, seed: int
) -> np.ndarray:
    """`count` texts as numbers (count, length), drawn character by character. Equal models and seeds write equal texts."""
    dice = np.random.default_rng(seed).random((count, length))
    x = np.full((count, length), begin, "float32")
    texts = np.zeros((count, length), int)
    for place in range(length):
        probabilities = np.nan_to_num(model(x, training=False).numpy()[:, place]).astype(np.float64)
        texts[:, place] = drawn(probabilities, temperature, dice[:, place])
        if place + 1 < length:
            x[:, place + 1] = texts[:, place]
    return texts


def noise(characters: int, *, count: int, length: int, seed: int) -> np.ndarray:
    """What `write` would write with the same dice if every character were as likely as any other."""
    return (np.random.default_rng(seed).random((count, length)) * characters).astype(int)


def drawn(probabilities: np.ndarray, temperature: float, dice: np.ndarray) -> np.ndarray:
    """One number for each row of `probabilities`: where the sum of the shares, cooled by the temperature, passes the die (0 to 1)."""
    logits = np.log(np.maximum(probabilities, 1e-30)) / temperature
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    sums = np.cumsum(shares, axis=1)
    return np.minimum((sums < dice[:, np.newaxis] * sums[:, -1:]).sum(axis=1), probabilities.shape[1] - 1)
