"""Pictures of a lesson."""

from io import BytesIO

import pytest
from fastapi.testclient import TestClient
from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core import storage
from app.core.db import session_scope
from app.courses.models import Lesson, LessonDraft, LessonRevision
from tests.integration.authoring.texts import LESSON, add_sentence, one, png, text_of, version_of
from tests.integration.conftest import ON_SQLITE


def test_an_uploaded_picture_is_rebuilt_from_its_pixels_and_named_by_the_server(
    client: TestClient, editor: str, lesson: Lesson
) -> None:
    smuggled = png() + b"<script>alert(1)</script>"
    answer = client.post(
        f"{editor}/pictures",
        files={"picture": ("../../evil.html", smuggled, "text/html")},
        headers={"Accept": "application/json"},
    )
    assert answer.status_code == 201
    assert answer.json()["name"].startswith("figures/") and answer.json()["name"].endswith(".png")
    stored = client.get(answer.json()["address"])
    assert stored.headers["content-type"] == "image/png"
    assert b"script" not in stored.content
    assert Image.open(BytesIO(stored.content)).getpixel((0, 0)) == (20, 120, 60)


def test_a_photograph_stands_upright_and_says_nothing_about_where_it_was_taken(
    client: TestClient, editor: str
) -> None:
    photograph, exif, output = Image.new("RGB", (30, 10), "white"), Image.Exif(), BytesIO()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010E] = "at home"
    photograph.save(output, "JPEG", exif=exif)
    answer = client.post(
        f"{editor}/pictures", files={"picture": output.getvalue()}, headers={"Accept": "application/json"}
    )
    stored = Image.open(BytesIO(client.get(answer.json()["address"]).content))
    assert stored.size == (10, 30)
    assert not stored.getexif()


@ON_SQLITE
@pytest.mark.parametrize(
    "content",
    [
        b"<!doctype html><script>alert(1)</script>",
        b"\x89PNG\r\n\x1a\nbroken",
        b"GIF89a",
        b"%PDF-1.7",
        png(9000, 9000),
        b"\xff\xd8\xff" + bytes(2 * 1024 * 1024),
    ],
    ids=["html", "broken", "cut", "pdf", "81 million pixels", "more than 2 MB"],
)
def test_what_is_no_picture_or_too_large_is_refused_with_a_sentence(
    client: TestClient, editor: str, session: Session, content: bytes
) -> None:
    answer = client.post(
        f"{editor}/pictures",
        files={"picture": ("a.png", content, "image/png")},
        headers={"Accept": "application/json"},
    )
    assert answer.status_code == 422
    assert answer.json()["error"]["fields"]["picture"]
    assert one(select(func.count()).select_from(LessonDraft)) == 0


def test_an_svg_keeps_its_shapes_and_nothing_that_runs(client: TestClient, editor: str) -> None:
    svg = b'<svg viewBox="0 0 1 1" onload="alert(1)"><script>alert(1)</script><circle r="1"/></svg>'
    answer = client.post(
        f"{editor}/pictures", files={"picture": ("a.svg", svg)}, headers={"Accept": "application/json"}
    )
    content = client.get(answer.json()["address"]).content
    assert b"<circle" in content and b"alert" not in content


def test_a_picture_that_was_uploaded_can_be_shown_and_taken_out_again(
    client: TestClient, editor: str, lesson: Lesson
) -> None:
    version = version_of(lesson)
    name = client.post(
        f"{editor}/pictures", files={"picture": png()}, headers={"Accept": "application/json"}
    ).json()["name"]
    assert version_of(lesson) == version, "an upload does not get in the way of who is writing"
    body = {
        "language": "en",
        "sources": {"en.md": text_of(lesson) + f'\n![a green square]({name} "green")\n'},
    }
    assert '<img src="/pictures/' in client.post(f"{editor}/rendering", json=body).json()["html"]
    assert client.post(f"{editor}/pictures/removal", data={"name": name}).status_code == 303
    page = client.get(editor).text
    listed = page[page.index('<ul class="picture-list"') :].partition("</ul>")[0]
    assert name not in listed and name in page, "its removal can be undone"


def test_a_published_picture_reaches_readers(client: TestClient, editor: str, lesson: Lesson) -> None:
    name = client.post(
        f"{editor}/pictures", files={"picture": png()}, headers={"Accept": "application/json"}
    ).json()["name"]
    add_sentence(client, editor, lesson, f'![a green square]({name} "green")')
    assert client.post(f"{editor}/publication").status_code == 303
    with session_scope(writes=False) as session:
        revision = session.scalar(select(LessonRevision).order_by(LessonRevision.number.desc()))
        assert storage.read(revision.pictures[name])
    client.cookies.set("language", "en")
    assert "a green square" in client.get(LESSON).text
