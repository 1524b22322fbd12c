"""One connection a page for everything that happens to it: GET /live?topics=thread:(id),wall:(date),user."""

import re
from uuid import UUID

from anyio import to_thread
from fastapi import APIRouter, Request, Response

from app.accounts.service import user_for_token
from app.db import session_scope
from app.errors import NotFound, SignInNeeded
from app.live import event_stream
from app.security.cookies import session_cookie_name

router = APIRouter()

MOST_TOPICS = 8
_OPEN = re.compile(r"thread:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|wall:\d{4}-\d\d-\d\d")


@router.get("/live")
async def live(request: Request, topics: str) -> Response:
    """Server-sent events of threads and walls (ids only, so that anyone may follow) and of `user`, the signed-in reader."""
    wanted = list(dict.fromkeys(topics.split(",")))
    if len(wanted) > MOST_TOPICS or not all(topic == "user" or _OPEN.fullmatch(topic) for topic in wanted):
        raise NotFound
    if "user" in wanted:
        user_id = await to_thread.run_sync(_reader, request)
        wanted[wanted.index("user")] = f"user:{user_id}"
    return event_stream(request.app.state.event_hub.watch(wanted))


def _reader(request: Request) -> UUID:
    """The session is closed before the stream starts: a watched page holds no connection."""
    token = request.cookies.get(session_cookie_name())
    with session_scope(writes=False) as session:
        user = user_for_token(session, token) if token else None
        if user is None:
            raise SignInNeeded
        return user.id
