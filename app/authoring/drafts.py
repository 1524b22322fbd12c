"""A lesson's draft: what an editor sees, and how it is saved without overwriting somebody else's text."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.authoring import queries
from app.authoring.models import ReplacedDraft
from app.core import storage
from app.core.clock import now
from app.core.db import insert
from app.core.errors import Conflict, Invalid, NotFound
from app.core.i18n import N_
from app.core.i18n import gettext as _
from app.courses.models import Lesson, LessonDraft, LessonRevision, Origin
from app.journal import journal
from app.publishing.revisions import picture_hash, text_digest
from app.publishing.sources import LESSON_FILES

# Draft versions start at this number times the newest revision's number, so that a page opened before a publication never
# holds, by chance, the version of a draft begun after it.
VERSIONS_A_REVISION = 100_000
MOST_PICTURES = 100


@dataclass(frozen=True)
class LessonText:
    """A lesson's text in the editor: its draft, or the newest revision, from which a draft would start."""

    sources: dict[str, str]
    pictures: dict[str, str]
    version: int
    draft: LessonDraft | None
    base: LessonRevision | None

    @property
    def is_changed(self) -> bool:
        """True if publishing would change the newest revision."""
        return self.base is None or (self.draft is not None and self.draft.digest != self.base.digest)

    def picture(self, name: str) -> bytes | None:
        key = self.pictures.get(name)
        return storage.read(key) if key else None


class DraftConflict(Conflict):
    """Somebody else has saved in between; `current` is their text."""

    message = N_(
        "Somebody else has saved this lesson in the meantime. Nothing of yours is lost: compare the two texts and choose."
    )

    def __init__(self, current: LessonText) -> None:
        self.current = current
        super().__init__()


def get_lesson(session: Session, lesson_id: UUID) -> Lesson:
    lesson = queries.lesson(session, lesson_id)
    if lesson is None:
        raise NotFound(N_("There is no such lesson."))
    return lesson


def lesson_text(session: Session, lesson_id: UUID, *, lock: bool = False) -> LessonText:
    draft = queries.draft(session, lesson_id, lock=lock)
    base = queries.latest_revision(session, lesson_id)
    if draft is not None:
        return LessonText(_complete(draft.sources), dict(draft.pictures), draft.version, draft, base)
    if base is not None:
        return LessonText(
            _complete(base.sources), dict(base.pictures), base.number * VERSIONS_A_REVISION, None, base
        )
    return LessonText(_complete({}), {}, 0, None, None)


def save_texts(
    session: Session,
    user: User,
    lesson_id: UUID,
    version: int,
    sources: Mapping[str, str],
    *,
    can_be_undone: bool = False,
) -> LessonDraft | None:
    """Save texts based on `version`; files that `sources` does not name stay as they are.

    What the draft says now can be brought back where the change `can_be_undone`.
    Returns the draft, or None where there was nothing to save. Raises DraftConflict where somebody else saved first.
    """
    read_ahead(lesson_text(session, get_lesson(session, lesson_id).id))
    text = lesson_text(session, lesson_id, lock=True)
    wanted = {**text.sources, **sources}
    if text.version != version:
        raise DraftConflict(text)
    if wanted == text.sources:
        return text.draft
    if can_be_undone:
        _keep_replaced(session, lesson_id, text)
    return _write(session, user, lesson_id, text, wanted, text.pictures, text.version + 1)


def add_picture(session: Session, user: User, lesson_id: UUID, name: str, key: str) -> LessonDraft:
    """Add a stored picture to the draft. The version stays, as no text changes."""
    read_ahead(lesson_text(session, lesson_id), key)
    text = lesson_text(session, lesson_id, lock=True)
    if len(text.pictures) >= MOST_PICTURES:
        raise Invalid({"picture": _("A lesson holds at most {count} pictures.").format(count=MOST_PICTURES)})
    return _write(session, user, lesson_id, text, text.sources, {**text.pictures, name: key}, text.version)


def remove_picture(session: Session, user: User, lesson_id: UUID, name: str) -> LessonDraft:
    """Take a picture out of the draft, until it is brought back. Its file stays: older revisions show it."""
    read_ahead(lesson_text(session, lesson_id))
    text = lesson_text(session, lesson_id, lock=True)
    if name not in text.pictures:
        raise NotFound(N_("There is no such picture in this lesson."))
    _keep_replaced(session, lesson_id, text)
    pictures = {other: key for other, key in text.pictures.items() if other != name}
    return _write(session, user, lesson_id, text, text.sources, pictures, text.version)


def restore(session: Session, user: User, lesson: Lesson, number: int) -> LessonDraft:
    """Replace the draft's text by that of revision `number`. The replaced text can be brought back."""
    revision = queries.revision(session, lesson.id, number)
    if revision is None:
        raise NotFound(N_("There is no such revision."))
    read_ahead(lesson_text(session, lesson.id), *revision.pictures.values())
    text = lesson_text(session, lesson.id, lock=True)
    if text.draft is not None:
        _keep_replaced(session, lesson.id, text)
    journal.record(session, user, "restoration", lesson.slug, revision=number)
    return _write(
        session, user, lesson.id, text, dict(revision.sources), dict(revision.pictures), text.version + 1
    )


def bring_back(session: Session, user: User, lesson: Lesson) -> LessonDraft:
    """Undo the last restoration or removal; doing it again redoes it."""
    replaced = session.get(ReplacedDraft, lesson.id)
    if replaced is None:
        raise NotFound(N_("There is no earlier draft of this lesson."))
    sources, pictures = dict(replaced.sources), dict(replaced.pictures)
    read_ahead(lesson_text(session, lesson.id), *pictures.values())
    text = lesson_text(session, lesson.id, lock=True)
    _keep_replaced(session, lesson.id, text)
    return _write(session, user, lesson.id, text, sources, pictures, text.version + 1)


def read_ahead(text: LessonText, *keys: str) -> None:
    """Read pictures before the draft is locked: its digest includes theirs."""
    for key in (*text.pictures.values(), *keys):
        picture_hash(key)


def _complete(sources: Mapping[str, str]) -> dict[str, str]:
    return {name: sources.get(name, "") for name in LESSON_FILES}


def _keep_replaced(session: Session, lesson_id: UUID, text: LessonText) -> None:
    kept = {"replaced_at": now(), "sources": text.sources, "pictures": text.pictures}
    written = insert(session, ReplacedDraft).values(lesson_id=lesson_id, **kept)
    session.execute(written.on_conflict_do_update(index_elements=["lesson_id"], set_=kept))


def _write(
    session: Session,
    user: User,
    lesson_id: UUID,
    text: LessonText,
    sources: Mapping[str, str],
    pictures: Mapping[str, str],
    version: int,
) -> LessonDraft:
    """Write the draft that `text` was read from. Raises DraftConflict if somebody began one at the same moment."""
    draft = text.draft or LessonDraft(
        lesson_id=lesson_id, base_revision_id=text.base.id if text.base else None
    )
    # Also for a draft that came from a column: importing the column again skips edited drafts.
    draft.origin = Origin.EDITOR
    draft.sources, draft.pictures, draft.version = dict(sources), dict(pictures), version
    draft.digest, draft.editor_id, draft.updated_at = text_digest(sources, pictures), user.id, now()
    try:
        with session.begin_nested():
            session.add(draft)
    except IntegrityError:
        session.expunge_all()
        raise DraftConflict(lesson_text(session, lesson_id)) from None
    return draft
