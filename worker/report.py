"""What this process says about itself with each sign of life; see app.jobs.queue.reports."""

import multiprocessing
import os
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import psutil

from app import __version__
from app.core.config import get_settings

_trainings: set[tuple[str, int]] = set()


@contextmanager
def training(job_id: str, attempt: int) -> Iterator[None]:
    """The report names it meanwhile."""
    _trainings.add((job_id, attempt))
    try:
        yield
    finally:
        _trainings.discard((job_id, attempt))


def content(queues: tuple[str, ...]) -> dict[str, Any]:
    memory, own = psutil.virtual_memory(), psutil.Process()
    readiness = vars(sys.modules["worker.tasks"])["readiness"] if "worker.tasks" in sys.modules else None
    return {
        "pid": own.pid,
        "queues": queues,
        "slots": get_settings().job_slots if readiness else 0,
        "trainings": sorted(_trainings),
        "load": os.getloadavg()[0],
        "cores": os.cpu_count() or 1,
        "memory_mb": _memory(own) // 2**20,
        "host_memory_mb": memory.total // 2**20,
        "host_memory_used_mb": (memory.total - memory.available) // 2**20,
        "pause": readiness.pause_left() if readiness else 0,
        "versions": _versions(),
    }


def _memory(own: psutil.Process) -> int:
    """With the children that train."""
    total = int(own.memory_info().rss)
    for child in multiprocessing.active_children():
        with suppress(psutil.Error):
            total += psutil.Process(child.pid).memory_info().rss
    return total


@lru_cache
def _versions() -> dict[str, str]:
    """Read from the packages' names: importing TensorFlow would cost a maintenance process 300 MB."""
    found = {"sophora": __version__, "python": platform.python_version()}
    for name, packages in (("tensorflow", ("tensorflow-cpu", "tensorflow")), ("celery", ("celery",))):
        for package in packages:
            with suppress(PackageNotFoundError):
                found.setdefault(name, version(package))
    return found
