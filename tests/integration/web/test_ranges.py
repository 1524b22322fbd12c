"""Boundary values for parsers, calendars and databases, each where it once caused a server error."""

from datetime import date, datetime
from typing import Annotated, Any, get_args, get_origin
from urllib.parse import urlencode

import pytest
from fastapi.testclient import TestClient
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.authoring import forms as authoring_forms
from app.courses.models import Lesson
from app.main import create_app
from app.web.forms import LONGEST_TEXT
from tests.factories import make_user
from tests.fuzz.requests import CHARACTER_SETS, dependants, forms_of
from tests.integration.conftest import enter

FORM = "application/x-www-form-urlencoded"
BEYOND = ["0001-01-01", "9999-12-31", "1969-12-31", "2200-01-01"]
NUMBERS = ["9" * 30, "9" * 5000, "-" + "9" * 30, str(2**31), str(2**63), "²", "1e309", "nan"]


@pytest.fixture
def staff(client: TestClient, session: Session, lessons: None) -> TestClient:
    enter(client, session, make_user(session, "Lan", Role.ADMIN))
    return client


@pytest.fixture
def lesson(session: Session, lessons: None) -> Lesson:
    found = session.scalars(select(Lesson).order_by(Lesson.position)).first()
    session.commit()
    return found


@pytest.mark.parametrize("day", BEYOND)
def test_a_date_at_the_calendars_ends_is_refused(staff: TestClient, lesson: Lesson, day: str) -> None:
    for moment in (f"{day}T00:00:00+23:59", f"{day}T23:59:59-23:59", f"{day}T00:00"):
        for offset in ("-1440", "0", "1440"):
            form = {"publish_at": moment, "offset": offset}
            assert staff.post(f"/authoring/lessons/{lesson.id}/schedule", data=form).status_code == 422
        news = staff.get(f"/threads/lesson:{lesson.id}/news", params={"since": moment})
        assert news.status_code == 404
    assert staff.get("/check-ins/wall", params={"day": day}).status_code == 404
    assert staff.get("/check-ins", params={"made_up": day}).status_code == 404
    make_up = staff.post("/check-ins/make-ups", data={"day": day, "note": "late"})
    assert make_up.status_code == 422


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: number[:12])
def test_a_number_beyond_all_bounds_is_refused_or_cut_short(
    staff: TestClient, lesson: Lesson, number: str
) -> None:
    for path in ("/jobs", "/notes", "/search?q=x", "/admin/people", "/admin/jobs", "/admin/journal"):
        assert staff.get(path, params={"page": number}).status_code in {200, 404}, path
    for sort in ("newest", "name", "seen"):
        place = {"after": f"{number}~{'0' * 32}"[:160], "sort": sort}
        assert staff.get("/admin/people", params=place).status_code in {200, 404}
    own = f"/authoring/lessons/{lesson.id}"
    assert staff.post(f"{own}/revisions/{number}/restoration").status_code == 404
    for before, after in ((number, "1"), ("1", number)):
        answer = staff.get(f"{own}/differences", params={"before": before, "after": after})
        assert answer.status_code == 404
    assert staff.post(f"{own}/draft", data={"version": number, "zh.md": "x"}).status_code == 409
    assert staff.get("/check-ins", params={"year": number}).status_code == 404
    for moment in (
        f"{number}.{'0' * 32}",
        f"{number}-{'0' * 32}",
        f"0.{number}.0.1.{'0' * 32}",
        f"0.1.0.{number}.{'0' * 32}",
    ):
        for path in ("/check-ins/wall", "/notifications"):
            assert staff.get(path, params={"before": moment}).status_code in {200, 404}, path
    assert staff.get("/check-ins/class-board", params={"after": f"{number}.{'0' * 32}"}).status_code in {
        303,
        404,
    }


@pytest.mark.parametrize("name", ["goal", "values", "modes", "goal-conditions", "goal-conditions-0"])
def test_a_form_whose_structure_was_made_by_hand_comes_back(
    staff: TestClient, lesson: Lesson, name: str
) -> None:
    fields = {"key": "new", "recipe": "mnist-mlp", name: "x"}
    assert staff.post(f"/authoring/lessons/{lesson.id}/labs", data=fields).status_code == 422


@pytest.mark.parametrize("row", ["options-9" + "9" * 180 + "-text-zh", "options-" + "0-" * 60 + "zh", "²-²"])
def test_a_field_without_end_is_no_field(staff: TestClient, lesson: Lesson, row: str) -> None:
    address = f"/authoring/lessons/{lesson.id}/questions"
    assert staff.post(address, data={"key": "new", "kind": "single", row: "x"}).status_code == 422
    assert staff.post(address, data={"kind": "single", "-".join(["a"] * 3000): "x"}).status_code == 400


def multipart(name: str, value: bytes) -> bytes:
    return b'--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n--b--\r\n' % (name.encode(), value)


@pytest.mark.parametrize("character_set", CHARACTER_SETS[1:], ids=lambda name: name[:12])
def test_a_form_in_other_characters_is_refused(client: TestClient, character_set: str) -> None:
    kind = f"multipart/form-data; boundary=b; charset={character_set}"
    for value in (b"xn--\xff", b"\\ud800", b"+2AA-", b"\xff\xfe"):
        answer = client.post("/sign-up", content=multipart("name", value), headers={"Content-Type": kind})
        assert answer.status_code == 400, value


