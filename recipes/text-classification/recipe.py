"""Tell praise from blame in Chinese reviews: a bag of words, a TextCNN, a BiLSTM, or one block of a Transformer."""

from worker.kit.optimizers import optimizer_of
from worker.kit.text_models import text_network
from worker.kit.text_reports import text_report
from worker.kit.texts import text_data


def load(hyperparameters):
    return text_data(
        "shopping-reviews",
        hyperparameters["tokens"],
        size=hyperparameters["vocabulary"],
        length=hyperparameters["length"],
        train_size=hyperparameters["train_size"],
    )


def build(data, hyperparameters):
    return text_network(data, hyperparameters)


def compile(model, hyperparameters):
    model.compile(
        optimizer=optimizer_of(hyperparameters["optimizer"], hyperparameters["learning_rate"]),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )


def evaluate(model, data, hyperparameters):
    return text_report(model, data)
