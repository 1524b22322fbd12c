"""Find the few complaints among much praise: the networks of text-classification on reviews of which one class is rare."""

from dataclasses import replace

from worker.kit.data import balanced_weights
from worker.kit.optimizers import optimizer_of
from worker.kit.text_models import text_network
from worker.kit.text_reports import filter_report
from worker.kit.texts import text_data

RARE = "negative"


def load(hyperparameters):
    data = text_data(
        "shopping-reviews",
        hyperparameters["tokens"],
        size=hyperparameters["vocabulary"],
        length=hyperparameters["length"],
        train_size=hyperparameters["train_size"],
        rare=RARE,
        share=hyperparameters["share"],
    )
    if not hyperparameters["class_weights"]:
        return data
    return replace(data, class_weights=balanced_weights(data.y_train, len(data.names)))


def build(data, hyperparameters):
    return text_network(data, hyperparameters)


def compile(model, hyperparameters):
    model.compile(
        optimizer=optimizer_of(hyperparameters["optimizer"], hyperparameters["learning_rate"]),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )


def evaluate(model, data, hyperparameters):
    return filter_report(model, data, RARE)
