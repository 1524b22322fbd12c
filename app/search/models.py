from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base


class SearchEntry(Base):
    """A searchable item: a lesson's title, one of its sections or terms, or a reader's own note.

    `words` is what the databases index (see app/search/tokens.py): SQLite in the FTS5 table `search_index`, which triggers
    keep in step, PostgreSQL in the GIN index `search_index_words`. Alembic ignores both, by name.
    """

    __tablename__ = "search_entries"
    __table_args__ = (
        Index("ix_search_entries_lesson_id_language", "lesson_id", "language"),
        Index("ix_search_entries_user_id_note_id", "user_id", "note_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # "title", "section", "term", "note"
    kind: Mapped[str] = mapped_column(String(20))
    lesson_id: Mapped[UUID] = mapped_column(ForeignKey("lessons.id", ondelete="CASCADE"))
    language: Mapped[str] = mapped_column(String(2))
    # The owner of a note. Nobody else ever finds it.
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    note_id: Mapped[UUID | None] = mapped_column(ForeignKey("notes.id", ondelete="CASCADE"), index=True)
    # Its position in the lesson: the order of equal results.
    position: Mapped[int]
    anchor: Mapped[str] = mapped_column(String(200))
    heading: Mapped[str]
    text: Mapped[str]
    words: Mapped[str]


class CommentWords(Base):
    """The words of a comment, indexed like those of a SearchEntry: in the FTS5 table `search_index_comments`, or in the GIN index
    `search_index_comment_words`. Ids grow with the moments at which the comments were written.
    """

    __tablename__ = "comment_words"

    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=False
    )
    comment_id: Mapped[UUID] = mapped_column(ForeignKey("comments.id", ondelete="CASCADE"), unique=True)
    words: Mapped[str]
