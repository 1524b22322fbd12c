"""Writing and viewing comments."""

import re
from datetime import timedelta
from uuid import uuid4

from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.board import places, service
from app.board.discussion import presenters
from app.board.discussion.pages import Discussion
from app.board.models import Comment, Thread
from app.core.clock import now

LESSON = "/courses/tiny/lessons/00-start"


FRAGMENT = {"X-Fragment": "1"}


def committed(session: Session, user: User) -> User:
    """Visible to the server too, and holding no lock."""
    session.commit()
    return user


def say(
    session: Session, author: User, body: str, *, place: places.ThreadHost, to: Comment | None = None
) -> Comment:
    """Through the service, as a form does."""
    return service.post(session, author, place, body, uuid4().hex, 60, reply_to_id=to.id if to else None)


def write(client: TestClient, place: places.ThreadHost, body: str, **fields: str):
    data = {"body": body, "request_key": uuid4().hex} | fields
    return client.post(f"/threads/{place.key}/comments", data=data)


def shown(
    session: Session, place: places.ThreadHost, reader: User | None = None, **asked: object
) -> Discussion:
    return presenters.discussion(session, reader, place, **asked)


def bodies(page: Discussion) -> list[str]:
    """The texts of top-level comments, as shown."""
    return [re.sub(r"<[^>]+>", "", str(entry.html)).strip() for entry in page.entries]


def many(
    session: Session, place: places.ThreadHost, user: User, count: int, **values: object
) -> list[Comment]:
    """Comments in the thread, a second apart, the newest last."""
    thread_id = service.open_thread(session, place)
    start = now() - timedelta(hours=1)
    comments = [
        Comment(
            thread_id=thread_id,
            author_id=user.id,
            body=f"comment {number}",
            html=f"<p>comment {number}</p>",
            created_at=start + timedelta(seconds=number),
            **values,
        )
        for number in range(count)
    ]
    session.add_all(comments)
    session.get_one(Thread, thread_id).comment_count += count
    session.commit()
    return comments
