"""The web server, with a parser of comments that has a bug which nobody knows yet: one word stops it for ever."""

from fastapi import FastAPI

from app import main
from app.board.text import comment_html


def create_app() -> FastAPI:
    comment_html.RENDER = "tests.hostile:render_comment"
    return main.create_app()
