"""A training that starts from the weights of another one: what learns, how it resumes, and its notebook."""

import tempfile
from functools import cache
from pathlib import Path

import keras
import nbformat
import numpy as np
import pytest

from app.recipes.recipe import all_recipes
from tests.forks import run_blocks
from worker.channel import ConsoleChannel, JobSpec, Start
from worker.determinism import weights_sha256
from worker.kit.continuing import blocks_of, freeze_all_but_last
from worker.kit.datasets import cache_path
from worker.recipes import default_hyperparameters, load_recipe
from worker.runner import train
from worker.start import StartError, take_over

TINY = {
    "mnist-cnn": {"filters": 2},
    "text-classification": {"model": "cnn", "width": 8, "train_size": 300},
}
CONTINUING = [slug for slug, recipe in all_recipes().items() if recipe.continuing]


@pytest.fixture(scope="module")
def parents(train_sample):
    return cache(lambda recipe: train_sample(recipe, epochs=1, batch_size=64, **TINY[recipe]))


@pytest.fixture(scope="module")
def children(parents):
    @cache
    def child(recipe: str) -> ConsoleChannel:
        channel = continuation(parents(recipe), 1)
        train(channel, sample=200)
        return channel

    return child


def continuation(parent: ConsoleChannel, learning: int, *, checkpoint=None, content=None) -> ConsoleChannel:
    """Two further epochs with a smaller rate and another seed, not yet run."""
    settings = parent.spec.hyperparameters | {"epochs": 2, "learning_rate": 0.0005, "seed": 9}
    spec = JobSpec(
        "child", 1, parent.spec.recipe, settings, start=Start("-", parent.report["weights_sha256"], learning)
    )
    weights = parent.artefacts["model.keras"] if content is None else content
    return ConsoleChannel(spec, checkpoint=checkpoint, start_weights=weights)


@pytest.mark.parametrize("recipe", TINY)
def test_it_starts_where_its_parent_ended_and_resumes_bit_for_bit(recipe, parents, children):
    parent, undisturbed = parents(recipe), children(recipe)
    resumed = continuation(parent, 1, checkpoint=(1, undisturbed.epochs[0].checkpoint))
    train(resumed, sample=200)
    assert [epoch.epoch for epoch in resumed.epochs] == [2]
    assert resumed.report["weights_sha256"] == undisturbed.report["weights_sha256"]
    assert undisturbed.report["weights_sha256"] != parent.report["weights_sha256"]
    assert undisturbed.artefacts["start.keras"] == parent.artefacts["model.keras"]
    assert any("1 of " in line and "layers with weights learn" in line for line in undisturbed.lines)


@pytest.mark.parametrize("slug", CONTINUING)
def test_every_recipe_that_says_so_takes_over_its_own_weights_with_every_setting_that_may_change(
    slug, tmp_path
):
    recipe, definition = load_recipe(slug), all_recipes()[slug]
    assert not hasattr(recipe, "split"), "only a part of its model is trained"
    assert not hasattr(recipe, "pretrain"), "the weights would be trained anew first"
    before = default_hyperparameters(slug)
    model = recipe.build(recipe.load(before).first(20), before)
    model.save(tmp_path / "model.keras")
    start = Start("-", weights_sha256(model), 2)
    other = {name: _another(definition.hyperparameter(name)) for name in definition.continuing}
    after = default_hyperparameters(slug, **other)
    built = recipe.build(recipe.load(after).first(20), after)
    channel = ConsoleChannel(
        JobSpec("child", 1, slug, after, start=start),
        start_weights=(tmp_path / "model.keras").read_bytes(),
    )
    assert take_over(channel, built)
    assert weights_sha256(built) == start.weights_sha256


def _another(setting):
    """A value other than the default, as cheap to load."""
    if setting.kind == "boolean":
        return not setting.default
    if setting.kind == "choice":
        return next(option.value for option in setting.choices if option.value != setting.default)
    return setting.minimum


def test_frozen_layers_stay_as_they_are_and_the_others_move(parents, children):
    parent, child = parents("mnist-cnn"), children("mnist-cnn")
    before, after = weights_in(parent.artefacts["model.keras"]), weights_in(child.artefacts["model.keras"])
    same = [np.array_equal(one, other) for one, other in zip(before, after, strict=True)]
    assert same == [True, True, True, True, False, False]


def weights_in(content: bytes) -> list[np.ndarray]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        path.write_bytes(content)
        return keras.saving.load_model(path).get_weights()


def test_a_normalisation_is_frozen_with_the_layer_before_it():
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((4,)),
            layers.Dense(3),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.Dense(3),
            layers.Dense(2),
        ]
    )
    assert [len(block) for block in blocks_of(model)] == [2, 1, 1]
    freeze_all_but_last(model, 2)
    assert [layer.trainable for layer in model.layers if layer.weights] == [False, False, True, True]


def test_weights_that_are_gone_or_do_not_fit_are_said_in_a_sentence(tmp_path):
    start, settings = Start("-", "5" * 64), default_hyperparameters("mnist-mlp", units=16)

    def fault(content: bytes | None) -> str:
        channel = ConsoleChannel(
            JobSpec("child", 1, "mnist-mlp", settings, start=start), start_weights=content
        )
        with pytest.raises(StartError) as raised:
            take_over(channel, built(units=16))
        return str(raised.value)

    def built(**changed) -> keras.Model:
        return load_recipe("mnist-mlp").build(None, default_hyperparameters("mnist-mlp", **changed))

    def stored(model: keras.Model) -> bytes:
        model.save(tmp_path / "model.keras")
        return (tmp_path / "model.keras").read_bytes()

    assert "was deleted before" in fault(None)
    assert "do not fit" in fault(stored(built(units=17)))
    assert "do not fit" in fault(stored(built(units=16))), "its digest is another one"


def test_the_notebook_says_what_it_starts_from_and_reaches_the_same_weights(children, runner, tmp_path):
    child = children("mnist-cnn")
    notebook = nbformat.reads(child.artefacts["notebook.ipynb"].decode(), as_version=4)
    assert "start.keras" in notebook.cells[1].source and "downloads" in notebook.cells[1].source
    sources = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    program = "\n".join(sources).replace(
        "data = load(hyperparameters)", "data = load(hyperparameters).first(200)"
    )
    assert "import worker" not in program and "from worker" not in program
    (tmp_path / "mnist.npz").symlink_to(cache_path("mnist"))
    (tmp_path / "start.keras").write_bytes(child.artefacts["start.keras"])
    ran = run_blocks(runner, {"program": f"{program}\nprint(weights_sha256(model))"}, tmp_path)["program"]
    assert not ran["error"], ran["error"]
    assert ran["printed"].splitlines()[-1] == child.report["weights_sha256"]
