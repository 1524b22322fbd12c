"""Every route names its permission, and each role is refused or let in by the one table of permissions."""

import re
from itertools import chain

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.accounts.dependencies import permissions_of
from app.accounts.models import Role, User
from app.core.permissions import CLASS_PERMISSIONS, IN_WORDS, PERMISSIONS, STAFF, Permission
from app.features import routers
from app.web.security.cookies import session_cookie_name
from tests.factories import NO_ID, make_user
from tests.integration.conftest import ON_SQLITE, enter
from tests.pages import STREAMS

# Roles are compared above the database.
pytestmark = [pytest.mark.usefixtures("redis", "database"), ON_SQLITE]

# Whoever was let in is signed out.
ENDINGS = {"/sign-out", "/settings/sign-ins/deletion"}
ACTORS: tuple[Role | None, ...] = (None, *Role)


def all_routes() -> list[APIRoute]:
    routes = chain.from_iterable(router.routes for router in routers())
    return [route for route in routes if isinstance(route, APIRoute)]


def test_every_route_names_its_permission_in_the_table() -> None:
    nameless = [route.path for route in all_routes() if not permissions_of(route.dependant)]
    assert nameless == [], "see app/accounts/dependencies.py: a type of user, for_everyone, or for_members"
    assert set(PERMISSIONS) == set(Permission)
    assert set(IN_WORDS) == {*PERMISSIONS, *CLASS_PERMISSIONS}


@pytest.mark.timeout(600)
def test_every_route_refuses_and_lets_in_each_role_as_the_table_says(
    client: TestClient, session: Session
) -> None:
    """With ids of nothing: whoever is let in finds nothing, or is told what a form lacks."""
    wrong = []
    for role in ACTORS:
        user = make_user(session, f"everywhere as {role}", role) if role else None
        _become(client, session, user)
        for route in all_routes():
            allowed = all(role in PERMISSIONS[named] for named in permissions_of(route.dependant))
            for method in route.methods if route.path not in STREAMS or not allowed else ():
                status, address = _ask(client, method, route.path)
                is_refused = status in {401, 403} or address.startswith("/sign-in")
                # What is open to visitors may hold things that are not: a training that is nobody's.
                may_be_either = allowed and role is None
                if is_refused is allowed and not may_be_either and route.path not in ENDINGS:
                    wrong.append(f"{role}: {method} {route.path}: {status} {address}")
            if "POST" in route.methods and "{" not in route.path:
                _become(client, session, user)
    assert wrong == [], "\n".join(wrong)


def _become(client: TestClient, session: Session, user: User | None) -> None:
    if user:
        enter(client, session, user)
    else:
        client.cookies.delete(session_cookie_name())


def _ask(client: TestClient, method: str, path: str) -> tuple[int, str]:
    address = re.sub(r"{\w+(?::path)?}", str(NO_ID), path.replace("/threads/{key}", "/threads/class"))
    answer = client.request(method, address, headers={"Accept": "application/json"}, follow_redirects=False)
    return answer.status_code, answer.headers.get("location", "")


def test_moderators_and_assistants_moderate_and_edit_nothing(client: TestClient, session: Session) -> None:
    for role in (Role.ASSISTANT, Role.MODERATOR):
        enter(client, session, make_user(session, f"the {role}", role))
        assert client.get("/moderation").status_code == 200
        assert client.get("/authoring").status_code == 403
        menu = client.get("/progress").text
        assert 'href="/moderation"' in menu and 'href="/authoring"' not in menu


def test_admins_see_the_table(client: TestClient, session: Session, in_english: None) -> None:
    enter(client, session, make_user(session, "the admin", Role.ADMIN))
    shown = client.get("/admin/permissions").text
    assert "Feature and pin comments" in shown and shown.count("<tr>") == 2 + len(IN_WORDS)
    assert set(STAFF) == set(Role) - {Role.STUDENT}
