"""The page of notifications as its reader sees it."""

from fastapi.testclient import TestClient

from app.accounts.models import User
from app.accounts.service import open_session
from app.core import db
from app.web.security.cookies import session_cookie_name


def page(client: TestClient, user: User) -> str:
    with db.session_scope() as session:
        token = open_session(session, user)
    client.cookies.set(session_cookie_name(), token, domain="127.0.0.1", path="/")
    answer = client.get("/notifications")
    assert answer.status_code == 200
    return answer.text
