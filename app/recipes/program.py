"""A training as a plain Keras program: what stands beside its form, and what its notebook consists of.

Source text alone: neither Keras nor a recipe's code is imported here.
"""

import ast
import pprint
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from app.core.config import ROOT, get_settings
from app.recipes.dataset import folder_of as dataset_folder
from app.recipes.dataset import get_dataset
from app.recipes.recipe import Value

# Needed only by Sophora's own report.
LEFT_OUT = {"evaluate", "extra_of_epoch", "exported", "parts"}
# Modules of worker.kit that recipes may use; a recipe's notebook includes those that it imports.
KIT = ("efficientnet", "emoji", "images", "texts", "text_models", "optimizers")

TRAIN = """\
make_deterministic(hyperparameters["seed"])
data = load(hyperparameters)
model = build(data, hyperparameters)
compile(model, hyperparameters)
model.jit_compile = False
model.summary()

batch_size = min(hyperparameters["batch_size"], len(data.x_train))
batches = training_batches(data, batch_size, seed=hyperparameters["seed"], epochs=hyperparameters["epochs"])
history = model.fit(
    batches,
    shuffle=False,  # the batches are
    epochs=hyperparameters["epochs"],
    steps_per_epoch=-(-len(data.x_train) // batch_size),
    validation_data=(data.x_val, data.y_val),
    validation_batch_size=512,
    callbacks=[StopWhenDiverged()],
)"""

STOP = '''\
class StopWhenDiverged(keras.callbacks.Callback):
    """Ends a training whose loss is no longer a finite number, as Sophora does."""

    def on_epoch_end(self, epoch, logs=None):
        if not np.isfinite([logs["loss"], logs["val_loss"]]).all():
            self.model.stop_training = True'''

EVALUATE = "model.evaluate(data.x_test, data.y_test, batch_size=512, return_dict=True)"

# For a recipe that measures more.
MEASURE = "measure({model}, {data}, hyperparameters)"

# For a recipe that splits its model: only what comes after the frozen layers is trained.
SPLIT = """\
frozen, learning = split(model, data, hyperparameters)
compile(learning, hyperparameters)
learning.jit_compile = False
features = features_of(frozen, data)"""

# For a training that starts from the weights of another one.
CONTINUE = """\
model = build(data, hyperparameters)
# What the training started from: the trained weights of another one, in a file that belongs to this training's downloads.
model.load_weights("start.keras")
freeze_all_but_last(model, {learning})"""

DOWNLOAD = '''\
from pathlib import Path
from urllib.request import urlretrieve

import numpy as np


def load_dataset(name):
    """The arrays that the training had: from the file beside this notebook, else downloaded once from where it was trained."""
    path = Path("{slug}.npz")
    if not path.exists():
        urlretrieve("{address}", path)
    with np.load(path) as arrays:
        return {{each: arrays[each] for each in arrays.files}}'''

GENERATE = """\
def load_dataset(name, **options):
    return generate(**options)"""


BETWEEN_CELLS = "\n\n\n"
_USED = re.compile(r"""hyperparameters\[["'](\w+)["']\]""")


def program_cells(
    recipe: str, dataset: str | None, hyperparameters: Mapping[str, Value], learning: int | None = None
) -> list[str]:
    """The whole program in the order in which it runs: the settings first, then what is the same for all settings.

    `learning` is None for a training from scratch; otherwise how many of the last layers learn, 0 for all.
    """
    return [settings_source(hyperparameters), *fixed_cells(recipe, dataset, learning)]


@dataclass(frozen=True)
class ProgramLine:
    """A line of the program, with the settings that it gives or uses."""

    text: str
    settings: tuple[str, ...] = ()


def program_lines(
    recipe: str, dataset: str | None, hyperparameters: Mapping[str, Value], learning: int | None = None
) -> Iterator[ProgramLine]:
    """The same text as `program_cells`, as one file."""
    names = ((), *((name,) for name in hyperparameters), ())
    for line, given in zip(settings_source(hyperparameters).split("\n"), names, strict=True):
        yield ProgramLine(line, given)
    yield from _fixed_lines(recipe, dataset, learning)


@lru_cache(maxsize=64)
def _fixed_lines(recipe: str, dataset: str | None, learning: int | None) -> tuple[ProgramLine, ...]:
    """For the web server, whose recipes stay as they are until it starts again."""
    text = BETWEEN_CELLS.join(["", *fixed_cells(recipe, dataset, learning)])
    return tuple(
        ProgramLine(line, tuple(dict.fromkeys(_USED.findall(line)))) for line in text.split("\n")[1:]
    )


