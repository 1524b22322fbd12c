"""Texts as numbers: each character or word has one, by a vocabulary that travels with the model.

static/js/jobs/tokenizer.js does the same in the browser, number for number. So nothing here depends on a version of Unicode or on
rounding: code points are compared, and costs are whole numbers.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from worker.kit.data import Data
from worker.kit.datasets import class_names, load_dataset

PADDING, UNKNOWN = 0, 1  # the numbers of what fills a short text, and of what is not in the vocabulary
FIRST = 2  # the number of the vocabulary's first entry
SPACES = frozenset("\t\n\v\f\r \u00a0")
BREAKS = frozenset(",.!?;:()\"'~-*/、。…—·“”‘’《》【】")  # no word contains one
LATIN = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
NO_CHINESE = SPACES | BREAKS | LATIN
UNKNOWN_COST = 20_000  # of a character that is no word of the vocabulary: dearer than any word
LONGEST_WORD = 6
VALIDATION_SIZE = 2_000


@dataclass(frozen=True)
class Tokenizer:
    """`kind` is "character" or "word"; `length` how many tokens of a text are used.

    A word's cost is -1000 times the logarithm of its share of all words. A run of Chinese is cut into the words that cost least
    together, which is the most probable way to cut it; Latin letters and digits that stand together are one word.
    """

    kind: str
    length: int
    vocabulary: tuple[str, ...]
    costs: tuple[int, ...] = ()

    @cached_property
    def numbers(self) -> dict[str, int]:
        return {entry: FIRST + position for position, entry in enumerate(self.vocabulary)}

    @property
    def size(self) -> int:
        """How many different numbers there are."""
        return FIRST + len(self.vocabulary)

    def spans(self, text: str) -> list[tuple[int, int, int]]:
        """Start, end and number of each token that is used."""
        plain = "".join(map(normalized, text))
        cut = self._words(plain) if self.kind == "word" else _characters(plain)
        spans: list[tuple[int, int, int]] = []
        for start, end in cut:
            if len(spans) == self.length:
                break
            spans.append((start, end, self.numbers.get(plain[start:end], UNKNOWN)))
        return spans

    def encode(self, text: str) -> np.ndarray:
        """(length,) numbers as float32, which they are exactly."""
        numbers = np.full(self.length, PADDING, "float32")
        for position, (_, _, number) in enumerate(self.spans(text)):
            numbers[position] = number
        return numbers

    def _words(self, plain: str) -> Iterator[tuple[int, int]]:
        start = 0
        while start < len(plain):
            end = start + 1
            if plain[start] in LATIN:
                while end < len(plain) and plain[end] in LATIN:
                    end += 1
                yield start, end
            elif plain[start] in BREAKS:
                yield start, end
            elif plain[start] not in SPACES:
                while end < len(plain) and plain[end] not in NO_CHINESE:
                    end += 1
                yield from self._cheapest(plain, start, end)
            start = end

    def _cheapest(self, plain: str, start: int, end: int) -> Iterator[tuple[int, int]]:
        """The words of one run. Of two ways that cost the same, the one whose last word is longer."""
        total, begins = [0], [start]  # of the run up to each place: its cost, and where its last word begins
        for stop in range(start + 1, end + 1):
            best, begin = -1, stop
            for first in range(max(start, stop - LONGEST_WORD), stop):
                number = self.numbers.get(plain[first:stop])
                if number is None and first < stop - 1:
                    continue
                cost = total[first - start] + (UNKNOWN_COST if number is None else self.costs[number - FIRST])
                if best < 0 or cost < best:
                    best, begin = cost, first
            total.append(best)
            begins.append(begin)
        words = []
        while end > start:
            words.append((begins[end - start], end))
            end = begins[end - start]
        yield from reversed(words)


def normalized(character: str) -> str:
    """One character for one: full-width forms and capital Latin letters become plain ones."""
    code = ord(character)
    if 0xFF01 <= code <= 0xFF5E:
        code -= 0xFEE0
    elif code == 0x3000:
        code = 0x20
    return chr(code + 0x20 if 0x41 <= code <= 0x5A else code)


def _characters(plain: str) -> Iterator[tuple[int, int]]:
    return ((place, place + 1) for place, character in enumerate(plain) if character not in SPACES)


def character_tokenizer(texts: Iterable[str], size: int, length: int) -> Tokenizer:
    """With the `size` most frequent characters of the texts."""
    counts = Counter(normalized(character) for text in texts for character in text)
    vocabulary = sorted(counts.keys() - SPACES, key=lambda entry: (-counts[entry], entry))[:size]
    return Tokenizer("character", length, tuple(vocabulary))


def word_tokenizer(words: Sequence[str], counts: np.ndarray, size: int, length: int) -> Tokenizer:
    """With the first `size` of the words, which come with how often each was found."""
    whole = int(counts.sum())
    costs = tuple(round(-1000 * math.log(count / whole)) for count in counts[:size].tolist())
    return Tokenizer("word", length, tuple(words[:size]), costs)


def text_data(
    slug: str,
    kind: str,
    *,
    size: int,
    length: int,
    train_size: int,
    rare: str | None = None,
    share: float = 0.5,
) -> Data:
    """A data set's texts as numbers (examples, length): the first `train_size` to train on, the last 2,000 to validate.

    The vocabulary is that of all texts that are not for testing. If a class is to be `rare`, each of the three sets has only so
    many of its texts that they make up `share` of the set.
    """
    arrays = load_dataset(slug)
    texts, texts_test = unpacked(arrays["texts_train"]), unpacked(arrays["texts_test"])
    if kind == "word":
        tokenizer = word_tokenizer(unpacked(arrays["words"]), arrays["word_counts"], size, length)
    else:
        tokenizer = character_tokenizer(texts, size, length)
    names = class_names(slug)
    labels, labels_test = arrays["y_train"].astype("int32"), arrays["y_test"].astype("int32")

    def kept(labels: np.ndarray) -> np.ndarray:
        return np.arange(len(labels)) if rare is None else thinned(labels, names.index(rare), share)

    def encoded(texts: Sequence[str], places: np.ndarray) -> np.ndarray:
        return np.stack([tokenizer.encode(texts[place]) for place in places])

    train, test = kept(labels[:-VALIDATION_SIZE])[:train_size], kept(labels_test)
    validate = len(labels) - VALIDATION_SIZE + kept(labels[-VALIDATION_SIZE:])
    return Data(
        x_train=encoded(texts, train),
        y_train=labels[train],
        x_val=encoded(texts, validate),
        y_val=labels[validate],
        x_test=encoded(texts_test, test),
        y_test=labels_test[test],
        names=names,
        texts_test=tuple(texts_test[place] for place in test),
        tokenizer=tokenizer,
    )


def thinned(labels: np.ndarray, rare: int, share: float) -> np.ndarray:
    """The places of all other labels, and of so many of the rare ones that they make up `share` of what is kept.

    A data set's order is random and always the same. The rare ones are taken evenly along it, so that any first part of what
    is kept has about the same share.
    """
    is_rare = labels == rare
    counts = np.cumsum(is_rare)
    total = max(1, counts[-1])
    wanted = min(round(share / (1 - share) * np.count_nonzero(~is_rare)), total)
    return np.flatnonzero(~is_rare | (counts * wanted // total > (counts - 1) * wanted // total))


def packed(lines: Sequence[str]) -> np.ndarray:
    """Lines as one array of bytes: an array of texts would give each the room of the longest."""
    return np.frombuffer("\n".join(lines).encode(), np.uint8)


def unpacked(lines: np.ndarray) -> list[str]:
    return lines.tobytes().decode().split("\n")
