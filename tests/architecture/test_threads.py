"""Threads run with a slot (app.core.admission), so that no thread waits for a connection."""

import inspect
from collections.abc import Iterable, Iterator
from typing import Any

from fastapi.dependencies.models import Dependant

from app.main import create_app
from app.web.dependencies import get_session, holding_place

# They use only Redis, which answers within two seconds or not at all, or nothing; none of them opens a session.
WITHOUT_A_PLACE = {
    "rate_limit.<locals>.check",
    "user_rate_limit.<locals>.check",
    "sign_in_try",
    "upload_column",
    "set_preferences",
    "sent_from_preview",
}


def test_every_route_takes_a_place_before_a_thread_works_for_it() -> None:
    found = {
        name for route in routes(create_app().routes) for name in threads_without_a_place(route.dependant)
    }
    assert found <= WITHOUT_A_PLACE


def routes(those: Iterable[Any]) -> Iterator[Any]:
    for route in those:
        if hasattr(route, "dependant"):
            yield route
        else:
            included = getattr(route, "original_router", route)
            yield from routes(getattr(included, "routes", ()))


def threads_without_a_place(dependant: Dependant) -> list[str]:
    """The functions that FastAPI runs in a thread, in order, up to the one that takes a slot."""
    found = []
    for call in in_order(dependant):
        if call in {get_session, holding_place}:
            break
        if not (inspect.iscoroutinefunction(call) or inspect.isasyncgenfunction(call)):
            found.append(call.__qualname__)
    return found


def in_order(dependant: Dependant) -> Iterator[Any]:
    for below in dependant.dependencies:
        yield from in_order(below)
    yield dependant.call
