"""Periodic background tasks. A feature declares each once, in its `tasks.py`; the maintenance process schedules and runs it.

A task takes nothing: it reads what is to be done, checks whether that is done already, and does it in transactions of its own.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType


@dataclass(frozen=True)
class PeriodicTask:
    """Called like the function that it was. `every` gives the seconds between two runs."""

    name: str
    run: Callable[[], None]
    every: Callable[[], float]

    def __call__(self) -> None:
        self.run()


def periodic(
    name: str, *, every: float | Callable[[], float]
) -> Callable[[Callable[[], None]], PeriodicTask]:
    """A decorator: the function runs every so many seconds, also of a setting, as the Celery task `sophora.<name>`."""

    def declare(run: Callable[[], None]) -> PeriodicTask:
        return PeriodicTask(f"sophora.{name}", run, every if callable(every) else lambda: every)

    return declare


def tasks_of(module: ModuleType) -> Iterator[PeriodicTask]:
    return (thing for thing in vars(module).values() if isinstance(thing, PeriodicTask))
