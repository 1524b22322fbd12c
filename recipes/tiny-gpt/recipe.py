"""Write couplets: a causal Transformer that predicts the next character, in the manner of GPT."""

import json
import re

import keras
import numpy as np

from worker.kit.data import Data
from worker.kit.datasets import load_dataset
from worker.kit.language import language_report, noise, write

VALIDATION_SIZE = TEST_SIZE = 3_000
LENGTH = 12  # characters of a couplet, with its comma and its full stop


def load(hyperparameters):
    arrays = load_dataset("tang-couplets")
    names = arrays["characters"].tolist()
    numbers = {name: number for number, name in enumerate(names)}
    couplets = np.array([[numbers[name] for name in text] for text in arrays["simplified"].tolist()], "int32")
    # Each character is predicted from those before it; the first from a number that is no character's, which says "begin".
    begin = np.full((len(couplets), 1), len(names))
    x, y = np.concatenate([begin, couplets[:, :-1]], axis=1).astype("float32"), couplets
    train, test = hyperparameters["couplets"], -VALIDATION_SIZE - TEST_SIZE
    return Data(
        x_train=x[:train],
        y_train=y[:train],
        x_val=x[-VALIDATION_SIZE:],
        y_val=y[-VALIDATION_SIZE:],
        x_test=x[test:-VALIDATION_SIZE],
        y_test=y[test:-VALIDATION_SIZE],
        names=tuple(names),
    )


def build(data, hyperparameters):
    width, characters = hyperparameters["width"], len(data.names)
    inputs = keras.Input(shape=(LENGTH,))
    x = keras.layers.Embedding(characters + 1, width)(inputs)
    if hyperparameters["positions"]:
        # 0, 1, 2 ...: attention alone does not know in which order the characters stand.
        positions = keras.ops.cumsum(keras.ops.ones_like(inputs), axis=1) - 1
        x = x + keras.layers.Embedding(LENGTH, width)(positions)
    for number in range(hyperparameters["layers"]):
        x = block(x, number, hyperparameters)
    x = keras.layers.LayerNormalization()(x)
    outputs = keras.layers.Dense(characters, activation="softmax")(x)
    return keras.Model(inputs, outputs)


def block(x, number, hyperparameters):
    """Every character looks at those before it, then each is worked on by itself; both are added to what came in."""
    width, heads, dropout = (hyperparameters[name] for name in ("width", "heads", "dropout"))
    attention = keras.layers.MultiHeadAttention(
        heads, key_dim=max(1, width // heads), name=f"attention_{number}"
    )
    seen = keras.layers.LayerNormalization()(x)
    # Without the mask it sees the character that it is to predict: the loss looks splendid, the writing does not.
    seen, _ = attention(seen, seen, use_causal_mask=hyperparameters["mask"], return_attention_scores=True)
    x = x + keras.layers.Dropout(dropout)(seen)
    thought = keras.layers.LayerNormalization()(x)
    thought = keras.layers.Dense(4 * width, activation="gelu")(thought)
    thought = keras.layers.Dense(width)(thought)
    return x + keras.layers.Dropout(dropout)(thought)


def compile(model, hyperparameters):
    model.compile(
        optimizer=keras.optimizers.AdamW(hyperparameters["learning_rate"]),
        loss="sparse_categorical_crossentropy",
    )


def exported(model):
    """With a second output: how strongly each position looks at each other, in the last layer, as the mean of its heads."""
    last = max(layer.name for layer in model.layers if layer.name.startswith("attention_"))
    _, scores = model.get_layer(last).output
    return keras.Model(model.input, [model.output, keras.ops.mean(scores, axis=1)])


def extra_of_epoch(model, data, hyperparameters):
    """What it writes by now, and what the same dice write without any model; each couplet simplified and traditional."""
    dice = {"count": 4, "length": LENGTH, "seed": hyperparameters["seed"]}
    forms = load_dataset("tang-couplets")["traditional_characters"]

    def verses(texts):
        return [["".join(names[text]) for names in (np.array(data.names), forms)] for text in texts]

    written = write(model, begin=len(data.names), temperature=0.7, **dice)
    return {"own": {"verses": verses(written), "noise": verses(noise(len(data.names), **dice))}}


def proper_share(model, data, hyperparameters):
    """The share, of 200 texts written at temperature 1, that are punctuated like a couplet and repeat no character."""
    dice = {"count": 200, "length": LENGTH, "temperature": 1.0, "seed": hyperparameters["seed"]}
    written = write(model, begin=len(data.names), **dice)
    texts = ["".join(np.array(data.names)[text]) for text in written]
    proper = [
        text for text in texts if re.fullmatch("[^，。]{5}，[^，。]{5}。", text) and len(set(text)) == LENGTH
    ]
    return len(proper) / len(texts)


def evaluate(model, data, hyperparameters):
    report = language_report(model, data)
    report["metrics"]["proper_share"] = proper_share(model, data, hyperparameters)
    forms = load_dataset("tang-couplets")["traditional_characters"].tolist()
    tokens = {"characters": list(data.names), "traditional": forms, "length": LENGTH}
    return report | {
        "figures": [{"kind": "own"} | extra_of_epoch(model, data, hyperparameters)["own"]],
        "files": {"tokenizer.json": json.dumps(tokens, ensure_ascii=False).encode()},
    }
