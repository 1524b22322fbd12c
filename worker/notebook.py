"""A job as a notebook that runs anywhere with plain Keras, and gives the same weights: the recipe's code, the job's settings,
the worker's own seeds and order of examples.

Its data come from a file beside it, otherwise from the installation that trained it; or from code, or a package.
"""

import ast
import pprint
from collections.abc import Collection, Iterator

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from app.core.config import ROOT, get_settings
from app.recipes.dataset import folder_of as dataset_folder
from app.recipes.dataset import get_dataset
from worker.channel import Hyperparameters
from worker.recipes import folder_of, read_description

# Needed only by Sophora's own report.
LEFT_OUT = {"evaluate", "extra_of_epoch"}
# Modules of worker.kit that recipes may use; a recipe's notebook includes those that it imports.
KIT = ("images", "texts", "optimizers")
# The packages to install, by imported module.
PACKAGES = {"tensorflow": "tensorflow", "keras": "tensorflow", "sklearn": "scikit-learn"}

TITLE = """\
# {zh} / {en}

Sophora 的一次训练，写成普通的 Keras 代码：同样的版本、线程数和处理器类型，得到同样的权重。需要 {packages}。

A training job of Sophora as plain Keras code. With the same versions, number of threads and kind of processor it ends with the \
same weights. Needs {packages}."""

THREADS = """\
import tensorflow as tf

# As many threads within one operation as in the training: the last bits of the weights depend on their number.
tf.config.threading.set_intra_op_parallelism_threads({threads})"""

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

WEIGHTS = """\
# The training job's: {weights}
weights_sha256(model)"""

DOWNLOAD = '''\
from pathlib import Path
from urllib.request import urlretrieve

import numpy as np


def load_dataset(name):
    """The arrays that the training had: from the file beside this notebook, else downloaded once from where it was trained."""
    path = Path("{slug}.npz")
    if not path.exists():
        urlretrieve("{address}", path)
    with np.load(path, allow_pickle=False) as arrays:
        return {{each: arrays[each] for each in arrays.files}}'''

GENERATE = """\
def load_dataset(name, **options):
    return generate(**options)"""


def notebook_bytes(recipe: str, hyperparameters: Hyperparameters, threads: int, weights: str) -> bytes:
    """`weights` is the digest of the job's trained weights, for comparison."""
    description = read_description(recipe)
    code = recipe_source(recipe)
    kit = kit_sources(recipe)
    cells = [
        THREADS.format(threads=threads),
        f"hyperparameters = {pprint.pformat(hyperparameters, sort_dicts=False)}",
        *(
            dataset_sources(description["dataset"], "\n".join([*kit, code]))
            if "dataset" in description
            else ()
        ),
        kit_source("data"),
        *kit,
        code,
        f"{determinism_source()}\n\n\n{STOP}",
        TRAIN,
        EVALUATE,
        WEIGHTS.format(weights=weights),
    ]
    packages = " + ".join(f"`{name}`" for name in packages_of(cells))
    notebook = new_notebook(
        cells=[
            new_markdown_cell(TITLE.format(**description["title"], packages=packages)),
            *map(new_code_cell, cells),
        ],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    )
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"  # the same job gives the same file
    nbformat.validate(notebook)
    return nbformat.writes(notebook).encode()


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
    tree = ast.parse((folder_of(slug) / "recipe.py").read_text("utf-8"))
    imported = {node.module for node in tree.body if isinstance(node, ast.ImportFrom)}
    return [kit_source(module) for module in KIT if f"worker.kit.{module}" in imported]


def recipe_source(slug: str) -> str:
    """recipe.py without its imports from `worker` and the functions only needed by a report."""
    return without_worker((folder_of(slug) / "recipe.py").read_text("utf-8"), LEFT_OUT)


def without_worker(source: str, left_out: Collection[str] = ()) -> str:
    lines = source.splitlines()
    for node in reversed(ast.parse(source).body):
        from_worker = isinstance(node, ast.ImportFrom) and (node.module or "").startswith("worker")
        if from_worker or (isinstance(node, ast.FunctionDef) and node.name in left_out):
            del lines[node.lineno - 1 : node.end_lineno]
    return "\n".join(lines).strip()


def packages_of(sources: list[str]) -> list[str]:
    """The packages they need."""
    found = set()
    for source in sources:
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            else:
                continue
            found |= {PACKAGES[root] for name in names if (root := name.partition(".")[0]) in PACKAGES}
    return sorted(found, reverse=True)
