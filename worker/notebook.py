"""A job as a notebook that runs anywhere with plain Keras: the recipe's code and the job's settings."""

import ast
import pprint
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from app.core.config import ROOT
from worker.channel import Hyperparameters
from worker.recipes import FOLDER, read_description

# What only Sophora's own report needs.
LEFT_OUT = {"evaluate", "extra_of_epoch"}

TRAIN = """\
keras.utils.set_random_seed(hyperparameters["seed"])
data = load(hyperparameters)
model = build(data, hyperparameters)
compile(model, hyperparameters)
model.summary()

history = model.fit(
    data.x_train,
    data.y_train,
    batch_size=hyperparameters["batch_size"],
    epochs=hyperparameters["epochs"],
    validation_data=(data.x_val, data.y_val),
)"""

EVALUATE = "model.evaluate(data.x_test, data.y_test, return_dict=True)"


THREADS = """\
import tensorflow as tf

# As many threads within one operation as in the training: the last bits of the weights depend on their number.
tf.config.threading.set_intra_op_parallelism_threads({threads})"""


def notebook_bytes(recipe: str, hyperparameters: Hyperparameters, threads: int) -> bytes:
    description = read_description(recipe)
    title = f"{description['title']['zh']} / {description['title']['en']}"
    notebook = new_notebook(
        cells=[
            new_markdown_cell(
                f"# {title}\n\nA training job of Sophora as plain Keras code. Needs `tensorflow`."
            ),
            new_code_cell(THREADS.format(threads=threads)),
            new_code_cell(f"hyperparameters = {pprint.pformat(hyperparameters, sort_dicts=False)}"),
            new_code_cell(dataset_source(description["dataset"])),
            new_code_cell((ROOT / "worker" / "kit" / "data.py").read_text("utf-8").strip()),
            new_code_cell(recipe_source(FOLDER / recipe / "recipe.py")),
            new_code_cell(TRAIN),
            new_code_cell(EVALUATE),
        ],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    )
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"  # the same job gives the same file
    nbformat.validate(notebook)
    return nbformat.writes(notebook).encode()


def dataset_source(slug: str) -> str:
    """Code that defines `load_dataset` without Sophora: outside.py where there is one, else load.py itself."""
    outside = ROOT / "datasets" / slug / "outside.py"
    if outside.is_file():
        return outside.read_text("utf-8").strip()
    source = (ROOT / "datasets" / slug / "load.py").read_text("utf-8").strip()
    return f"{source}\n\n\ndef load_dataset(name, **options):\n    return generate(**options)"


def recipe_source(path: Path) -> str:
    """recipe.py without its imports from `worker` and the functions that only a report needs."""
    source = path.read_text("utf-8")
    lines = source.splitlines()
    for node in reversed(ast.parse(source).body):
        from_worker = isinstance(node, ast.ImportFrom) and (node.module or "").startswith("worker")
        if from_worker or (isinstance(node, ast.FunctionDef) and node.name in LEFT_OUT):
            del lines[node.lineno - 1 : node.end_lineno]
    return "\n".join(lines).strip()
