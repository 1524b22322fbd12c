import enum
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Connection,
    ForeignKey,
    String,
    UniqueConstraint,
    and_,
    event,
    inspect,
    select,
)
from sqlalchemy.orm import Mapped, Mapper, mapped_column, relationship

from app.core.clock import now
from app.core.db import Base
from app.core.owned import Owned


class CourseState(enum.StrEnum):
    """SHOWN: in every list. ARCHIVED: listed below the others, and still readable. HIDDEN: not readable, in preparation."""

    SHOWN = "shown"
    ARCHIVED = "archived"
    HIDDEN = "hidden"


class Course(Base):
    __tablename__ = "courses"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    title: Mapped[dict[str, Any]]
    summary: Mapped[dict[str, Any]]
    # Its position among the courses; the first visible one is the main course, which opens the home page.
    position: Mapped[int] = mapped_column(default=0, server_default="0")
    state: Mapped[str] = mapped_column(
        String(10), default=CourseState.SHOWN, server_default=CourseState.SHOWN
    )
    # The number of its first lesson: an introduction may be lesson 0.
    first_number: Mapped[int] = mapped_column(default=1, server_default="1")
    # course.toml as last loaded. Where the modules and lessons below differ from it, they were edited here.
    source: Mapped[str]
    # Over all files of the folder and the code that renders them: loading the same again does nothing.
    loaded_digest: Mapped[str | None] = mapped_column(String(64))

    modules: Mapped[list["Module"]] = relationship(
        lazy="raise", order_by="Module.position", back_populates="course"
    )


