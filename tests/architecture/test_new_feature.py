"""A new feature is its own folders, a migration, its messages, and its lines in `app.features`. Nothing else is touched."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from app.core.config import ROOT
from tests import new_feature

OWN = ROOT / "tests" / "new_feature"
COPIED = ("app", "templates", "migrations", "locales")
LINKED = ("worker", "static", "recipes", "datasets", "content", "alembic.ini", "pyproject.toml", "tests")


def test_a_new_feature_is_its_own_folders_and_its_lines_in_the_one_list(tmp_path: Path) -> None:
    put_in_place(tmp_path)
    environment = os.environ | {"SOPHORA_DATA_DIR": str(tmp_path / "var"), "PYTHONPATH": str(tmp_path)}
    environment.pop("SOPHORA_DATABASE_URL", None)
    commands = (
        [sys.executable, "-m", "tests.new_feature.visit"],
        [Path(sys.executable).parent / "lint-imports"],
    )
    visit, contracts = (
        subprocess.Popen(
            command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for command in commands
    )
    said, faults = visit.communicate()
    assert visit.returncode == 0, faults
    assert [what for what, holds in json.loads(said.splitlines()[-1]).items() if not holds] == []
    report = contracts.communicate()[0]
    assert contracts.returncode == 0, report


def put_in_place(tree: Path) -> None:
    """A copy of the tree with the feature added."""
    for name in COPIED:
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in LINKED:
        (tree / name).symlink_to(ROOT / name)
    for folder in ("app", "templates"):
        shutil.copytree(OWN / folder / "guestbook", tree / folder / "guestbook")
    scripts = Config()
    scripts.set_main_option("script_location", str(ROOT / "migrations"))
    head = ScriptDirectory.from_config(scripts).get_current_head()
    migration = (OWN / "migrations" / "open_a_guestbook.py").read_text(encoding="utf-8")
    (tree / "migrations" / "versions" / "open_a_guestbook.py").write_text(migration.replace("<head>", head))
    _add_to_the_list(tree / "app" / "features.py")
    _add_words(tree / "locales" / "zh_Hans" / "LC_MESSAGES")


def _add_to_the_list(features: Path) -> None:
    text = features.read_text(encoding="utf-8")
    for line, added in (
        ("from app.jobs import models", new_feature.IMPORTS),
        ('    (Feature("notifications"', new_feature.FEATURE),
    ):
        before, found, after = text.partition(line)
        assert found, line
        text = before + added + found + after
    features.write_text(text, encoding="utf-8")


def _add_words(catalogue: Path) -> None:
    words = catalogue / "messages.po"
    words.write_text(words.read_text(encoding="utf-8") + new_feature.WORDS, encoding="utf-8")
    with words.open("rb") as source, (catalogue / "messages.mo").open("wb") as compiled:
        write_mo(compiled, read_po(source, locale="zh_Hans"))
