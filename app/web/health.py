"""Liveness and readiness."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from app.web.readiness import OK, PARTS, Readiness

router = APIRouter()


@router.get("/healthz")
async def alive() -> dict[str, str]:
    """Needs neither a thread nor a connection: it answers as long as the event loop runs."""
    return {"status": "ok"}


@router.get("/readyz")
async def ready(request: Request) -> Response:
    """503 if no page can be shown; 200 and "degraded" if reading works without the listed parts."""
    state = request.app.state
    if not hasattr(state, "readiness"):
        state.readiness = Readiness()
    checks = await state.readiness.look()
    is_ready = all(said == OK for name, said in checks.items() if PARTS[name].needed)
    status = "unavailable" if not is_ready else "ok" if set(checks.values()) == {OK} else "degraded"
    return JSONResponse({"status": status, "checks": checks}, status_code=200 if is_ready else 503)
