"""Whether this worker can train now, and what: checked before each claim, so that a job is not taken only to fail.

After failures of its own the worker stops claiming, for longer each time; other workers continue.
"""

import shutil
import tempfile
import threading
import time
import tomllib
from pathlib import Path

from structlog import get_logger

from app.core import storage
from app.core.config import get_settings
from app.recipes.dataset import DatasetError, cache_path, get_dataset
from app.recipes.recipe import RecipeError, recipe_digest
from worker.faults import SiteFault, kind_of
from worker.kit.downloads import can_download

# A training writes one checkpoint per epoch and a model at the end; our largest have some 10 MB.
MINIMUM_FREE_MB = 64
# Seconds for which a check is reused.
LOOK_HOLDS = 5.0
LONGEST_PAUSE = 30.0
LONGEST_PAUSE_BEFORE_A_LOOK = 5.0

log = get_logger()


class Readiness:
    """One per worker process, shared by its slots."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults = 0
        self._looks_in_vain = 0
        self._paused_until = 0.0
        self.last_known: dict[str, str] = {}
        self._store_answered = -LOOK_HOLDS
        self._at_hand: dict[str, str] = {}
        self._looked = -LOOK_HOLDS
        self._left_alone: dict[str, float] = {}

    def pause_left(self) -> float:
        """Seconds until this worker may claim again."""
        return max(0.0, self._paused_until - time.monotonic())

    def has_faulted(self, kind: str, slug: str | None = None) -> None:
        """Call after a job was given back. A faulty recipe or data set is skipped; anything else stops all claims."""
        with self._lock:
            self._faults += 1
            pause = min(2.0 ** (self._faults - 1), LONGEST_PAUSE)
            if kind in ("data", "recipe") and slug:
                self._left_alone[slug] = time.monotonic() + 2 * LONGEST_PAUSE
            else:
                self._store_answered = -LOOK_HOLDS
                self._pause(pause)
        log.error(
            "a job was given back for a fault of the site",
            kind=kind, recipe=slug, faults=self._faults, claims_again_in=round(pause, 1),
        )  # fmt: skip

    def has_succeeded(self) -> None:
        with self._lock:
            self._faults = 0

    def known_recipes(self) -> dict[str, str]:
        """slug -> digest of what can be trained here now. Raises SiteFault; the worker then pauses by itself."""
        try:
            self._check_disk()
            self._check_store()
        except Exception as error:  # a store has many ways to report that it is unreachable
            kind = kind_of(error) or "store"
            with self._lock:
                self._looks_in_vain += 1
                pause = min(2.0 ** (self._looks_in_vain - 1), LONGEST_PAUSE_BEFORE_A_LOOK)
                self._pause(pause)
            log.error("this worker cannot train now", kind=kind, error=str(error), looks_again_in=pause)
            raise SiteFault(kind, str(error)) from error
        self._looks_in_vain = 0
        now = time.monotonic()
        if now - self._looked >= LOOK_HOLDS:
            self._at_hand, self._looked = recipes_at_hand(), now
        self.last_known = {
            slug: digest for slug, digest in self._at_hand.items() if self._left_alone.get(slug, now) <= now
        }
        return self.last_known

    def _pause(self, seconds: float) -> None:
        self._paused_until = max(self._paused_until, time.monotonic() + seconds)

    def _check_disk(self) -> None:
        for folder in {get_settings().data_dir, Path(tempfile.gettempdir())}:
            free = shutil.disk_usage(folder).free // 2**20
            if free < MINIMUM_FREE_MB:
                raise SiteFault("disk", f"{free} MB are free in {folder}, {MINIMUM_FREE_MB} are needed")

    def _check_store(self) -> None:
        if time.monotonic() - self._store_answered < LOOK_HOLDS:
            return
        if not storage.is_reachable():
            raise SiteFault("store", "the file store does not give back what it was given")
        self._store_answered = time.monotonic()


def recipes_at_hand() -> dict[str, str]:
    """slug -> digest of every recipe whose two files and data set are here."""
    found = {}
    for path in sorted(get_settings().recipes_dir.glob("*/recipe.toml")):
        slug = path.parent.name
        try:
            data_set = tomllib.loads(path.read_text("utf-8")).get("dataset")
            digest = recipe_digest(slug)
        except (OSError, KeyError, ValueError, RecipeError) as error:
            log.error("a recipe cannot be read", recipe=slug, error=str(error))
            continue
        if data_set is None or _has_data(data_set):
            found[slug] = digest
        else:
            log.error("a data set is missing; run script/setup", recipe=slug, dataset=data_set)
    return found


def _has_data(slug: str) -> bool:
    """True if the data set is generated, cached, or can be read from its files, of which some may still be to download."""
    try:
        files = get_dataset(slug).files
    except (DatasetError, OSError, KeyError, ValueError):
        return False
    return cache_path(slug).is_file() or all(file.path.is_file() or can_download(file) for file in files)
