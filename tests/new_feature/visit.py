"""`python -m tests.new_feature.visit`, in a tree with the feature: a reader writes in the guestbook, and exports it."""

import io
import json
import zipfile

from fastapi.testclient import TestClient
from sqlalchemy import select

from app import features
from app.accounts.service import open_session
from app.checkins.models import CheckIn
from app.core import db
from app.core.migrating import migrate
from app.main import create_app
from app.web.security.cookies import session_cookie_name
from tests.factories import make_user
from tests.fuzz.requests import routes_of
from tests.pages import addresses

migrate()
app = create_app()
with db.session_scope() as session:
    token = open_session(session, make_user(session, "小昊"))
client = TestClient(
    app, headers={"Sec-Fetch-Site": "same-origin"}, cookies={session_cookie_name(): token, "language": "zh"}
)
with client:
    empty = client.get("/guestbook").text
    written = client.post("/guestbook/lines", data={"line": "在树下坐了一会儿"})
    archive = zipfile.ZipFile(io.BytesIO(client.get("/settings/export").content))
with db.session_scope(writes=False) as session:
    notes = list(session.scalars(select(CheckIn.note)))
found = {
    "its words are Chinese": "树下留言簿" in empty,
    "a line is shown": "在树下坐了一会儿" in written.text,
    "who listens has heard of it": notes == ["在树下坐了一会儿"],
    "one's own lines are exported": "在树下坐了一会儿"
    in json.loads(archive.read("guestbook.json"))[0]["line"],
    "its task is scheduled": "sophora.tidy_guestbook" in {task.name for task in features.tasks()},
    "tests that ask for every page ask for its own": ("/guestbook", "/guestbook")
    in addresses(
        app, dict.fromkeys((name for route in routes_of(app) for name in route.path_names), "x"), {}
    ),
}
print(json.dumps(found))  # noqa: T201
