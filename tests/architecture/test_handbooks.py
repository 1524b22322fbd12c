"""The handbooks can be built, and what they name exists: pages, commands, settings, files."""

import re
import subprocess
from pathlib import Path

import pytest
import typer.main

from app.cli import cli
from app.core.config import ROOT, Settings
from app.main import create_app
from tests.fuzz.requests import routes_of

HANDBOOKS = sorted((ROOT / "docs" / "handbook").glob("*.md"))
NAMED = {path: re.findall(r"`([^`\n]+)`", path.read_text("utf-8")) for path in HANDBOOKS}


def named(pattern: str) -> list[tuple[str, str]]:
    """(file, name) of everything named in a handbook that matches."""
    return [
        (path.name, name) for path, names in NAMED.items() for name in names if re.fullmatch(pattern, name)
    ]


def test_the_site_is_built_without_a_warning_and_every_link_in_it_leads_somewhere(tmp_path: Path) -> None:
    subprocess.run([ROOT / "script" / "handbook", tmp_path], check=True, capture_output=True, text=True)
    assert {path.stem for path in HANDBOOKS} <= {path.stem for path in tmp_path.glob("*.html")}


def test_every_page_that_a_handbook_names_exists() -> None:
    routes = [re.compile(re.sub(r"{[^}]+}", "[^/]+", route.path)) for route in routes_of(create_app())]
    addresses = named(r"/[a-z][\w/-]*|/")
    assert addresses
    assert not [each for each in addresses if not any(route.fullmatch(each[1]) for route in routes)]


def test_every_command_that_a_handbook_names_exists() -> None:
    commands = named(r"sophora .+")
    assert commands
    for file, command in commands:
        known = typer.main.get_command(cli)
        for word in command.split()[1:]:
            if not re.fullmatch(r"[a-z-]+", word):
                break
            assert word in getattr(known, "commands", {}), f"{file}: {command}"
            known = known.commands[word]


def test_every_setting_that_a_handbook_names_exists() -> None:
    settings = named(r"SOPHORA_\w+(=\w+)?")
    known = {f"SOPHORA_{name.upper()}" for name in Settings.model_fields}
    assert settings
    assert not [each for each in settings if each[1].partition("=")[0] not in known]


@pytest.mark.parametrize("path", HANDBOOKS, ids=lambda path: path.name)
def test_every_file_that_a_handbook_names_exists(path: Path) -> None:
    files = [
        name for name in NAMED[path] if re.fullmatch(r"(docs|script|recipes|datasets|content)/[\w./-]*", name)
    ]
    assert not [name for name in files if not (ROOT / name).exists()]
