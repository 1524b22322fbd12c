"""Tracks connections during a request: one at a time, and only with a slot (app.core.admission)."""

import traceback
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI
from sqlalchemy import event
from sqlalchemy.pool import Pool
from starlette.types import ASGIApp, Receive, Scope, Send

from app.core.admission import has_place


@dataclass
class Request:
    path: str
    held: int = 0
    faults: list[str] = field(default_factory=list)


_request: ContextVar[Request | None] = ContextVar("watched_request", default=None)


class ConnectionWatch:
    """Watches all requests of an application; every integration test with a `client` checks them at its end."""

    def __init__(self, app: FastAPI) -> None:
        self.faults: list[str] = []
        app.add_middleware(_Mark, faults=self.faults)

    def check(self) -> None:
        assert not self.faults, self.faults[0]


class _Mark:
    def __init__(self, app: ASGIApp, faults: list[str]) -> None:
        self.app, self.faults = app, faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            _request.set(Request(scope["path"], faults=self.faults))
        await self.app(scope, receive, send)


@event.listens_for(Pool, "checkout")
def _taken(*_: Any) -> None:
    request = _request.get()
    if request is None:
        return
    request.held += 1
    if not has_place():
        request.faults.append(f"{request.path} takes a connection without a place:\n{_stack()}")
    if request.held > 1:
        request.faults.append(f"{request.path} takes a connection while it holds one:\n{_stack()}")


def _stack() -> str:
    return "".join(traceback.format_stack(limit=12))


@event.listens_for(Pool, "checkin")
def _given_back(*_: Any) -> None:
    if request := _request.get():
        request.held -= 1
