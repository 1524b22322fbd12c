"""Periodic background tasks. A feature declares each once, in its `tasks.py`; the maintenance process schedules and runs it.

A task has no parameters: it finds out what is due, checks that it is not done already, and does it in its own transactions.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType


@dataclass(frozen=True)
class PeriodicTask:
    """Callable like the function it wraps. `every` returns the seconds between two runs."""

    name: str
    run: Callable[[], None]
    every: Callable[[], float]

    def __call__(self) -> None:
        self.run()


def periodic(
    name: str, *, every: float | Callable[[], float]
) -> Callable[[Callable[[], None]], PeriodicTask]:
    """A decorator: the function runs every so many seconds (or by a setting), as the Celery task `sophora.<name>`."""

    def declare(run: Callable[[], None]) -> PeriodicTask:
        return PeriodicTask(f"sophora.{name}", run, every if callable(every) else lambda: every)

    return declare


def tasks_of(module: ModuleType) -> Iterator[PeriodicTask]:
    return (thing for thing in vars(module).values() if isinstance(thing, PeriodicTask))
