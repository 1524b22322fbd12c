"""One connection a page for everything that happens to it: GET /live?topics=place:(key),wall:(date),user."""

import re
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.service import user_for_token
from app.board.places import find_place
from app.core.db import session_scope
from app.core.errors import NotFound, SignInNeeded
from app.core.live import event_stream
from app.web.security.cookies import session_cookie_name

router = APIRouter()

MOST_TOPICS = 8
_WALL = re.compile(r"wall:\d{4}-\d\d-\d\d")


@router.get("/live")
async def live(request: Request, topics: Annotated[str, Query(max_length=600)]) -> Response:
    """Server-sent events, ids only: of places that the reader may see, of walls, and of `user`, the signed-in reader."""
    wanted = list(dict.fromkeys(topics.split(",")))
    if len(wanted) > MOST_TOPICS:
        raise NotFound
    token = request.cookies.get(session_cookie_name())
    streams, is_signed_in = await request.app.state.admission.run(_streams, token, wanted)
    hub = request.app.state.event_hub
    return event_stream(hub.watch(streams, token if is_signed_in else None))


def _streams(token: str | None, wanted: Sequence[str]) -> tuple[list[str], bool]:
    """The streams, and whether a user asks. The session is closed before they start: a watched page holds no connection."""
    with session_scope(writes=False) as session:
        user = user_for_token(session, token) if token else None
        return [stream_for(session, user, topic) for topic in wanted], user is not None


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
