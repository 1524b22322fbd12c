"""Every route that changes something has a rate limit per reader, or is listed here with the reason why it needs none."""

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from app.main import create_app
from app.web.security.csrf import SAFE_METHODS

# Routes without one, and why.
UNLIMITED = {
    "/sign-out": "ends a session and nothing else: nobody may be kept from it",
    "/preferences": "sets two cookies in the answer and touches nothing else",
}


@pytest.fixture(scope="module")
def app() -> FastAPI:
    return create_app()


def unsafe_routes(app: FastAPI) -> list[APIRoute]:
    routers = [getattr(getattr(route, "original_router", None), "routes", [route]) for route in app.routes]
    return [
        route
        for routes in routers
        for route in routes
        if isinstance(route, APIRoute) and not route.methods <= SAFE_METHODS
    ]


def has_limit(dependant: Dependant) -> bool:
    return getattr(dependant.call, "is_rate_limit", False) or any(map(has_limit, dependant.dependencies))


def is_limited(route: APIRoute) -> bool:
    return has_limit(route.dependant) or getattr(route.endpoint, "is_rate_limit", False)


def test_every_route_that_changes_something_is_limited_or_says_why_not(app: FastAPI) -> None:
    found = {route.path for route in unsafe_routes(app) if not is_limited(route)}
    assert found == set(UNLIMITED)


def test_the_routes_are_found_at_all(app: FastAPI) -> None:
    assert len(unsafe_routes(app)) > 80