@pytest.mark.parametrize("character_set", ["", "; charset=utf-8", "; charset=UTF-8", '; charset="utf-8"'])
def test_a_form_in_the_worlds_characters_is_taken(client: TestClient, character_set: str) -> None:
    kind = f"multipart/form-data; boundary=b{character_set}"
    answer = client.post("/preferences", content=multipart("language", b"en"), headers={"Content-Type": kind})
    assert answer.status_code == 303
    assert "language=en" in answer.headers["set-cookie"]


def test_files_are_taken_where_files_are_asked_for_only(client: TestClient) -> None:
    answer = client.post("/preferences", files={"picture": b"x"}, headers={"Accept": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["error"]["status"] == 400


def test_fields_have_an_end(client: TestClient) -> None:
    many = urlencode([("language", "en")] * 501)
    assert client.post("/preferences", content=many, headers={"Content-Type": FORM}).status_code == 400


@pytest.mark.parametrize(("language", "word"), [("zh", "这里"), ("en", "larger")])
def test_a_body_that_is_too_large_is_refused_in_the_readers_language(
    client: TestClient, language: str, word: str
) -> None:
    client.cookies.set("language", language, domain="127.0.0.1", path="/")
    answer = client.post("/preferences", data={"language": "x" * 1_100_000})
    assert answer.status_code == 413
    assert word in answer.text


def test_what_a_route_declares_holds_for_who_may_use_it_only(client: TestClient, lesson: Lesson) -> None:
    """A visitor's two megabytes are not even read at a route that accepts six from lecturers."""
    body = b"x" * 2_000_000
    answer = client.put(f"/authoring/lessons/{lesson.id}/draft", content=body)
    assert answer.status_code == 401


def test_a_large_form_without_its_token_is_refused(staff: TestClient, lesson: Lesson) -> None:
    """Its token is checked once its sender is known, for a client without Sec-Fetch-Site and Origin."""
    del staff.headers["Sec-Fetch-Site"]
    own = f"/authoring/lessons/{lesson.id}"
    assert staff.post(f"{own}/draft", data={"version": "0", "zh.md": "x"}).status_code == 403
    json = {"version": 0, "sources": {"zh.md": "x"}}
    assert staff.put(f"{own}/draft", json=json).status_code == 403
    assert staff.post(f"{own}/rendering", json={"language": "zh", "sources": {}}).status_code == 403
    assert staff.post(f"{own}/pictures", files={"picture": b"x"}).status_code == 403
    assert staff.post("/admin/import", files={"files": b"x"}).status_code == 403


def test_a_null_character_is_looked_for_nowhere(staff: TestClient) -> None:
    assert staff.get("/search?q=a%00b").status_code == 400
    assert staff.get("/courses/a%00b").status_code == 404
    assert staff.post("/sign-in", data={"name": "a\0b", "password": "x\0"}).status_code in {303, 422}


# Bounded by themselves: two values, a list of ours, 128 bits.
UNBOUNDED: tuple[type, ...] = (int, float, str, date, datetime)


def unbounded(name: str, annotation: Any, metadata: Any) -> list[str]:
    """The name, if a type in `annotation` has no bound beside it."""
    if get_origin(annotation) is Annotated:
        inner, *more = get_args(annotation)
        return unbounded(name, inner, [*metadata, *more])
    if annotation in UNBOUNDED:
        return [] if [m for m in metadata if not isinstance(m, type)] else [f"{name}: {annotation.__name__}"]
    if get_origin(annotation) in {list, set, dict} or annotation is None:
        return []
    return [
        found
        for inner in get_args(annotation)
        for found in unbounded(name, inner, metadata)
        if isinstance(inner, type) or get_args(inner)
    ]


def of_fields(where: str, fields: dict[str, FieldInfo], texts_are_bounded: bool) -> list[str]:
    return [
        found
        for name, field in fields.items()
        for found in unbounded(f"{where}.{name}", field.annotation, field.metadata)
        if not (texts_are_bounded and found.endswith(": str"))
    ]


def test_every_parameter_and_every_field_has_a_range() -> None:
    """An unbounded number, text or date of an address or a form is a bug before anybody has found the value."""
    found = []
    for included in create_app().routes:
        for route in included.effective_candidates() if hasattr(included, "effective_candidates") else ():
            for each in dependants(route.dependant):
                for parameter in (*each.path_params, *each.query_params):
                    info = parameter.field_info
                    found += unbounded(f"{route.path} {parameter.alias}", info.annotation, info.metadata)
            for form in forms_of(route.dependant):
                assert form.model_config["str_max_length"] == LONGEST_TEXT
                found += of_fields(form.__name__, form.model_fields, texts_are_bounded=True)
    for body in (authoring_forms.DraftBody, authoring_forms.RenderingBody, authoring_forms.PresenceBody):
        assert issubclass(body, BaseModel)
        found += of_fields(body.__name__, body.model_fields, texts_are_bounded=False)
    assert found == []
