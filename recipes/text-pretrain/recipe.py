"""Few labels, many texts: a small Transformer first fills in blanks in reviews without labels, then learns from a few with labels."""

from dataclasses import replace

import keras
import numpy as np

from worker.kit.data import Data, Pretraining
from worker.kit.reports import classification_report
from worker.kit.text_models import mask_of, mean_of_tokens, transformer_block
from worker.kit.text_reports import linear_answers, with_texts
from worker.kit.texts import text_data, with_blanks
from worker.scratch import accuracy_from_scratch

BLANKS = 8  # characters of each review to guess
PRETRAIN_RATE, PRETRAIN_BATCH = 0.002, 64


def load(hyperparameters):
    data = text_data(
        "shopping-reviews",
        "character",
        size=hyperparameters["vocabulary"],
        length=hyperparameters["length"],
        train_size=hyperparameters["unlabelled"],
    )
    # Another seed has other labels, too: how much one learns from a hundred depends on which they are.
    order = np.random.default_rng(hyperparameters["seed"]).permutation(len(data.x_train))
    chosen = order[: hyperparameters["labels"]]
    return replace(data, x_train=data.x_train[chosen], y_train=data.y_train[chosen], unlabelled=data.x_train)


def build(data, hyperparameters):
    tokens = keras.Input(shape=data.x_train.shape[1:])
    states = transformer_block(tokens, mask_of(tokens), data, hyperparameters)
    encoder = keras.Model(tokens, states, name="encoder")

    tokens = keras.Input(shape=data.x_train.shape[1:])
    x = mean_of_tokens(encoder(tokens), mask_of(tokens))
    x = keras.layers.Dropout(hyperparameters["dropout"])(x)
    return keras.Model(tokens, keras.layers.Dense(len(data.names), activation="softmax")(x))


def pretrain(model, data, hyperparameters):
    """The encoder with another output: which character stood at each of the blanks."""
    if not hyperparameters["pretrain"]:
        return None
    length = hyperparameters["length"]
    inputs = keras.Input(shape=(length + BLANKS,))
    states = model.get_layer("encoder")(inputs[:, :length])
    places = keras.ops.expand_dims(keras.ops.cast(inputs[:, length:], "int32"), axis=-1)
    guesses = keras.layers.Dense(data.tokenizer.size, activation="softmax")(
        keras.ops.take_along_axis(states, places, axis=1)
    )
    learner = keras.Model(inputs, guesses)
    learner.compile(
        optimizer=keras.optimizers.Adam(PRETRAIN_RATE),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    x_val, y_val = with_blanks(data.x_val, BLANKS, seed=(0, 0))

    def examples(epoch):
        """The same texts with other blanks in every epoch."""
        x, y = with_blanks(data.unlabelled, BLANKS, seed=(hyperparameters["seed"], 1 + epoch))
        return Data(x_train=x, y_train=y, x_val=x_val, y_val=y_val, x_test=x_val, y_test=y_val)

    return Pretraining(learner, examples, hyperparameters["pretrain_epochs"], PRETRAIN_BATCH)


def compile(model, hyperparameters):
    model.compile(
        optimizer=keras.optimizers.Adam(hyperparameters["learning_rate"]),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )


def evaluate(model, data, hyperparameters):
    report = with_texts(classification_report(model, data), model, data)
    report["metrics"]["linear_accuracy"] = float(np.mean(linear_answers(data) == data.y_test))
    if hyperparameters["pretrain"]:
        report["metrics"]["scratch_accuracy"] = accuracy_from_scratch(build, compile, data, hyperparameters)
    return report
