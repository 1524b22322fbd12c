"""Every folder of recipes/ trains, reports, and exports."""

import base64
import io
import json
from functools import cache

import keras
import nbformat
import numpy as np
import pytest
import tensorflow as tf
from keras import tree
from PIL import Image

from app.labs.forecast import NOT_OF_THE_MODEL, forecast
from app.recipes.dataset import cache_path, dataset_slugs, get_dataset
from app.recipes.program import program_cells
from app.recipes.recipe import all_recipes
from tests.forks import run_blocks
from worker.channel import ConsoleChannel
from worker.recipes import default_hyperparameters, load_recipe, read_description, recipe_slugs

pytestmark = pytest.mark.parametrize("slug", recipe_slugs())


@pytest.fixture(scope="module")
def trained(train_sample):
    """Each recipe is trained once for one epoch; the tests below check the results."""
    return cache(lambda slug: train_sample(slug, sample=sample_of(slug), epochs=1))


def sample_of(slug: str) -> int:
    """Each example goes through the frozen layers of EfficientNet, which takes as long as a hundred elsewhere."""
    return 60 if slug == "image-finetune" else 200


def model_of(channel: ConsoleChannel, folder) -> keras.Model:
    path = folder / "model.keras"
    path.write_bytes(channel.artefacts["model.keras"])
    return keras.models.load_model(path)


def test_the_description_names_a_dataset_and_bounds_that_hold_the_defaults(slug):
    description = read_description(slug)
    assert description["dataset"] in dataset_slugs()
    assert {"zh", "en"} == set(description["title"]) == set(description["summary"])
    names = [field["name"] for field in description["hyperparameters"]]
    assert {"epochs", "batch_size", "seed"} <= set(names) and len(set(names)) == len(names)
    for field in description["hyperparameters"]:
        assert {"zh", "en"} == set(field["label"]) == set(field["help"])
        if field["kind"] in ("integer", "number"):
            assert field["minimum"] <= field["default"] <= field["maximum"], field["name"]
        elif field["kind"] == "choice":
            assert field["default"] in [choice["value"] for choice in field["choices"]]
        else:
            assert field["kind"] == "boolean" and isinstance(field["default"], bool)


def test_the_form_counts_the_parameters_that_the_model_has(slug):
    """With the default settings, and with another value for every setting that is not only a number of the training."""
    recipe = all_recipes()[slug]
    if recipe.estimate.parameters is None:
        # Only finished trainings know them: until there are some, no number is shown.
        assert forecast(recipe, recipe.defaults).parameters is None
        return
    for changes in different_models(recipe):
        settings = (
            recipe.defaults
            | changes
            | {h.name: int(h.minimum) for h in recipe.hyperparameters if h.name == "train_size"}
        )
        data = load_recipe(slug).load(settings)
        model = load_recipe(slug).build(data, settings)
        assert forecast(recipe, settings).parameters == model.count_params(), changes
    keras.backend.clear_session()


def different_models(recipe):
    yield {}
    for setting in recipe.hyperparameters:
        if setting.name in NOT_OF_THE_MODEL:
            continue
        for option in setting.choices:
            # Together with all that is switched the other way, and with larger numbers.
            yield (
                {h.name: not h.default for h in recipe.hyperparameters if h.kind == "boolean"}
                | {
                    h.name: h.default + 1
                    for h in recipe.hyperparameters
                    if h.kind == "integer" and h.name not in NOT_OF_THE_MODEL
                }
                | {setting.name: option.value}
            )


def test_the_report_has_its_shape_and_no_nan(slug, trained):
    report = trained(slug).report
    json.dumps(report, allow_nan=False)
    assert report["kind"] in (
        "classification",
        "segmentation",
        "regression",
        "language",
        "reconstruction",
    )
    assert report["outcome"] == "completed"
    assert {figure["kind"] for figure in report.get("figures", ())} <= set(
        read_description(slug).get("figures", ())
    )
    assert report["parameters"] == report["metrics"]["parameters"] > 0
    assert len(report["weights_sha256"]) == 64
    assert set(report["versions"]) == {"python", "tensorflow", "keras", "numpy", "sophora"}
    assert {"load", "fit", "evaluate", "export"} <= set(report["seconds"])
    assert {"train_loss", "val_loss", "test_loss", "initial_loss"} <= set(report["metrics"])
    if report["kind"] in ("classification", "segmentation"):
        assert {"train_accuracy", "val_accuracy", "test_accuracy", "baseline_accuracy"} <= set(
            report["metrics"]
        )


def test_the_confusion_matrix_agrees_with_the_test_accuracy(slug, trained):
    report = trained(slug).report
    if report["kind"] != "classification":
        assert "confusion" not in report
        return
    confusion = np.array(report["confusion"])
    assert confusion.shape == (len(report["classes"]),) * 2
    assert confusion.trace() / confusion.sum() == pytest.approx(report["metrics"]["test_accuracy"], abs=1e-6)


def test_the_mistakes_are_real_mistakes_worst_first(slug, trained):
    report = trained(slug).report
    if report["kind"] in ("language", "segmentation", "reconstruction"):
        # Every next character is a guess; the worst scenes and pictures are in the figure.
        assert "mistakes" not in report
        return
    mistakes = report["mistakes"]
    if report["kind"] == "regression":
        errors = [abs(mistake["target"] - mistake["predicted"]) for mistake in mistakes]
        assert errors == sorted(errors, reverse=True)
        return
    wrong = np.array(report["confusion"]).sum() - np.array(report["confusion"]).trace()
    assert len(mistakes) == min(24, wrong)
    assert all(mistake["label"] != mistake["predicted"] for mistake in mistakes)
    probabilities = [mistake["label_probability"] for mistake in mistakes]
    assert probabilities == sorted(probabilities)
    data = load_recipe(slug).load(default_hyperparameters(slug))
    for mistake in mistakes[:3]:
        assert data.y_test[mistake["index"]] == mistake["label"]
        if mistake["image"] is not None:
            pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(mistake["image"]))))
            assert np.array_equal(pixels, np.squeeze(data.x_test[mistake["index"]]))


