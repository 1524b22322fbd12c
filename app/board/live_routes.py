"""One connection a page for everything that happens to it: GET /live?topics=place:(key),wall:(date),user."""

import re
from collections.abc import Sequence

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.service import user_for_token
from app.board.places import find_place
from app.db import session_scope
from app.errors import NotFound, SignInNeeded
from app.live import event_stream
from app.security.cookies import session_cookie_name

router = APIRouter()

MOST_TOPICS = 8
_WALL = re.compile(r"wall:\d{4}-\d\d-\d\d")


@router.get("/live")
async def live(request: Request, topics: str) -> Response:
    """Server-sent events, ids only: of places that the reader may see, of walls, and of `user`, the signed-in reader."""
    wanted = list(dict.fromkeys(topics.split(",")))
    if len(wanted) > MOST_TOPICS:
        raise NotFound
    streams = await request.app.state.admission.run(_streams, request, wanted)
    return event_stream(request.app.state.event_hub.watch(streams))


def _streams(request: Request, wanted: Sequence[str]) -> list[str]:
    """The session is closed before the stream starts: a watched page holds no connection."""
    token = request.cookies.get(session_cookie_name())
    with session_scope(writes=False) as session:
        user = user_for_token(session, token) if token else None
        return [stream_for(session, user, topic) for topic in wanted]


def stream_for(session: Session, user: User | None, topic: str) -> str:
    """The name under which a topic's events are published. Raises NotFound for what is none, or none for this reader."""
    kind, _colon, key = topic.partition(":")
    if kind == "place":
        return f"thread:{find_place(session, user, key).thread_id}"
    if topic == "user":
        if user is None:
            raise SignInNeeded
        return f"user:{user.id}"
    if _WALL.fullmatch(topic):
        return topic
    raise NotFound
