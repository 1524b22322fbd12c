"""Comments in the index: their words as readers see them, without the names in mentions, which change.

A new comment is indexed some seconds after it was posted (tasks.py), by many at once: with each post it would cost a quarter of
posting. What changes an indexed text changes its words in the same transaction. Whether one may be seen is asked when somebody
searches: what is hidden keeps its words until it loses its text.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from markupsafe import Markup
from sqlalchemy import delete, func, literal, literal_column, select, text
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.board.finding import FoundComment, readable_comments
from app.board.models import Comment, CommentState
from app.core.db import insert, session_scope
from app.search.models import CommentWords
from app.search.queries import fts5_query, postgresql_query
from app.search.tokens import Group, Phrase, index_words

_words, _comments = CommentWords.__table__.c, Comment.__table__.c
# Of the newest with all the words, so many are looked at in one go, and so often, until enough may be seen by who asks.
AT_ONCE, MOST_LOOKS = 50, 10
# New comments that are indexed in one transaction, for which others wait.
BATCH = 200


def index_comments(session: Session, comments: Sequence[Comment]) -> None:
    """Make them findable as they are now. On the connection: it is also asked in the midst of a flush."""
    for comment in comments:
        values = {
            "id": _place(comment.created_at, comment.id),
            "comment_id": comment.id,
            "words": _words_of(comment.title, comment.html),
        }
        statement = insert(session, CommentWords).values(values)
        session.connection().execute(
            statement.on_conflict_do_update(
                index_elements=["comment_id"], set_={"words": statement.excluded.words}
            )
        )


def index_new_comments(since: datetime | None) -> int:
    """Index what is visible, was posted after `since` (None: ever), and has no words yet; how many, of which there is an end.

    The words are made before the transaction that stores them. Whoever changes a comment meanwhile stores its words, or takes
    them away: those are left alone.
    """
    indexed = 0
    while True:
        with session_scope(writes=False) as session:
            found = session.execute(_unindexed(since)).all()
        words = {row.id: (row.html, row.title, _words_of(row.title, row.html)) for row in found}
        with session_scope() as session:
            texts = select(_comments.id, _comments.html, _comments.title, _comments.created_at)
            rows = session.execute(texts.where(_comments.id.in_(words)).with_for_update()).all()
            values = [
                {"id": _place(row.created_at, row.id), "comment_id": row.id, "words": words[row.id][2]}
                for row in rows
                if words[row.id][:2] == (row.html, row.title)
            ]
            if values:
                session.execute(insert(session, CommentWords).on_conflict_do_nothing(), values)
        indexed += len(values)
        if len(found) < BATCH or not values:
            return indexed
        since = found[-1].created_at  # what is older has its words now


def _unindexed(since: datetime | None) -> Any:
    has_words = select(_words.id).where(_words.comment_id == _comments.id).exists()
    newer = () if since is None else (_comments.created_at >= since,)
    return (
        select(_comments.id, _comments.html, _comments.title, _comments.created_at)
        .where(*newer, _comments.state == CommentState.VISIBLE, ~has_words)
        .order_by(_comments.created_at)
        .limit(BATCH)
    )


def forget_comments(session: Session, comment_ids: Any) -> None:
    """Those of a list or of a SELECT have lost their text."""
    session.connection().execute(delete(CommentWords).where(CommentWords.comment_id.in_(comment_ids)))


def find_comments(
    session: Session, user: User | None, groups: Sequence[Group], most: int
) -> list[FoundComment]:
    """The newest with all the words that this reader may see; what only begins like a word counts where whole words are too few.

    To find a beginning FTS5 puts together the lists of all words that begin so, however few are asked for.
    """
    whole = [replace(group, phrases=_whole(group)) for group in groups]
    found = _found(session, user, whole, most)
    return found if len(found) >= most or whole == list(groups) else _found(session, user, groups, most)


def _whole(group: Group) -> tuple[Phrase, ...]:
    """A Chinese character is the beginning of a pair, for which the index has lists of its own."""
    return tuple(phrase for phrase in group.phrases if not phrase.is_beginning) or group.phrases


def _found(session: Session, user: User | None, groups: Sequence[Group], most: int) -> list[FoundComment]:
    found: list[FoundComment] = []
    before: int | None = None
    for _look in range(MOST_LOOKS):
        rows = session.execute(_newest(session, groups, before)).all()
        found += readable_comments(session, user, [row.comment_id for row in rows])
        if len(found) >= most or len(rows) < AT_ONCE:
            break
        before = rows[-1].id
    return found[:most]


def _newest(session: Session, groups: Sequence[Group], before: int | None) -> Any:
    """Both databases go through the matches from the newest on, and stop."""
    columns = select(_words.id, _words.comment_id)
    if session.get_bind().dialect.name == "postgresql":
        # The same expression as in the index.
        vector = func.to_tsvector(literal_column("'simple'"), _words.words)
        matches = vector.op("@@")(
            func.to_tsquery(literal_column("'simple'"), literal(postgresql_query(groups)))
        )
        older = () if before is None else (_words.id < before,)
        return columns.where(matches, *older).order_by(_words.id.desc()).limit(AT_ONCE)
    since = "" if before is None else "and rowid < :before"
    found = text(
        f"select rowid as id from search_index_comments where search_index_comments match :wanted {since} order by rowid desc limit :most"
    ).bindparams(wanted=fts5_query(groups), most=AT_ONCE, **({} if before is None else {"before": before}))
    ids = found.columns(_words.id).subquery("found")
    return columns.join(ids, ids.c.id == _words.id).order_by(_words.id.desc())


def _words_of(title: str | None, html: str) -> str:
    return f"{index_words(title or '')} {index_words(Markup(html).striptags())}".strip()


def _place(created_at: datetime, comment_id: UUID) -> int:
    """By second, newest last; those of one second in any order."""
    return (int(created_at.timestamp()) << 30) | (comment_id.int & (2**30 - 1))