def test_the_live_points_are_those_kept_with_the_epochs(slug, trained):
    channel = trained(slug)
    assert channel.phases == ["preparing", "training", "evaluating"]
    kept = [point for record in channel.epochs for point in record.points]
    assert kept == channel.live and kept[0].step == 1
    steps = [point.step for point in kept]
    assert steps == sorted(set(steps))
    assert channel.report["metrics"]["initial_loss"] == kept[0].metrics["loss"]
    # The validation after an epoch is that of Keras with the whole set.
    told, measured = channel.epochs[-1].metrics, channel.report["metrics"]
    validated = {name: value for name, value in told.items() if name.startswith("val_")}
    assert {name: measured[name] for name in validated} == pytest.approx(validated, rel=1e-6)
    json.dumps([record.extra for record in channel.epochs], allow_nan=False)


def test_the_exported_models_answer_alike(slug, trained, tmp_path):
    """model.keras and model.tflite to 1e-5, and TFLite with its built-in operations only."""
    channel = trained(slug)
    model = model_of(channel, tmp_path)
    data = load_recipe(slug).load(default_hyperparameters(slug))
    interpreter = tf.lite.Interpreter(model_content=channel.artefacts["model.tflite"])
    interpreter.allocate_tensors()
    inputs, outputs = interpreter.get_input_details()[0], interpreter.get_output_details()
    assert list(inputs["shape"]) == [1, *data.x_test.shape[1:]]
    exported = getattr(load_recipe(slug), "exported", lambda model: model)(model)
    # TFLite orders several outputs as it likes; they differ in their shapes.
    found = {tuple(output["shape"][1:]): output["index"] for output in outputs}
    assert len(found) == len(exported.outputs)
    for example in data.x_test[:20]:
        interpreter.set_tensor(inputs["index"], example[np.newaxis])
        interpreter.invoke()
        for answer in tree.flatten(exported.predict_on_batch(example[np.newaxis])):
            np.testing.assert_allclose(interpreter.get_tensor(found[answer.shape[1:]]), answer, atol=1e-5)
    half = tf.lite.Interpreter(model_content=channel.artefacts["model-float16.tflite"])
    half.allocate_tensors()
    assert list(half.get_input_details()[0]["shape"]) == list(inputs["shape"])
    if model.count_params() > 10_000:
        assert len(channel.artefacts["model-float16.tflite"]) < 0.7 * len(channel.artefacts["model.tflite"])
    operations = {operation["op_name"] for operation in interpreter._get_ops_details()}
    assert operations and not any(name.startswith(("Flex", "CUSTOM")) for name in operations)


def test_the_parts_for_the_browser_answer_as_in_keras(slug, trained, tmp_path):
    channel = trained(slug)
    of_recipe = getattr(load_recipe(slug), "parts", None)
    parts = of_recipe(model_of(channel, tmp_path)) if of_recipe else {}
    published = {name for name in channel.artefacts if name.endswith(".tflite")}
    published -= {"model.tflite", "model-float16.tflite"}
    assert published == {f"{name}.tflite" for name in parts}
    for name, part in parts.items():
        interpreter = tf.lite.Interpreter(model_content=channel.artefacts[f"{name}.tflite"])
        interpreter.allocate_tensors()
        given = np.random.default_rng(1).normal(size=(1, *part.input_shape[1:])).astype("float32")
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], given)
        interpreter.invoke()
        answer = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
        np.testing.assert_allclose(answer, part.predict_on_batch(given), atol=1e-5)


def test_the_notebook_reaches_the_same_weights_as_its_job(slug, trained, runner, tmp_path):
    """Its cells are run in order, without Sophora, in a folder with the data file that it would otherwise download."""
    channel = trained(slug)
    notebook = nbformat.reads(channel.artefacts["notebook.ipynb"].decode(), as_version=4)
    nbformat.validate(notebook)
    sources = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    assert not any("from worker" in source or "import worker" in source for source in sources)
    # What stands beside the form is the notebook without its number of threads and the weights that came out.
    settings = channel.spec.hyperparameters
    assert program_cells(slug, all_recipes()[slug].dataset, settings) == sources[1:-1]
    program = []
    for source in sources:
        if "data = load(hyperparameters)" in source:
            source = source.replace(
                "data = load(hyperparameters)", f"data = load(hyperparameters).first({sample_of(slug)})"
            )
        program.append(source)
    program.append("print(weights_sha256(model))")
    dataset = get_dataset(read_description(slug)["dataset"])
    if not dataset.is_generated:
        (tmp_path / f"{dataset.slug}.npz").symlink_to(cache_path(dataset.slug))
    assert ("sklearn" in "".join(program)) == ("`scikit-learn`" in notebook.cells[0].source)
    assert "`tensorflow`" in notebook.cells[0].source
    # A kernel of its own: TensorFlow accepts the number of threads only before its first operation.
    ran = run_blocks(runner, {slug: "\n".join(program)}, tmp_path)[slug]
    assert not ran["error"], ran["error"]
    assert ran["printed"].splitlines()[-1] == channel.report["weights_sha256"]
