"""Whether the server lives, and whether it can do its work."""

from collections.abc import Callable
from functools import partial

from anyio import CapacityLimiter, create_task_group, move_on_after, to_thread
from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response
from sqlalchemy import text

from app import storage
from app.admission import outside_of_places
from app.db import session_scope
from app.redis import get_redis

router = APIRouter()

PATIENCE_SECONDS = 3.0


@router.get("/healthz")
async def alive() -> dict[str, str]:
    """Needs neither a thread nor a connection: it answers as long as the event loop turns."""
    return {"status": "ok"}


@router.get("/readyz")
async def ready() -> Response:
    """200 where database, Redis and files answer in time, else 503 that names what does not."""
    results: dict[str, str] = {}
    async with create_task_group() as tasks:
        for name, check in CHECKS.items():
            tasks.start_soon(_look, name, check, results)
    is_ready = all(value == "ok" for value in results.values())
    return JSONResponse(
        {"status": "ok" if is_ready else "unavailable", "checks": results},
        status_code=200 if is_ready else 503,
    )


def _database_answers() -> bool:
    """With one of the connections that no place stands for: readers in line say nothing about the database."""
    with outside_of_places(), session_scope(writes=False) as session:
        return session.execute(text("select 1")).scalar() == 1


CHECKS: dict[str, Callable[[], bool]] = {
    "database": _database_answers,
    "redis": lambda: bool(get_redis().ping()),
    "files": lambda: storage.is_reachable(),
}
# What hangs keeps its thread; whoever asks meanwhile starts no second one.
_hanging: set[str] = set()


async def _look(name: str, check: Callable[[], bool], results: dict[str, str]) -> None:
    results[name] = "no answer"
    if name in _hanging:
        return
    _hanging.add(name)
    with move_on_after(PATIENCE_SECONDS):
        work = partial(_run, name, check)
        results[name] = await to_thread.run_sync(work, limiter=CapacityLimiter(1), abandon_on_cancel=True)


def _run(name: str, check: Callable[[], bool]) -> str:
    try:
        return "ok" if check() else "no answer"
    except Exception as error:  # whatever is wrong with a part, the answer names the part
        return type(error).__name__
    finally:
        _hanging.discard(name)
