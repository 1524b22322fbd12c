"""Writes what the figure `attention-map` of lesson 13 shows: whom a small GPT looks at in couplets that it has not read.

`python -m bench.attention_map` trains the lesson's lab with the settings below (some minutes) and writes
static/figures/attention-map/data.js.
"""

import json
from typing import Any

import keras
import numpy as np

from app.core.config import ROOT
from worker.kit.data import Data
from worker.kit.datasets import load_dataset
from worker.recipes import default_hyperparameters, load_recipe

TARGET = ROOT / "static" / "figures" / "attention-map" / "data.js"
SETTINGS = {"layers": 1, "width": 64, "epochs": 4, "couplets": 30_000, "batch_size": 128, "seed": 1}
COUPLETS = ("国破山河在，城春草木深。", "明月松间照，清泉石上流。", "野旷天低树，江清月近人。")
LIKELY = 5


def main() -> None:
    recipe = load_recipe("tiny-gpt")
    settings = default_hyperparameters("tiny-gpt", **SETTINGS)
    data = recipe.load(settings)
    keras.utils.set_random_seed(settings["seed"])
    model = recipe.build(data, settings)
    recipe.compile(model, settings)
    for _ in range(int(settings["epochs"])):
        model.fit(data.x_train, data.y_train, batch_size=settings["batch_size"], verbose=2)
    print("test loss", model.evaluate(data.x_test, data.y_test, batch_size=256, verbose=0))
    TARGET.write_text(javascript(model, data), encoding="utf-8")


def javascript(model: keras.Model, data: Data) -> str:
    train = load_dataset("tang-couplets")["simplified"][: SETTINGS["couplets"]].tolist()
    assert not set(COUPLETS) & set(train)
    scored = keras.Model(model.input, [model.output, model.get_layer("attention_0").output[1]])
    rows = [row(scored, list(data.names), text) for text in COUPLETS]
    lines = ",\n".join(f"  {json.dumps(each, ensure_ascii=False, separators=(',', ':'))}" for each in rows)
    return (
        "/* Written by bench/attention_map.py. Of each couplet: for each head and each character, how much it looks at the\n"
        " * beginning and at the characters before it; what it expects there; the rank of the true one. In thousandths. */\n"
        f"export const HEADS = {len(rows[0]['attention'])};\n"
        f"export const COUPLETS = [\n{lines},\n];\n"
    )


def row(scored: keras.Model, names: list[str], text: str) -> dict[str, Any]:
    numbers = [names.index(character) for character in text]
    x = np.array([[len(names), *numbers[:-1]]], "float32")
    probabilities, attention = (np.asarray(each)[0] for each in scored(x, training=False))
    order = np.argsort(-probabilities, axis=-1)
    return {
        "text": text,
        "attention": [
            [[thousandths(share) for share in head[place, : place + 1]] for place in range(len(text))]
            for head in attention
        ],
        "next": [
            [[names[number], thousandths(probabilities[place, number])] for number in order[place, :LIKELY]]
            for place in range(len(text))
        ],
        "ranks": [int(np.where(order[place] == number)[0][0]) + 1 for place, number in enumerate(numbers)],
    }


def thousandths(share: float) -> int:
    return round(1000 * float(share))


if __name__ == "__main__":
    main()
