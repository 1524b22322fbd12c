"""Whether the server lives, and whether it can do its work."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response
from sqlalchemy import text

from app import storage
from app.accounts.dependencies import Db
from app.redis import get_redis

router = APIRouter()


@router.get("/healthz")
def alive() -> dict[str, str]:
    return {"status": "ok"}


@router.get("/readyz")
def ready(session: Db) -> Response:
    """200 where database, Redis and files answer, else 503 that names what does not."""
    checks = {
        "database": lambda: session.execute(text("select 1")).scalar() == 1,
        "redis": lambda: bool(get_redis().ping()),
        "files": storage.is_reachable,
    }
    results = {}
    for name, check in checks.items():
        try:
            results[name] = "ok" if check() else "no answer"
        except Exception as error:  # whatever is wrong with a part, the answer names the part
            results[name] = type(error).__name__
    is_ready = all(value == "ok" for value in results.values())
    return JSONResponse(
        {"status": "ok" if is_ready else "unavailable", "checks": results},
        status_code=200 if is_ready else 503,
    )
