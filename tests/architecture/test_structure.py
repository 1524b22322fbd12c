"""Rules of the codebase that no reviewer has to remember."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from app.core.config import ROOT, Settings
from app.recipes.recipe import all_recipes


def tracked_files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


def test_the_import_contracts_hold() -> None:
    answer = subprocess.run(
        [Path(sys.executable).parent / "lint-imports"], cwd=ROOT, capture_output=True, text=True
    )
    assert answer.returncode == 0, answer.stdout


def test_the_web_process_never_loads_tensorflow_or_the_worker() -> None:
    code = "import json, sys, app.main; app.main.create_app(); print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = set(json.loads(answer.stdout.splitlines()[-1]))
    assert "app" in loaded
    assert not loaded & {"tensorflow", "keras", "worker"}


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_is_described_in_the_readme(name: str) -> None:
    assert f"`SOPHORA_{name.upper()}`" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_readme_describes_no_setting_that_does_not_exist() -> None:
    described = set(re.findall(r"`SOPHORA_([A-Z_]+)`", (ROOT / "README.md").read_text(encoding="utf-8")))
    assert described == {name.upper() for name in Settings.model_fields}


def test_every_recipe_folder_is_discovered() -> None:
    folders = {
        path.name
        for path in (ROOT / "recipes").iterdir()
        if path.is_dir() and not path.name.startswith(("_", "."))
    }
    assert set(all_recipes()) == folders
    assert all((ROOT / "recipes" / folder / "recipe.py").exists() for folder in folders)


def test_every_recipe_names_a_data_set_that_exists() -> None:
    for recipe in all_recipes().values():
        folder = ROOT / "datasets" / recipe.dataset
        assert (folder / "dataset.toml").exists() and (folder / "load.py").exists(), recipe.slug


def test_no_file_names_a_registry_or_a_path_of_somebodys_machine() -> None:
    forbidden = re.compile(
        r"registry\.npmjs|files\.pythonhosted|pypi\.org/simple|deb\.debian\.org|/(?:home|Users|root|work)/[a-z]"
    )
    faults = []
    for path in tracked_files():
        if path.name == "uv.lock" or path == Path(__file__) or path.suffix in {".png", ".woff2"}:
            continue
        text = path.read_text(encoding="utf-8", errors="ignore")
        faults += [f"{path.relative_to(ROOT)}: {match[0]}" for match in forbidden.finditer(text)]
    assert faults == []


def test_what_the_type_checker_must_overlook_says_why_and_becomes_less() -> None:
    """mypy itself reports entries no longer needed. Lower the number then."""
    comment = re.compile(r"# type: ignore(.*)")
    found = [
        (path.relative_to(ROOT), match[1])
        for path in tracked_files()
        if path.suffix == ".py" and path != Path(__file__)
        for match in comment.finditer(path.read_text(encoding="utf-8"))
    ]
    assert [each for each in found if not re.fullmatch(r"\[[a-z-]+\] # .+", each[1])] == []
    assert len(found) <= 12


def test_the_repository_holds_no_large_file() -> None:
    large = [str(path.relative_to(ROOT)) for path in tracked_files() if path.stat().st_size > 1_000_000]
    assert large == []
