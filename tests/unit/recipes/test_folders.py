"""Web and worker look for recipes, data sets and their caches in the configured folders."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.core.config import ROOT

DATASET = """
title = {{ zh = "数", en = "Numbers" }}
licence = "ours"
source = "a test"
classes = []

[[files]]
name = "numbers"
path = "{path}"
sha256 = "{sha256}"
"""
LOAD = """
import numpy as np

def read(files):
    return {"numbers": np.loadtxt(files["numbers"])}
"""
WEB = """
from app.recipes.dataset import dataset_slugs
from app.recipes.recipe import all_recipes
found = [list(all_recipes()), all_recipes()["mine"].has_data, dataset_slugs()]
"""
WORKER = """
from worker.kit.datasets import load_dataset
from worker.readiness import recipes_at_hand
from worker.recipes import recipe_slugs
found = [recipe_slugs(), list(recipes_at_hand()), load_dataset("numbers")["numbers"].tolist()]
"""


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    """A recipe, and a data set that is read from a file beside its load.py."""
    recipe, dataset = tmp_path / "recipes" / "mine", tmp_path / "datasets" / "numbers"
    shutil.copytree(ROOT / "recipes" / "line", recipe)
    path = recipe / "recipe.toml"
    path.write_text(path.read_text("utf-8").replace('dataset = "line"', 'dataset = "numbers"'), "utf-8")
    dataset.mkdir(parents=True)
    content = b"1 2 3"
    (dataset / "numbers.txt").write_bytes(content)
    (dataset / "load.py").write_text(LOAD)
    text = DATASET.format(path="numbers.txt", sha256=hashlib.sha256(content).hexdigest())
    (dataset / "dataset.toml").write_text(text, "utf-8")
    return tmp_path


def asked(program: str, folder: Path, **settings: str) -> list[object]:
    """What a process started in `folder` finds."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("SOPHORA_")}
    ran = subprocess.run(
        [sys.executable, "-c", f"{program}\nimport json; print(json.dumps(found))"],
        cwd=folder,
        env=others | settings | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    return list(json.loads(ran.stdout.splitlines()[-1]))


@pytest.mark.parametrize("way", ["environment", ".env"])
def test_web_and_worker_honour_the_settings_of_folders(folders: Path, way: str) -> None:
    settings = {f"SOPHORA_{name.upper()}_DIR": name for name in ("recipes", "datasets", "data")}
    if way == ".env":
        (folders / ".env").write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
        settings = {}
    assert asked(WEB, folders, **settings) == [["mine"], True, ["numbers"]]
    assert asked(WORKER, folders, **settings) == [["mine"], ["mine"], [1, 2, 3]]
    assert (folders / "data" / "datasets" / "numbers.npz").is_file()


def test_a_data_set_may_lie_anywhere(folders: Path) -> None:
    elsewhere = folders / "elsewhere.txt"
    (folders / "datasets" / "numbers" / "numbers.txt").rename(elsewhere)
    path = folders / "datasets" / "numbers" / "dataset.toml"
    path.write_text(path.read_text("utf-8").replace("numbers.txt", str(elsewhere)), "utf-8")
    settings = {f"SOPHORA_{name.upper()}_DIR": name for name in ("recipes", "datasets", "data")}
    assert asked(WORKER, folders, **settings)[2] == [1, 2, 3]
