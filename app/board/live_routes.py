"""One connection per browser for all live events of its pages: GET /live?topics=place:(key),wall:(date),job:(id),user."""

import json
import re
from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.orm import Session
from sse_starlette import ServerSentEvent

from app.accounts.dependencies import for_everyone
from app.accounts.models import User
from app.accounts.service import user_for_token
from app.board.places import find_place
from app.core.db import session_scope
from app.core.errors import AppError, NotFound, SignInNeeded
from app.core.live.entries import is_stream_id
from app.core.live.hub import Topic, event_stream
from app.core.live.sending import topic_key
from app.jobs.presenters import stored_events
from app.jobs.service import get_watched_job
from app.jobs.stream import stream_key
from app.web.security.cookies import session_cookie_name
from app.web.security.guests import guest_key

router = APIRouter()

MOST_TOPICS = 40
LONGEST_LIST = MOST_TOPICS * 100
_WALL = re.compile(r"wall:\d{4}-\d\d-\d\d")
_JOB = re.compile(r"job:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
_KINDS = re.compile(r"user|(?:place|job|wall):.+", re.DOTALL)


@router.get("/live", dependencies=[for_everyone])
async def live(request: Request, topics: Annotated[str, Query(max_length=LONGEST_LIST)]) -> Response:
    """Server-sent events, ids only: of threads and trainings that the reader may see, of walls, and of `user`, the signed-in
    reader.

    `user@1700000000000-3` is followed from that event on. Topics that this reader may not follow are refused and the rest goes
    on, as all pages of a browser share this connection.
    """
    wanted = dict(_parsed(entry) for entry in topics.split(","))
    if len(wanted) > MOST_TOPICS:
        raise NotFound
    token = request.cookies.get(session_cookie_name())
    followed, refused, is_signed_in = await request.app.state.admission.run(
        _topics, token, wanted, guest_key(request)
    )
    events = request.app.state.event_hub.watch(followed, token if is_signed_in else None)
    return event_stream(_with_refusals(refused, events), audible_ping=True)


def _parsed(entry: str) -> tuple[str, str | None]:
    """A topic and the id of its last seen event. Raises NotFound for a malformed topic."""
    name, _at, after = entry.partition("@")
    if not _KINDS.fullmatch(name):
        raise NotFound
    return name, after if is_stream_id(after) else None


def _topics(
    token: str | None, wanted: dict[str, str | None], guest: str | None = None
) -> tuple[list[Topic], list[str], bool]:
    """The topics followed, those refused, and whether a user is signed in.

    The database session is closed before the stream starts, so that a watched page holds no connection. Raises the error of the
    last topic if all are refused.
    """
    followed, refused, why = [], [], None
    with session_scope(writes=False) as session:
        user = user_for_token(session, token) if token else None
        for name, after in wanted.items():
            try:
                followed.append(topic_for(session, user, name, after, guest))
            except AppError as error:
                refused.append(name)
                why = error
    if why and not followed:
        raise why
    return followed, refused, user is not None


async def _with_refusals(refused: Sequence[str], events: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    if refused:
        yield ServerSentEvent(json.dumps(refused), event="refused").encode()
    async for event in events:
        yield event


def topic_for(
    session: Session, user: User | None, name: str, after: str | None = None, guest: str | None = None
) -> Topic:
    """The topic with this name. Raises NotFound if it does not exist, or not for this reader."""
    if job := _JOB.fullmatch(name):
        job_id = get_watched_job(session, user, guest, UUID(job[1])).id
        return Topic(name, stream_key(job_id), after, partial(stored_events, job_id))
    return Topic(name, topic_key(stream_for(session, user, name)), after)


def stream_for(session: Session, user: User | None, topic: str) -> str:
    """The name under which a topic's events are published. Raises NotFound if it does not exist, or not for this reader."""
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
