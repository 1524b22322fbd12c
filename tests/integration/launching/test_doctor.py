"""`sophora doctor` finds what is really broken, says how to mend it, and is content with what is in order."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import cli
from app.core import db, disk, storage
from app.core.config import ROOT, get_settings
from app.core.redis import get_redis
from app.jobs.queue.reports import KEPT_SECONDS, give_report
from app.recipes.recipe import all_recipes, recipe_digest
from worker import report, roll

CACHES = (get_settings, db.get_engine, get_redis, storage._store)


@pytest.fixture
def doctor(
    redis: None, tmp_path: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., str]]:
    """Examine a migrated installation in a folder of its own; the settings' exit code is checked against the findings."""
    folder = tmp_path / "var"
    folder.mkdir(mode=0o700)
    (folder / "datasets").symlink_to(ROOT / "var" / "datasets")
    monkeypatch.setenv("SOPHORA_DATA_DIR", str(folder))
    monkeypatch.setenv("SOPHORA_REDIS_URL", f"unix://{data_dir / 'redis.sock'}")
    monkeypatch.delenv("SOPHORA_DATABASE_URL", raising=False)
    forget()
    assert CliRunner().invoke(cli, ["migrate"]).exit_code == 0

    def examine(**settings: str) -> str:
        for name, value in settings.items():
            monkeypatch.setenv(f"SOPHORA_{name.upper()}", value)
        forget()
        result = CliRunner().invoke(cli, ["doctor"])
        assert "Traceback" not in result.output and isinstance(result.exception, SystemExit | None), (
            result.output
        )
        assert result.exit_code == ("✗" in result.stdout), result.output
        return result.stdout

    yield examine
    monkeypatch.undo()
    forget()


def forget() -> None:
    for cached in CACHES:
        cached.cache_clear()
    disk.look_again()


def wrong(said: str) -> list[str]:
    return [line for line in said.splitlines() if line.startswith("✗")]


def live(*queues: str, **more: object) -> None:
    give_report(
        get_redis(), f"{queues[0]}@attic", report.content(queues) | {"slots": int("cpu" in queues), **more}
    )
    if "cpu" in queues:
        roll.sign(get_redis(), "cpu@attic", 1, ["cpu"], [recipe_digest(slug) for slug in all_recipes()])


def test_a_complete_installation_is_in_order(doctor: Callable[..., str]) -> None:
    live("cpu")
    live("maintenance")
    said = doctor(rate_limits="true", low_disk_mb="0")
    assert wrong(said) == []
    # That no mail is set up is said, and is no fault.
    assert [line.partition(":")[0] for line in said.splitlines() if not line.startswith("✓")] == ["! mail"]


def test_each_broken_part_is_named_with_its_next_step(doctor: Callable[..., str], data_dir: Path) -> None:
    live("maintenance")
    get_redis().pexpire("sophora:report:maintenance@attic", (KEPT_SECONDS - 60) * 1000)
    live("cpu", versions={"sophora": "0.0.1"})
    folder = get_settings().data_dir
    shutil.rmtree(folder / "files", ignore_errors=True)
    (folder / "files").write_text("a file in its place")
    folder.chmod(0o755)
    said = doctor(
        public_url="http://class.example.org",
        smtp_url="smtp://127.0.0.1:1",
        mail_from="a@example.org",
        low_disk_mb=str(2**31),
    )
    for part, step in (
        ("settings", "SOPHORA_ENVIRONMENT=production"),
        ("settings", "SOPHORA_SECRET_KEY"),
        ("file store", "SOPHORA_STORAGE_URL"),
        ("mail", "SOPHORA_SMTP_URL"),
        ("workers", "version 0.0.1"),
        ("workers", "the service maintenance"),
    ):
        assert any(line.startswith(f"✗ {part}: ") and step in line for line in wrong(said)), (part, said)
    for note in ("chmod 700", "/admin/disk", "maintenance@attic has been silent"):
        assert any(note in line for line in said.splitlines() if line.startswith("!")), (note, said)


def test_without_database_redis_and_data_sets_each_is_said_once(
    doctor: Callable[..., str], tmp_path: Path
) -> None:
    folder = get_settings().data_dir
    (folder / "sophora.db").write_bytes(b"this is no database" * 1000)
    sets = tmp_path / "sets"
    shutil.copytree(ROOT / "datasets" / "mnist", sets / "mnist")
    (folder / "datasets").unlink()
    toml = sets / "mnist" / "dataset.toml"
    toml.write_text(toml.read_text().replace('path = "', 'path = "nowhere/'))
    said = wrong(doctor(redis_url="redis://127.0.0.1:1/0", datasets_dir=str(sets)))
    assert [sum(line.startswith(f"✗ {part}: ") for line in said) for part in ("database", "Redis")] == [1, 1]
    assert any(
        "script/setup" in line and "mnist" in line for line in said if line.startswith("✗ data sets")
    ), said


def test_a_database_of_before_is_to_be_migrated(doctor: Callable[..., str]) -> None:
    with sqlite3.connect(get_settings().data_dir / "sophora.db") as connection:
        connection.execute("delete from alembic_version")
    connection.close()
    assert any("sophora migrate" in line for line in wrong(doctor()))