class Module(Base):
    __tablename__ = "modules"
    __table_args__ = (UniqueConstraint("course_id", "slug"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    course_id: Mapped[UUID] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"))
    slug: Mapped[str] = mapped_column(String(80))
    title: Mapped[dict[str, Any]]
    position: Mapped[int]

    course: Mapped[Course] = relationship(lazy="raise", back_populates="modules")
    lessons: Mapped[list["Lesson"]] = relationship(
        lazy="raise", order_by="Lesson.position", back_populates="module"
    )


class Lesson(Base):
    """A lesson's place in a course. Its text is in its published revision."""

    __tablename__ = "lessons"
    __table_args__ = (UniqueConstraint("course_id", "slug"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    course_id: Mapped[UUID] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"))
    module_id: Mapped[UUID | None] = mapped_column(ForeignKey("modules.id", ondelete="SET NULL"), index=True)
    slug: Mapped[str] = mapped_column(String(80))
    position: Mapped[int]
    published_revision_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("lesson_revisions.id", use_alter=True, ondelete="SET NULL")
    )

    course: Mapped[Course] = relationship(lazy="raise")
    module: Mapped[Module | None] = relationship(lazy="raise", back_populates="lessons")
    published: Mapped["LessonRevision | None"] = relationship(
        lazy="raise", foreign_keys=[published_revision_id]
    )

    @property
    def shown_id(self) -> UUID:
        """`published_revision_id` of a lesson that readers see."""
        assert self.published_revision_id is not None, self.slug
        return self.published_revision_id

    @property
    def shown(self) -> "LessonRevision":
        """`published` of a lesson that readers see."""
        assert self.published is not None, self.slug
        return self.published


def open_to_readers() -> ColumnElement[bool]:
    """Whether a lesson is readable: published, in a course that is not hidden. For a query that has Lesson."""
    hidden = select(Course.id).where(Course.state == CourseState.HIDDEN)
    return and_(Lesson.published_revision_id.is_not(None), Lesson.course_id.not_in(hidden))


class Origin(enum.StrEnum):
    """Where a revision came from. Loading the folder never overwrites revisions of another origin."""

    FOLDER = "folder"
    EDITOR = "editor"
    IMPORT = "import"


class LessonRevision(Base):
    """A lesson's immutable sources at one time, and their rendering (renewed when the renderer improves)."""

    __tablename__ = "lesson_revisions"
    __table_args__ = (UniqueConstraint("lesson_id", "number"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    lesson_id: Mapped[UUID] = mapped_column(ForeignKey("lessons.id", ondelete="CASCADE"))
    number: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(default=now)
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    origin: Mapped[str] = mapped_column(String(20), default=Origin.FOLDER, server_default=Origin.FOLDER)
    # SHA-256 over all sources and pictures: loading the same folder again changes nothing.
    digest: Mapped[str] = mapped_column(String(64))
    # {"lesson.toml": text, "zh.md": text, "en.md": text, "quiz.toml": text}
    sources: Mapped[dict[str, Any]]
    # {"figures/a.png": storage key}
    pictures: Mapped[dict[str, Any]]
    title: Mapped[dict[str, Any]]
    question: Mapped[dict[str, Any]]
    minutes: Mapped[int]
    # The labs of lesson.toml, by key.
    labs: Mapped[dict[str, Any]]
    # Questions of quiz.toml by key, with their answers: never send this to a browser.
    quiz: Mapped[dict[str, Any]]
    # The keys of the questions placed in the text, in order: these count for the lesson's completion.
    question_keys: Mapped[list[Any]]
    # {"zh": {"segments": [...], "contents": [...], "text": plain text, "terms": [...]}, "en": ...}
    rendering: Mapped[dict[str, Any]]
    # What `rendering` was made with: the code, and what the rest of the course offered. See app.publishing.prepare.rendered_with.
    rendered_with: Mapped[str] = mapped_column(String(64), default="", server_default="")


class LessonDraft(Base):
    """The next revision of a lesson while it is being written. Readers never see it. At most one per lesson."""

    __tablename__ = "lesson_drafts"

    lesson_id: Mapped[UUID] = mapped_column(ForeignKey("lessons.id", ondelete="CASCADE"), primary_key=True)
    # The revision it started from; if another one has been published meanwhile, its author has to know.
    base_revision_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("lesson_revisions.id", ondelete="SET NULL")
    )
    editor_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    origin: Mapped[str] = mapped_column(String(20), default=Origin.EDITOR)
    # Incremented by every save; a save based on an older version is a conflict.
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(default=now)
    # When it is to be published automatically.
    publish_at: Mapped[datetime | None] = mapped_column(index=True)
    digest: Mapped[str] = mapped_column(String(64))
    sources: Mapped[dict[str, Any]]
    pictures: Mapped[dict[str, Any]]

    lesson: Mapped[Lesson] = relationship(lazy="raise")


class ImportedComment(Base):
    """A selected comment below a lesson of an imported column, with its replies. The board shows them."""

    __tablename__ = "imported_comments"
    __table_args__ = (UniqueConstraint("lesson_id", "position"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    lesson_id: Mapped[UUID] = mapped_column(ForeignKey("lessons.id", ondelete="CASCADE"))
    position: Mapped[int]
    # As the column masked it: **青
    name: Mapped[str]
    # Markdown that shows what was typed.
    body: Mapped[str]
    # [{"by": "讲师", "body": Markdown}], in order.
    replies: Mapped[list[Any]]
    featured: Mapped[bool] = mapped_column(default=True)


@event.listens_for(LessonRevision, "before_insert")
@event.listens_for(LessonRevision, "before_update")
def _note_placed_questions(
    _mapper: Mapper[LessonRevision], _connection: Connection, revision: LessonRevision
) -> None:
    """Keep `question_keys` in step with the rendering, for lists that do not load the renderings."""
    if inspect(revision).attrs.rendering.history.has_changes():
        # Both languages place the same questions; a lesson may have only one of them.
        placed = dict.fromkeys(
            key
            for language in ("zh", "en")
            for segment in revision.rendering[language]["segments"]
            for key in segment.get("quiz", ())
        )
        revision.question_keys = [key for key in placed if key in revision.quiz]


class LessonReading(Base):
    """A reader has read a lesson to its end."""

    __tablename__ = "lesson_readings"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    lesson_id: Mapped[UUID] = mapped_column(ForeignKey("lessons.id", ondelete="CASCADE"), primary_key=True)
    read_at: Mapped[datetime] = mapped_column(default=now)


class ReadingPosition(Base):
    """A reader's last position in a lesson: the heading above, and the fraction of its section scrolled past."""

    __tablename__ = "reading_places"
    __table_args__ = (CheckConstraint("fraction >= 0 and fraction <= 1", name="fraction_is_a_share"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    lesson_id: Mapped[UUID] = mapped_column(ForeignKey("lessons.id", ondelete="CASCADE"), primary_key=True)
    anchor: Mapped[str] = mapped_column(String(200))
    fraction: Mapped[float]
    noted_at: Mapped[datetime] = mapped_column(default=now)


OWNED = (
    Owned("lessons-read", LessonReading, "user_id"),
    Owned("reading-places", ReadingPosition, "user_id"),
    Owned("lesson-drafts", LessonDraft, "editor_id"),
    Owned("lesson-revisions", LessonRevision, "author_id"),
)
