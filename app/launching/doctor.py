"""`sophora doctor`: what is wrong with an installation, and how to mend it.

Each check says one sentence, with the next step if something is wrong. A check that cannot be made because of another fault is
worded by the same explanations as every command's errors.
"""

import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from redis import Redis
from sqlalchemy import make_url, select, text

from app import __version__
from app.core import disk, storage
from app.core.alive import ask_redis
from app.core.config import get_settings
from app.core.database_clock import database_now
from app.core.db import get_engine
from app.jobs.queue.reports import Report, reports
from app.jobs.queue.workers import known_digests
from app.launching.wrong_state import check_database, explain
from app.notifications.smtp import MailFailed, connected
from app.recipes.dataset import DatasetError, cache_path, dataset_slugs, get_dataset
from app.recipes.recipe import all_recipes, recipe_digest
from app.web.assets import DIST

PYTHON, POSTGRESQL, REDIS = (3, 11), 15, 6
# Clocks that differ by more seconds: sessions, due dates and reminders are then early or late.
DIFFERENCE = 10.0


@dataclass(frozen=True)
class Finding:
    """`kind`: "ok", "note" (works, but somebody should know) or "wrong"."""

    part: str
    kind: str
    sentence: str


Check = Callable[[], Iterator[tuple[str, str]]]


def examine() -> Iterator[Finding]:
    """Every check, each by itself: one that fails does not hide the others. Settings that cannot be read raise ValidationError."""
    get_settings()
    for part, check in CHECKS.items():
        count = 0
        try:
            for kind, sentence in check():
                count += 1
                yield Finding(part, kind, sentence)
        except Exception as error:
            yield Finding(part, "wrong", explain(error)[0])
        else:
            if not count:
                yield Finding(part, "ok", "In order.")


def _versions() -> Iterator[tuple[str, str]]:
    if sys.version_info < PYTHON:
        yield (
            "wrong",
            f"Python {platform.python_version()} is too old: install 3.11 or newer and run script/setup.",
        )
    if not (DIST / "manifest.json").is_file():
        yield (
            "wrong",
            "The scripts and styles of the pages have not been built: run “node esbuild.mjs”, or script/setup.",
        )


def _settings() -> Iterator[tuple[str, str]]:
    settings = get_settings()
    host = urlsplit(settings.public_url).hostname or ""
    is_local = host in {"localhost", "127.0.0.1", "::1"}
    if settings.environment == "development" and not is_local:
        yield (
            "wrong",
            f"The site is {settings.public_url}, but runs as in development: set SOPHORA_ENVIRONMENT=production.",
        )
    if settings.has_known_secret and not is_local:
        yield (
            "wrong",
            "SOPHORA_SECRET_KEY is the one that everybody knows: set one of your own (openssl rand -hex 32).",
        )
    if not settings.rate_limits:
        yield (
            "note",
            "SOPHORA_RATE_LIMITS is off, so that passwords may be guessed at any pace: remove that setting.",
        )


def _permissions() -> Iterator[tuple[str, str]]:
    folder = get_settings().data_dir
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        yield (
            "wrong",
            f"Nothing can be written to {folder} ({error.strerror}): let this user write there, or set SOPHORA_DATA_DIR.",
        )
        return
    if folder.stat().st_mode & 0o007 and make_url(get_settings().database_url).get_backend_name() == "sqlite":
        yield (
            "note",
            f"Every user of this machine may look into {folder}, where the database is: run “chmod 700 {folder}”.",
        )


def _disk() -> Iterator[tuple[str, str]]:
    settings = get_settings()
    for folder in dict.fromkeys((settings.data_dir, Path(tempfile.gettempdir()))):
        if not folder.is_dir():
            continue
        free = shutil.disk_usage(folder).free // 2**20
        if free < disk.FULL_MB:
            yield "wrong", f"Only {free} MB are free in {folder}: make room, or clean up at /admin/disk."
        elif free < settings.low_disk_mb:
            yield (
                "note",
                f"{free} MB are free in {folder}, fewer than SOPHORA_LOW_DISK_MB: make room, or clean up at /admin/disk.",
            )


def _files() -> Iterator[tuple[str, str]]:
    try:
        answers = storage.is_reachable()
    except Exception as error:  # a store has many ways to say that it is away
        answers, why = False, str(error).partition("\n")[0][:200]
    else:
        why = "it does not give back what it was given"
    if not answers:
        yield (
            "wrong",
            f"The file store does not work ({why}): look at SOPHORA_STORAGE_URL, and at the store itself.",
        )


