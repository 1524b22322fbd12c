"""Who has a lesson open in the editor now. Kept in Redis, where it expires."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from redis.exceptions import RedisError
from structlog import get_logger

from app.accounts.models import User
from app.core.clock import now
from app.core.redis import get_redis

log = get_logger()

# A page sends a heartbeat every BEAT; after SILENCE it is considered closed.
BEAT = timedelta(seconds=15)
SILENCE = timedelta(seconds=40)
# Per lesson: pages name themselves, and every editor of the lesson reads the list.
MOST_TABS = 100


@dataclass(frozen=True)
class Editor:
    """Somebody's open page. `is_self`: another tab or device of the current user."""

    name: str
    since: datetime
    is_self: bool


def touch(lesson_id: UUID, tab: str, user: User) -> list[Editor]:
    """Record that the page `tab` is open, and return the other open ones, longest open first. Without Redis the list is empty."""
    key, moment = _key(lesson_id), now()
    try:
        redis = get_redis()
        stored: dict[bytes, bytes] = cast("Any", redis.hgetall(key))
        known = {field.decode(): json.loads(value) for field, value in stored.items()}
        since = known.get(tab, {}).get("since", moment.isoformat())
        own = {"user": str(user.id), "name": user.name, "since": since, "seen": moment.isoformat()}
        gone = [other for other, page in known.items() if _is_silent(page, moment)]
        if tab not in known and len(known) - len(gone) >= MOST_TABS:
            return []
        with redis.pipeline() as pipe:
            pipe.hset(key, tab, json.dumps(own))
            if gone:
                pipe.hdel(key, *gone)
            pipe.expire(key, SILENCE * 2)
            pipe.execute()
    except RedisError as error:
        log.warning("presence not noted", lesson=str(lesson_id), error=str(error))
        return []
    others = [page for other, page in known.items() if other != tab and other not in gone]
    editors = [
        Editor(page["name"], datetime.fromisoformat(page["since"]), page["user"] == str(user.id))
        for page in others
    ]
    return sorted(editors, key=lambda editor: editor.since)


def leave(lesson_id: UUID, tab: str) -> None:
    """Record that the page `tab` was closed."""
    try:
        get_redis().hdel(_key(lesson_id), tab)
    except RedisError as error:
        log.warning("presence not removed", lesson=str(lesson_id), error=str(error))


def editors(lesson_id: UUID, user: User) -> list[Editor]:
    """The editors who have the lesson open, from the point of view of `user`, without recording anything."""
    try:
        pages = [json.loads(value) for value in get_redis().hvals(_key(lesson_id))]
    except RedisError:
        return []
    open_pages = [page for page in pages if not _is_silent(page, now())]
    return [
        Editor(page["name"], datetime.fromisoformat(page["since"]), page["user"] == str(user.id))
        for page in open_pages
    ]


def _key(lesson_id: UUID) -> str:
    return f"editing:{lesson_id}"


def _is_silent(page: dict[str, str], moment: datetime) -> bool:
    return datetime.fromisoformat(page["seen"]) < moment - SILENCE