def settings_source(hyperparameters: Mapping[str, Value]) -> str:
    """One setting a line."""
    lines = (f"    {name!r}: {value!r},\n" for name, value in hyperparameters.items())
    return f"hyperparameters = {{\n{''.join(lines)}}}"


def fixed_cells(recipe: str, dataset: str | None, learning: int | None = None) -> list[str]:
    code = recipe_source(recipe)
    kit = kit_sources(recipe)
    if is_split(code):
        kit.append(kit_source("features"))
    if learning is not None:
        kit.append(kit_source("continuing"))
    return [
        *(dataset_sources(dataset, "\n".join([*kit, code])) if dataset else ()),
        kit_source("data"),
        *kit,
        code,
        f"{determinism_source()}\n\n\n{STOP}",
        *training_sources(code, learning),
    ]


def is_split(code: str) -> bool:
    """Whether the recipe trains only what comes after frozen layers."""
    return "def split(" in code


def training_sources(code: str, learning: int | None = None) -> Iterator[str]:
    measures = "def measure(" in code
    if not is_split(code):
        built, _, rest = TRAIN.partition("model = build(data, hyperparameters)")
        continued = CONTINUE.format(learning=learning)
        yield TRAIN if learning is None else f"{built}{continued}{rest}"
        yield EVALUATE
        if measures:
            yield MEASURE.format(model="model", data="data")
        return
    summary = "model.summary()\n"
    before, after = TRAIN.split(summary)
    for_parts = [
        source.replace("model.", "learning.").replace("data.", "features.") for source in (after, EVALUATE)
    ]
    for_parts[0] = for_parts[0].replace("training_batches(data", "training_batches(features")
    yield f"{before}{summary}\n{SPLIT}\n{for_parts[0]}"
    yield for_parts[1]
    if measures:
        yield MEASURE.format(model="learning", data="features")


def recipe_folder(slug: str) -> Path:
    return get_settings().recipes_dir / slug


def dataset_sources(slug: str, code: str) -> Iterator[str]:
    """The definitions from worker.kit.datasets that `code` uses."""
    dataset = get_dataset(slug)
    if dataset.is_generated:
        source = (dataset_folder(slug) / "load.py").read_text("utf-8").strip()
        yield f"{source}\n\n\n{GENERATE}"
    else:
        address = f"{get_settings().public_url.rstrip('/')}/datasets/{slug}/arrays.npz"
        yield DOWNLOAD.format(slug=slug, address=address)
    tables = (None, *dataset.described.tables)
    for function, kind in (("class_names", "classes"), ("feature_names", "features")):
        if function in code:
            names = pprint.pformat(
                {table: dataset.names(kind, table) for table in tables}, sort_dicts=False, compact=True
            )
            yield f"{kind.upper()} = {names}\n\n\ndef {function}(name, table=None):\n    return {kind.upper()}[table]"


def determinism_source() -> str:
    """The worker's own seeding and order of examples."""
    return without_worker((ROOT / "worker" / "determinism.py").read_text("utf-8"))


def kit_source(module: str) -> str:
    return without_worker((ROOT / "worker" / "kit" / f"{module}.py").read_text("utf-8"))


def kit_sources(slug: str) -> list[str]:
    """The modules of `KIT` that a recipe imports."""
    tree = ast.parse((recipe_folder(slug) / "recipe.py").read_text("utf-8"))
    imported = {node.module for node in tree.body if isinstance(node, ast.ImportFrom)}
    return [kit_source(module) for module in KIT if f"worker.kit.{module}" in imported]


def recipe_source(slug: str) -> str:
    """recipe.py without its imports from `worker` and the functions only needed by a report."""
    return without_worker((recipe_folder(slug) / "recipe.py").read_text("utf-8"), LEFT_OUT)


def without_worker(source: str, left_out: Collection[str] = ()) -> str:
    lines = source.splitlines()
    for node in reversed(ast.parse(source).body):
        from_worker = isinstance(node, ast.ImportFrom) and (node.module or "").startswith("worker")
        if from_worker or (isinstance(node, ast.FunctionDef) and node.name in left_out):
            del lines[node.lineno - 1 : node.end_lineno]
    return "\n".join(lines).strip()
