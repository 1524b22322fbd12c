"""One folder is enough: a recipe for texts with its own figure, try-out and report rows, in two languages, and no other file."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PATIENCE_MS, Complaints, run_classroom, sign_up

pytestmark = pytest.mark.timeout(900)

RECIPE_TOML = """
title = { zh = "好评还是差评", en = "Praise or blame" }
summary = { zh = "从几个词看出一句话的心情。", en = "Tell the mood of a sentence from its words." }
figures = ["own"]
live_figure = "own"

[limits]
seconds = 300
memory_mb = 4000

[estimate]
seconds = 3

[try_out]
kind = "own"

[[report]]
metric = "vocabulary"
format = "integer"
label = { zh = "词汇量", en = "Words it knows" }

[words]
figure = { zh = "每个词的分量", en = "The weight of each word" }
hint = { zh = "写一句话", en = "Type a sentence" }
praise = { zh = "好评", en = "praise" }
blame = { zh = "差评", en = "blame" }

[[hyperparameters]]
name = "epochs"
kind = "integer"
default = 3
minimum = 1
maximum = 50
label = { zh = "轮数", en = "Epochs" }
help = { zh = "看几遍。", en = "How often all are seen." }

[[hyperparameters]]
name = "batch_size"
kind = "integer"
default = 8
minimum = 1
maximum = 64
label = { zh = "批量大小", en = "Batch size" }
help = { zh = "每步几句。", en = "How many at a step." }

[[hyperparameters]]
name = "seed"
kind = "integer"
default = 1
minimum = 0
maximum = 1000
label = { zh = "随机种子", en = "Random seed" }
help = { zh = "同样的种子，同样的结果。", en = "The same seed, the same result." }
"""
RECIPE_PY = '''
"""Tell praise from blame by counting words."""

import keras
import numpy as np

from worker.kit.data import Data
from worker.kit.reports import classification_report

GOOD, BAD, PLAIN = ["good", "lovely", "great"], ["bad", "awful", "sad"], ["film", "day", "song", "book"]
WORDS = GOOD + BAD + PLAIN


def counts(sentence):
    return np.array([sentence.split().count(word) for word in WORDS], "float32")


def load(hyperparameters):
    random = np.random.default_rng(0)
    y = np.arange(96) % 2
    texts = [" ".join([*random.choice(PLAIN, 3), random.choice(GOOD if mood else BAD)]) for mood in y]
    x, y = np.stack([counts(text) for text in texts]), y.astype("int32")
    return Data(x[:64], y[:64], x[64:80], y[64:80], x[80:], y[80:], names=("blame", "praise"), features=tuple(WORDS))


def build(data, hyperparameters):
    return keras.Sequential([keras.Input((len(WORDS),)), keras.layers.Dense(1, activation="sigmoid", name="words")])


def compile(model, hyperparameters):
    model.compile(optimizer=keras.optimizers.Adam(0.1), loss="binary_crossentropy", metrics=["accuracy"])


def weights(model):
    values = model.get_layer("words").kernel.numpy()[:, 0]
    return [[word, round(float(value), 3)] for word, value in zip(WORDS, values)]


def extra_of_epoch(model, data, hyperparameters):
    return {"own": {"weights": weights(model)}}


def evaluate(model, data, hyperparameters):
    report = classification_report(model, data)
    report["metrics"]["vocabulary"] = len(WORDS)
    return report | {"figures": [{"kind": "own", "weights": weights(model)}], "try_out": WORDS}
'''
FIGURE_HTML = """
<ol class="word-weights">{% for word, weight in (data.weights if data else []) %}<li>{{ word }} {{ weight }}</li>{% endfor %}</ol>
"""
FIGURE_JS = """
export default function start(element, { data, words }) {
  element.dataset.bars = data ? data.weights.length : 0;
  element.dataset.caption = words.figure;
}
"""
TRY_OUT_HTML = """
<label>{{ words.hint }} <input class="input"></label><output></output>
"""
TRY_OUT_JS = """
export default function start(element, { data: known, words, loadModel }) {
  const model = loadModel();
  element.querySelector("input").addEventListener("input", async ({ target }) => {
    const said = target.value.split(/\\s+/);
    const counts = Float32Array.from(known, (word) => said.filter((each) => each === word).length);
    const [praise] = await (await model).predict(counts);
    element.querySelector("output").textContent = praise > 0.5 ? words.praise : words.blame;
  });
  element.dataset.listens = "";
}
"""


@pytest.fixture
def recipes(tmp_path: Path) -> Path:
    folder = tmp_path / "recipes" / "mood"
    folder.mkdir(parents=True)
    files = {
        "recipe.toml": RECIPE_TOML,
        "recipe.py": RECIPE_PY,
        "figure.html": FIGURE_HTML,
        "figure.js": FIGURE_JS,
        "try-out.html": TRY_OUT_HTML,
        "try-out.js": TRY_OUT_JS,
    }
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    return folder.parent


def expect_its_own(page: Page, words: tuple[str, str, str, str]) -> None:
    figure, row, hint, praise = words
    expect(page.locator("#own-figure")).to_have_text(figure)
    expect(page.locator("[data-own-part=figure]")).to_have_attribute("data-bars", "10")
    expect(page.locator(".word-weights li")).to_have_count(10)
    expect(page.locator(f"dt:text-is('{row}') + dd")).to_have_text("10")
    expect(page.locator("[data-own-part=try-out]")).to_have_attribute("data-listens", "")
    page.get_by_label(hint).fill("a lovely great day")
    expect(page.locator("[data-own-part=try-out] output")).to_have_text(praise)


def test_a_recipe_in_a_folder_of_its_own_is_trained_and_shown_in_two_languages(
    browser: Browser, recipes: Path, tmp_path: Path, complaints: Complaints
) -> None:
    (tmp_path / "content").mkdir()
    (tmp_path / "data").mkdir()
    settings = {"recipes_dir": str(recipes), "content_dir": str(tmp_path / "content")}
    with run_classroom(tmp_path / "data", **settings) as classroom:
        context = browser.new_context(base_url=classroom.address, reduced_motion="reduce")
        context.set_default_timeout(PATIENCE_MS)
        complaints.listen(context)
        context.add_cookies([{"name": "language", "value": "en", "url": classroom.address}])
        page = context.new_page()
        sign_up(page)
        page.goto("/recipes")
        expect(page.locator(".recipe-card")).to_contain_text("made by the recipe itself")
        page.get_by_role("link", name="Praise or blame").click()
        page.get_by_role("button", name="Start the training").click()
        page.wait_for_url(re.compile(r"/jobs/"))
        expect(page.locator(".state")).to_have_text("Finished", timeout=240_000)
        expect_its_own(page, ("The weight of each word", "Words it knows", "Type a sentence", "praise"))
        context.add_cookies([{"name": "language", "value": "zh", "url": classroom.address}])
        page.reload()
        expect_its_own(page, ("每个词的分量", "词汇量", "写一句话", "好评"))
        context.close()
