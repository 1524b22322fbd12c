"""A page's nonce enables its scripts: no text in the page can determine it."""

import re

import pytest
from fastapi.testclient import TestClient

from app.accounts.models import User
from app.board import places
from app.web.security.cookies import session_cookie_name
from tests.integration.board.talk import LESSON, write

pytestmark = pytest.mark.usefixtures("redis")


def test_a_comment_cannot_write_the_nonce_of_its_page(
    client: TestClient, place: places.ThreadHost, student: User
) -> None:
    token = client.cookies.get(session_cookie_name())
    texts = ["@nonce@ stands here as it is", "{{ csp_nonce }} and %(nonce)s and \x00nonce\x00 stand here too"]
    for text in texts:
        assert write(client, place, text).status_code == 303
    for cookies in ({}, {session_cookie_name(): token}):
        client.cookies.clear()
        for name, value in cookies.items():
            client.cookies.set(name, value or "", domain="127.0.0.1", path="/")
        for _ in range(4):  # rendered, cached, and sent again
            answer = client.get(LESSON)
            nonce = re.search(r"'nonce-([\w-]+)'", answer.headers["content-security-policy"])[1]
            assert "@nonce@ stands here" in answer.text
            assert "{{ csp_nonce }} and %(nonce)s" in answer.text
            assert nonce in answer.text
            assert nonce not in re.sub(r'<script[^>]*nonce="[^"]*"|nonce="[^"]*"', "", answer.text)
