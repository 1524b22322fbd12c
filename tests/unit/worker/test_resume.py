"""A killed and resumed job ends with the same weights, bit for bit, as one that ran undisturbed."""

import json
import multiprocessing
import signal
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.unit.worker.resume_child import run
from worker.channel import JobSpec
from worker.checkpoint import CheckpointError, Progress, restore_checkpoint, save_checkpoint
from worker.recipes import default_hyperparameters, load_recipe

JOBS: dict[str, dict[str, Any]] = {
    "mnist-mlp": {"epochs": 3, "batch_size": 64, "units": 16, "dropout": 0.3, "optimizer": "momentum"},
    "mnist-cnn": {"epochs": 3, "batch_size": 64, "filters": 2, "dropout": 0.3, "optimizer": "adam"},
    # Moving averages of batch normalisation, and pictures moved at random.
    "fashion-cnn": {"epochs": 3, "batch_size": 64, "model": "resnet", "filters": 2, "augment": True},
    "image-classification": {"epochs": 3, "batch_size": 64, "filters": 2, "augment": True},
    # Only part of the model learns, and a block of it only after the first epoch.
    "image-finetune": {"epochs": 3, "batch_size": 64, "resolution": 64, "unfrozen": 1, "head_epochs": 1},
    # An answer for every pixel, weighted by its class.
    "scene-segmentation": {"epochs": 3, "batch_size": 64, "filters": 1, "class_weights": True},
    # Fresh noise on every picture.
    "autoencoder": {"epochs": 3, "batch_size": 64, "units": 8, "noise": 0.3},
    # Sparse gradients of an embedding, and attention with a mask; text-classification has the same networks, without weights.
    "text-filter": {
        "epochs": 3,
        "batch_size": 64,
        "model": "transformer",
        "width": 8,
        "train_size": 400,
        "class_weights": True,
    },
    # Attention with dropout, and texts drawn after each epoch.
    "tiny-gpt": {"epochs": 3, "batch_size": 64, "layers": 1, "width": 16, "heads": 2},
}
MNIST = ("mnist-mlp", "mnist-cnn")
# 200 examples: an epoch calls `should_stop` before 4 training batches and 1 validation batch.
BATCHES_PER_EPOCH = 5


@pytest.fixture(scope="module")
def context():
    """Children as in production: forked from a server that has imported TensorFlow and no more."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["worker.runner"])
    return context


def train_in_child(
    context, recipe: str, folder: Path, kill_at_batch: int | None = None, *, warm: bool = False
) -> int:
    spec = JobSpec("job", 1, recipe, default_hyperparameters(recipe, **JOBS[recipe]))
    process = context.Process(target=run, args=(spec, str(folder), kill_at_batch, warm))
    process.start()
    process.join(240)
    return process.exitcode


@pytest.fixture(scope="module")
def undisturbed(context, tmp_path_factory):
    @cache
    def result_of(recipe: str):
        folder = tmp_path_factory.mktemp(recipe)
        assert train_in_child(context, recipe, folder) == 0
        return json.loads((folder / "result.json").read_text())

    return result_of


@pytest.mark.parametrize("recipe", MNIST)
@pytest.mark.parametrize(
    ("kills", "resumed_epochs"),
    [
        # In the first epoch, which stores nothing; in the middle of the second.
        ([(3, None), (BATCHES_PER_EPOCH + 3, 1)], [2, 3]),
        # During the second's validation; again soon after resuming; after the last epoch, before the evaluation.
        ([(2 * BATCHES_PER_EPOCH - 1, 1), (2, 1), (2 * BATCHES_PER_EPOCH, 3)], []),
    ],
    ids=["early", "late"],
)
def test_killed_and_resumed_equals_undisturbed(context, undisturbed, tmp_path, recipe, kills, resumed_epochs):
    for kill_at_batch, stored in kills:
        assert train_in_child(context, recipe, tmp_path, kill_at_batch) == -signal.SIGKILL
        assert not (tmp_path / "result.json").exists()
        assert stored_epochs(tmp_path) == stored
    assert train_in_child(context, recipe, tmp_path) == 0
    result = json.loads((tmp_path / "result.json").read_text())
    assert result["epochs"] == resumed_epochs
    assert result["weights_sha256"] == undisturbed(recipe)["weights_sha256"]
    assert result["metrics"] == undisturbed(recipe)["metrics"]


def stored_epochs(folder: Path) -> int | None:
    """How many epochs the last checkpoint holds; None without one."""
    path = folder / "checkpoint.npz"
    if not path.exists():
        return None
    with np.load(path) as archive:
        return json.loads(archive["progress"].tobytes())["epoch"]


@pytest.mark.parametrize("recipe", [recipe for recipe in JOBS if recipe not in MNIST])
def test_other_kinds_of_networks_resume_alike(context, undisturbed, tmp_path, recipe):
    kills, resumed_epochs = [(BATCHES_PER_EPOCH + 3, 1), (2, 1)], [2, 3]
    test_killed_and_resumed_equals_undisturbed(context, undisturbed, tmp_path, recipe, kills, resumed_epochs)


@pytest.mark.parametrize("recipe", MNIST)
def test_a_warmed_up_process_trains_the_same_model(context, undisturbed, tmp_path, recipe):
    assert train_in_child(context, recipe, tmp_path, warm=True) == 0
    result = json.loads((tmp_path / "result.json").read_text())
    assert result["weights_sha256"] == undisturbed(recipe)["weights_sha256"]


def test_another_seed_gives_other_weights(context, undisturbed, tmp_path, monkeypatch):
    before = undisturbed("mnist-mlp")
    monkeypatch.setitem(JOBS, "mnist-mlp", JOBS["mnist-mlp"] | {"seed": 2})
    assert train_in_child(context, "mnist-mlp", tmp_path) == 0
    result = json.loads((tmp_path / "result.json").read_text())
    assert result["weights_sha256"] != before["weights_sha256"]


def compiled_model(recipe: str, **overrides):
    hyperparameters = default_hyperparameters(recipe, **overrides)
    module = load_recipe(recipe)
    model = module.build(module.load(hyperparameters).first(10), hyperparameters)
    module.compile(model, hyperparameters)
    return model


def test_a_checkpoint_brings_back_every_variable_and_the_seed_generators():
    saved = compiled_model("mnist-mlp", dropout=0.5, optimizer="adam")
    for variable in saved.variables:
        variable.assign(variable + 1)
    content = save_checkpoint(saved, Progress(epoch=4, initial_loss=2.3))
    restored = compiled_model("mnist-mlp", dropout=0.5, optimizer="adam")
    assert restore_checkpoint(restored, content) == Progress(epoch=4, initial_loss=2.3)
    assert len(saved.variables) > len(saved.weights), (
        "the dropout layers' seed generators are among the variables"
    )
    for before, after in zip(saved.variables, restored.variables, strict=True):
        assert np.array_equal(before.numpy(), after.numpy())


def test_a_checkpoint_of_another_model_is_refused():
    content = save_checkpoint(compiled_model("mnist-mlp", units=8), Progress(epoch=1))
    with pytest.raises(CheckpointError, match="784, 9"):
        restore_checkpoint(compiled_model("mnist-mlp", units=9), content)
    with pytest.raises(CheckpointError, match=r"holds \d+ variables"):
        restore_checkpoint(compiled_model("mnist-mlp", units=8, depth=3), content)
