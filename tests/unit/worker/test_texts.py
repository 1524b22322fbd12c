"""Texts as numbers: the same in Python and in the browser, and which words weigh."""

import json
import random
import subprocess
from collections import Counter

import numpy as np
import pytest

from app.core.config import ROOT
from worker.kit.datasets import load_dataset
from worker.kit.text_reports import pieces, tokenizer_json, without_each
from worker.kit.texts import (
    PADDING,
    UNKNOWN,
    Tokenizer,
    normalized,
    text_data,
    thinned,
    unpacked,
)

# As the browser runs it, without a browser.
ENCODE = """
import {{ tokenizer }} from "{module}";
import {{ readFileSync }} from "node:fs";
const {{ json, texts }} = JSON.parse(readFileSync(0, "utf8"));
const made = tokenizer(json);
console.log(JSON.stringify(texts.map((text) => [[...made.encode(text)], made.spans(text)])));
"""
ODD = [
    "",
    " \u3000\t",
    "ＡＢＣ１２３！",
    "Hello World 2.0",
    "很好😀👨‍👩‍👧很好",
    "\u0301e\u0301ÀÉ",
    "İıſ",
    "一" * 300,
    "a" * 300,
    "𠮷野家",
    "\u2028\u200b",
]


def mixed_texts(texts: list[str], count: int) -> list[str]:
    """Real characters in a new order: words that meet by chance are cut differently than in a sentence."""
    chance = random.Random(1)
    characters = "".join(texts[:200]) + "ABCxyz019 　，。！😀"
    return ["".join(chance.choices(characters, k=chance.randrange(120))) for _ in range(count)]


@pytest.mark.parametrize("kind", ["character", "word"])
def test_the_browser_makes_the_same_numbers(kind):
    data = text_data("shopping-reviews", kind, size=3000, length=80, train_size=100)
    texts = [*ODD, *data.texts_test[:300], *mixed_texts(list(data.texts_test), 300)]
    ran = subprocess.run(
        ["node", "--input-type=module", "-e", ENCODE.format(module=ROOT / "static/js/jobs/tokenizer.js")],
        input=json.dumps({"json": json.loads(tokenizer_json(data)), "texts": texts}),
        capture_output=True,
        text=True,
        check=True,
    )
    for text, (encoded, spans) in zip(texts, json.loads(ran.stdout), strict=True):
        assert data.tokenizer.encode(text).tolist() == encoded, text
        assert [list(span) for span in data.tokenizer.spans(text)] == spans, text


def test_a_text_is_padded_cut_and_has_one_number_for_all_that_is_unknown():
    tokenizer = Tokenizer("character", 5, ("好", "a"))
    assert tokenizer.encode("好 龘Ａ").tolist() == [2, UNKNOWN, 3, PADDING, PADDING]
    assert tokenizer.encode("好" * 9).tolist() == [2] * 5
    assert tokenizer.spans("好 A")[1] == (2, 3, 3)


def test_words_are_cut_in_the_way_that_costs_least():
    tokenizer = Tokenizer("word", 9, ("研究", "研究生", "生命", "命", "起源", "usb3"), (5, 9, 5, 9, 5, 5))
    text = "研究生命起源USB3。"
    assert [text[start:end] for start, end, _ in tokenizer.spans(text)] == [
        "研究",
        "生命",
        "起源",
        "USB3",
        "。",
    ]


def test_no_review_is_both_for_training_and_for_the_test():
    arrays = load_dataset("shopping-reviews")
    train, test = unpacked(arrays["texts_train"]), unpacked(arrays["texts_test"])
    assert (len(train), len(test)) == (len(arrays["y_train"]), len(arrays["y_test"])) == (14_320, 3_000)
    said = Counter("".join(filter(str.isalnum, map(normalized, text))) for text in train + test)
    assert set(said.values()) == {1} and "" not in said


def test_a_class_made_rare_has_its_share_and_all_others_stay():
    labels = np.array([0, 1, 1, 0, 0, 1, 1, 0, 1, 1, 1, 0, 1])
    assert thinned(labels, 0, 0.2).tolist() == [1, 2, 4, 5, 6, 8, 9, 10, 11, 12]
    assert thinned(labels, 0, 0.5).tolist() == list(range(len(labels)))
    data = text_data(
        "shopping-reviews", "character", size=50, length=5, train_size=12_000, rare="negative", share=0.13
    )
    for labels in (data.y_train, data.y_val, data.y_test):
        assert np.mean(labels == 0) == pytest.approx(0.13, abs=1e-3)
        assert np.mean(labels[: len(labels) // 2] == 0) == pytest.approx(0.13, abs=0.02)
    assert len(data.x_test) == len(data.texts_test) == len(data.y_test)


def test_a_token_left_out_moves_up_what_follows():
    tokens = np.array([5, 6, 7, 0], "float32")
    assert without_each(tokens, 3).tolist() == [[6, 7, 0, 0], [5, 7, 0, 0], [5, 6, 0, 0]]


def test_pieces_join_to_the_text_and_mark_what_weighs_most():
    tokenizer = Tokenizer("character", 4, ())
    text = "很 不好吃，真的"
    found = pieces(text, tokenizer.spans(text), [0.0, 0.3, -0.1, 0.01])
    assert "".join(piece for piece, _, _ in found) == text
    assert found == [["很 ", 0, 0], ["不", 3, 0.3], ["好", -1, -0.1], ["吃", 0, 0], ["，真的", None, 0]]


@pytest.mark.parametrize("model", ["bag", "lstm", "transformer"])
def test_each_network_trains_and_runs_where_it_is_tried_out(train_sample, model):
    """TextCNN does in the tests of all recipes. `worker.export` allows operations that a browser has, and no others."""
    channel = train_sample(
        "text-classification", sample=100, model=model, epochs=1, width=8, length=20, train_size=100
    )
    report = channel.report
    assert report["figures"][0]["how"] == ("weights" if model == "bag" else "occlusion")
    assert all(mistake["pieces"] for mistake in report["mistakes"]) and "files" not in report
    assert set(channel.artefacts) == {
        "model.keras", "model.tflite", "model-float16.tflite", "notebook.ipynb", "tokenizer.json",
    }  # fmt: skip


def test_a_filter_keeps_what_every_threshold_needs(train_sample):
    """Counted from the figure's probabilities, the test set has the report's own numbers at 0.5."""
    settings = {"model": "bag", "learning_rate": 0.01, "epochs": 3, "share": 0.3, "class_weights": True}
    report = train_sample("text-filter", sample=300, **settings).report
    (figure,), metrics = report["figures"], report["metrics"]
    wanted, other = (np.array(figure["sets"]["test"][kind]) for kind in ("wanted", "other"))
    missed, caught = (wanted < 5000).sum(), (wanted >= 5000).sum()
    alarms, cleared = (other >= 5000).sum(), (other < 5000).sum()
    assert report["confusion"] == [[caught, missed], [alarms, cleared]]
    assert metrics["test_recall"] == metrics["recall_at_05"] == caught / len(wanted)
    assert metrics["recall_at_08"] <= metrics["recall_at_05"] <= metrics["recall_at_02"]
    assert metrics["test_f1"] == 2 * caught / (2 * caught + missed + alarms)
    assert metrics["baseline_f1"] == 0 < metrics["linear_f1"]
    assert metrics["baseline_accuracy"] == len(other) / (len(wanted) + len(other))
    assert 0 < figure["best"] < 1 and report["try_out"]["threshold"] == {"wanted": 0, "value": 0.5}
