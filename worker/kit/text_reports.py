"""Reports on a network that classifies texts: the usual one, and on which words its answers rest.

How much a word weighs is found by leaving it out and comparing the answers.
"""

import json
import math
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from worker.kit.data import Data
from worker.kit.reports import (
    BATCH_SIZE,
    Report,
    classification_report,
    detection_metrics,
    detection_report,
)
from worker.kit.texts import UNKNOWN
from worker.kit.thresholds import threshold_figure

TELLING = 12  # words shown for each class
TEXTS = 300  # test texts in which each word is left out once
LEVELS = 3  # of marking in a text
LEAST = 0.01  # a text in which no token weighs as much as this has none that weighs most
MIDDLE = 0.5  # the threshold of a filter before one moves it
SAMPLES, SHORT = 4, 40  # texts of each class for the try-out, and how long they may be
OFTEN = 4  # of a word that stands in fewer of them, too little is known


def text_report(model: keras.Model, data: Data) -> Report:
    """The report of a classification, with `pieces` of each mistake, the most telling words, and what the try-out needs."""
    report = with_texts(classification_report(model, data), model, data)
    report["metrics"]["linear_accuracy"] = float(np.mean(linear_answers(data) == data.y_test))
    return report | {"figures": [most_telling(model, data)]}


def filter_report(model: keras.Model, data: Data, rare: str) -> Report:
    """The report of a detection of the class `rare` at a threshold of 0.5, and a figure in which that can be moved.

    metrics also has `test_f1_at_best`, with the threshold that is best on the validation set; `linear_f1`, that of a logistic
    regression with the same class weights; `baseline_f1`, that of finding nothing; and `recall_at_02`, `recall_at_05`,
    `recall_at_08`, the test recall at these thresholds.
    """
    wanted = data.names.index(rare)
    report = with_texts(detection_report(model, data, wanted, MIDDLE), model, data)
    figure = threshold_figure(model, data, wanted)
    linear = linear_answers(data)
    is_rare = data.y_test == wanted
    report["metrics"] |= {
        "linear_accuracy": float(np.mean(linear == data.y_test)),
        "linear_f1": detection_metrics(is_rare, linear == wanted)["f1"],
        "baseline_f1": detection_metrics(is_rare, np.zeros_like(is_rare))["f1"],
        "test_f1_at_best": figure["at_best"]["f1"],
    }
    report["metrics"] |= {
        f"recall_at_{round(10 * row['threshold']):02}": row["recall"] for row in figure["at"]
    }
    report["try_out"]["threshold"] = {"wanted": wanted, "value": MIDDLE}
    return report | {"figures": [figure]}


def with_texts(report: Report, model: keras.Model, data: Data) -> Report:
    """The report with what it says of texts: `pieces` of each mistake, unknown tokens, and what the try-out needs."""
    weigh_mistakes(report, model, data)
    report["metrics"] |= shares(data)
    return report | {
        "try_out": {"classes": list(data.names), "samples": samples(data)},
        "files": {"tokenizer.json": tokenizer_json(data)},
    }


def shares(data: Data) -> dict[str, float]:
    """Of the test texts: how many tokens are not in the vocabulary, and how many texts fill the whole length."""
    tokens = data.x_test[data.x_test > 0]
    return {
        "unknown_share": float(np.mean(tokens == UNKNOWN)),
        "cut_share": float(np.mean(data.x_test[:, -1] > 0)),
    }


def samples(data: Data) -> list[dict[str, Any]]:
    """Short test texts of each class."""
    pairs = list(zip(data.texts_test, data.y_test.tolist(), strict=True))
    return [
        {"label": number, "text": text}
        for number in range(len(data.names))
        for text in [text for text, label in pairs if label == number and len(text) <= SHORT][:SAMPLES]
    ]


def without_each(tokens: np.ndarray, count: int) -> np.ndarray:
    """(count, length): the text without its first token, without its second, and so on; what follows moves up."""
    rows = np.repeat(tokens[np.newaxis], count, axis=0)
    for place in range(count):
        rows[place, place:-1] = tokens[place + 1 :]
        rows[place, -1] = 0
    return rows


def weights_of_tokens(model: keras.Model, texts: np.ndarray, wanted: Sequence[int]) -> list[np.ndarray]:
    """For each text, by how much the probability of its wanted class falls when each of its tokens is left out."""
    counts = [int(np.count_nonzero(tokens)) for tokens in texts]
    rows = [without_each(tokens, count) for tokens, count in zip(texts, counts, strict=True)]
    answers = model.predict(np.concatenate([texts, *rows]), batch_size=BATCH_SIZE, verbose=0)
    whole, parts = answers[: len(texts)], np.split(answers[len(texts) :], np.cumsum(counts)[:-1])
    return [
        whole[i, number] - part[:, number] for i, (number, part) in enumerate(zip(wanted, parts, strict=True))
    ]