def _database() -> Iterator[tuple[str, str]]:
    check_database()
    with get_engine().connect().execution_options(writes=False) as connection:
        if connection.dialect.name == "postgresql":
            version = int((connection.dialect.server_version_info or (0,))[0])
            if version < POSTGRESQL:
                yield "wrong", f"PostgreSQL {version} is too old: Sophora needs {POSTGRESQL} or newer."
        elif connection.execute(text("pragma quick_check(1)")).scalar() != "ok":
            yield "wrong", "The database's file is damaged: stop Sophora and restore the last backup."


def _clock() -> Iterator[tuple[str, str]]:
    """The database's is compared; another host's Redis says nothing about ours."""
    check_database()
    with get_engine().connect().execution_options(writes=False) as connection:
        there = connection.execute(select(database_now())).scalar_one()
    differs = abs((datetime.now(UTC) - there).total_seconds())
    if differs > DIFFERENCE:
        yield (
            "wrong",
            f"This machine's clock and the database's differ by {differs:.0f} s: set both by NTP (timedatectl set-ntp true).",
        )


def _redis() -> Iterator[tuple[str, str]]:
    with ask_redis() as redis:
        version = str(redis.info("server")["redis_version"])
        if int(version.partition(".")[0]) < REDIS:
            yield "wrong", f"Redis {version} is too old: Sophora needs {REDIS} or newer."
        policy = redis.info("memory").get("maxmemory_policy", "noeviction")
        if str(policy).startswith("allkeys"):
            yield (
                "note",
                f"Redis throws away keys when it is full ({policy}): set its maxmemory-policy to volatile-ttl or noeviction.",
            )


def _mail() -> Iterator[tuple[str, str]]:
    url = get_settings().smtp_url
    if not url:
        yield "note", "No mail is sent: set SOPHORA_SMTP_URL and SOPHORA_MAIL_FROM, if it should be."
        return
    try:
        with connected(url):
            pass
    except MailFailed as error:
        yield "wrong", f"The mail server does not take mail ({error}): look at SOPHORA_SMTP_URL."


def _workers() -> Iterator[tuple[str, str]]:
    with ask_redis() as redis:
        found = reports(redis)
        yield from _of_roles(found)
        for report in found:
            if report.is_silent:
                yield (
                    "note",
                    f"{report.node} has been silent for {report.silent_seconds:.0f} s: look at its log, and start it again.",
                )
            elif (version := report.versions.get("sophora")) and version != __version__:
                yield (
                    "wrong",
                    f"{report.node} is of version {version}, this is {__version__}: bring both to the same version.",
                )
        yield from _of_recipes(redis, found)


def _of_roles(found: list[Report]) -> Iterator[tuple[str, str]]:
    alive = [report for report in found if not report.is_silent]
    if not any(report.slots for report in alive):
        yield (
            "wrong",
            "No worker is alive, so that trainings wait: start one with “sophora run”, or the service worker.",
        )
    if not any("maintenance" in report.queues for report in alive):
        yield (
            "wrong",
            "Nothing looks after the site (lost trainings, mail, clean-up): start “sophora run”, or the service maintenance.",
        )


def _of_recipes(redis: Redis, found: list[Report]) -> Iterator[tuple[str, str]]:
    if not any(report.slots and not report.is_silent for report in found):
        return
    known = known_digests(redis)
    missing = [slug for slug in all_recipes() if recipe_digest(slug) not in known]
    if missing:
        yield (
            "note",
            f"No worker can train {', '.join(missing)}: give workers the same recipes/, and run script/setup there.",
        )


def _datasets() -> Iterator[tuple[str, str]]:
    missing = []
    for slug in dataset_slugs():
        try:
            found = get_dataset(slug)
            is_here = found.is_generated or cache_path(slug).is_file()
            if not is_here and not all(file.path.is_file() or file.can_be_downloaded for file in found.files):
                missing.append(slug)
        except (DatasetError, OSError, ValueError) as error:
            yield (
                "wrong",
                f"The data set {slug} cannot be used ({error}): restore datasets/{slug}, or remove it.",
            )
    if missing:
        yield (
            "wrong",
            f"Data sets are missing ({', '.join(missing)}), so that their recipes cannot be trained here: run script/setup.",
        )


CHECKS: dict[str, Check] = {
    "versions": _versions,
    "settings": _settings,
    "permissions": _permissions,
    "disk": _disk,
    "file store": _files,
    "database": _database,
    "clock": _clock,
    "Redis": _redis,
    "mail": _mail,
    "workers": _workers,
    "data sets": _datasets,
}
