"""Dependencies of every feature's routes: a database session, or an admission slot."""

from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager
from typing import Annotated

from anyio import CapacityLimiter, to_thread
from fastapi import Depends, Request
from sqlalchemy.orm import Session

from app.core.db import session_scope
from app.core.sendings import digest_of
from app.web.security.bounds import read_form
from app.web.security.csrf import SAFE_METHODS


async def get_session(request: Request) -> AsyncIterator[Session]:
    """FastAPI dependency; declare it with `Depends(get_session, scope="function")`: it commits before the answer is sent.

    A form is read first, so that a slow sender blocks nobody. For the same reason, dependencies that read another kind of body
    must precede the session among a route's parameters. Then it waits for a slot (see `app.core.admission`), holding neither a
    connection nor a thread. Raises Busy.
    """
    if request.method in SAFE_METHODS:
        async with request.app.state.admission.place(), _session(session_scope(writes=False)) as session:
            yield session
        return
    form = await read_form(request)
    name = f"{request.method} {request.scope['route'].path}"
    async with (
        request.app.state.writers.place() as turn,
        request.app.state.admission.place(),
        _session(session_scope(late=True, name=name, turn=turn)) as session,
    ):
        session.info["sent_form"] = digest_of(request.url.path, form.multi_items())
        yield session


@asynccontextmanager
async def _session(scope: AbstractContextManager[Session]) -> AsyncIterator[Session]:
    session = scope.__enter__()
    try:
        yield session
    except BaseException as error:
        await _leave(scope, error)
        raise
    await _leave(scope)


async def _leave(scope: AbstractContextManager[Session], error: BaseException | None = None) -> None:
    """In a thread of its own, so that closing never waits for requests that wait for this one."""
    details = (type(error), error, error.__traceback__) if error else (None, None, None)
    await to_thread.run_sync(scope.__exit__, *details, limiter=CapacityLimiter(1))


Db = Annotated[Session, Depends(get_session, scope="function")]


async def holding_place(request: Request) -> AsyncIterator[None]:
    async with request.app.state.admission.place():
        yield


# For a route that opens sessions itself: the last parameter, after those that read the request's body.
Place = Annotated[None, Depends(holding_place, scope="function")]