def weigh_mistakes(report: Report, model: keras.Model, data: Data) -> None:
    """Adds `pieces` to each mistake: its text, with how much each part of it spoke for what was predicted."""
    mistakes = report["mistakes"]
    if not mistakes:
        return
    texts = np.stack([data.x_test[mistake["index"]] for mistake in mistakes])
    weights = weights_of_tokens(model, texts, [mistake["predicted"] for mistake in mistakes])
    for mistake, values in zip(mistakes, weights, strict=True):
        mistake["pieces"] = pieces(mistake["text"], data.tokenizer.spans(mistake["text"]), values.tolist())


def pieces(text: str, spans: Sequence[tuple[int, int, int]], weights: Sequence[float]) -> list[list[Any]]:
    """The text in parts of [text, level, weight]: level 3 for the token that weighs most, -3 if it speaks against the answer.

    What hardly weighs stands together with level 0, and what the network does not see at the end with level None.
    """
    largest = max([LEAST, *map(abs, weights)])
    found: list[list[Any]] = [["", 0, 0]]
    at = 0
    for (start, end, _), weight in zip(spans, weights, strict=True):
        if level := math.floor(LEVELS * weight / largest + 0.5):
            found[-1][0] += text[at:start]
            found += [[text[start:end], level, round(weight, 3)], ["", 0, 0]]
        else:
            found[-1][0] += text[at:end]
        at = end
    return [piece for piece in [*found, [text[at:], None, 0]] if piece[0]]


def most_telling(model: keras.Model, data: Data) -> dict[str, Any]:
    """A figure of kind "own": the words that speak most for each class, with their weights.

    For a bag of words these are the model's own: the weight for the class, less that for the other. For other networks it is by how much the
    probability falls when the word is left out, averaged over 300 test texts.
    """
    names = [layer.name for layer in model.layers]
    if "weights" in names:
        values = model.get_layer("weights").get_weights()[0]
        scores = dict(enumerate((values[:, 1] - values[:, 0]).tolist()))
        occurring = set(np.unique(data.x_test).astype(int).tolist())
        scores = {number: score for number, score in scores.items() if number in occurring and number > 1}
        how = "weights"
    else:
        scores, how = mean_effects(model, data), "occlusion"
    words = {number: word for word, number in data.tokenizer.numbers.items()}
    order = sorted(scores, key=lambda number: (scores[number], number))
    ends = {0: [n for n in order if scores[n] < 0], 1: [n for n in reversed(order) if scores[n] > 0]}
    return {
        "kind": "own",
        "how": how,
        "classes": [
            {"name": name, "words": [[words[n], round(abs(scores[n]), 3)] for n in ends[label][:TELLING]]}
            for label, name in enumerate(data.names)
        ],
    }


def mean_effects(model: keras.Model, data: Data) -> dict[int, float]:
    texts = data.x_test[:TEXTS]
    effects = defaultdict(list)
    for tokens, values in zip(texts, weights_of_tokens(model, texts, [1] * len(texts)), strict=True):
        for number, value in zip(tokens.astype(int).tolist(), values.tolist(), strict=False):
            effects[number].append(value)
    often = min(OFTEN, max(map(len, effects.values()), default=1))
    return {
        number: float(np.mean(values))
        for number, values in effects.items()
        if number > 1 and len(values) >= often
    }


def linear_answers(data: Data) -> np.ndarray:
    """What scikit-learn's logistic regression on which tokens stand in a text, however often, says of the test texts."""
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    def present(x: np.ndarray) -> csr_matrix:
        rows, places = np.nonzero(x)
        columns = x[rows, places].astype(int)
        table = csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(len(x), data.tokenizer.size))
        table.data[:] = 1
        return table

    weights = dict(enumerate(data.class_weights)) or None
    linear = LogisticRegression(max_iter=1000, class_weight=weights).fit(present(data.x_train), data.y_train)
    return linear.predict(present(data.x_test))


def tokenizer_json(data: Data) -> bytes:
    """The vocabulary for the browser; its entries are in the order of their numbers."""
    tokenizer = data.tokenizer
    content = {
        "kind": tokenizer.kind,
        "length": tokenizer.length,
        "vocabulary": tokenizer.vocabulary,
        "costs": tokenizer.costs,
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
