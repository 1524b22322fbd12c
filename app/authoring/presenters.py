"""Presenters of the editing pages. Nothing here writes."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import count
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.authoring import presence, queries
from app.authoring.checking import check_text
from app.authoring.drafts import LessonText, get_lesson, lesson_text
from app.authoring.models import DeletedLesson, PublicationOrder, ReplacedDraft
from app.authoring.pages import (
    Changed,
    CourseRows,
    CoursesPage,
    DiffPage,
    EditorPage,
    LessonRow,
    LessonState,
    ModuleChoice,
    ModuleRows,
    PictureEntry,
    RevisionRow,
    RevisionsPage,
)
from app.authoring.pictures.service import MOST_BYTES
from app.authoring.revisions import differences, picture_differences
from app.core.errors import NotFound
from app.core.i18n import N_
from app.courses.models import Course, CourseState, Lesson
from app.courses.pages import as_number
from app.publishing.revisions import picture_address, terms_of
from app.publishing.sources import parse_lesson, parse_quiz

DRAFT = "draft"


def courses_page(session: Session, deleted: Sequence[DeletedLesson]) -> CoursesPage:
    rows = [_course_rows(session, course) for course in queries.all_courses(session)]
    main = next((each for each in rows if each.course.state == CourseState.SHOWN and each.is_read), None)
    return CoursesPage([replace(each, is_main=each is main) for each in rows], deleted)


def editor_page(
    session: Session,
    user: User,
    lesson_id: UUID,
    *,
    typed: Mapping[str, str] | None = None,
    theirs: LessonText | None = None,
    errors: Mapping[str, str] | None = None,
    message: str | None = None,
) -> EditorPage:
    """The editor; with `typed` texts that could not be saved, beside `theirs`, which somebody else saved first."""
    lesson, text = get_lesson(session, lesson_id), lesson_text(session, lesson_id)
    checked = check_text(session, lesson, text)
    replaced = session.get(ReplacedDraft, lesson_id)
    return EditorPage(
        lesson=lesson,
        number=number_of(session, lesson),
        title=title_of(lesson, text),
        state=state_of(lesson, text),
        text=text,
        sources={**text.sources, **(typed or {})},
        faults=checked.faults,
        gaps=checked.gaps,
        pictures=_pictures(text),
        others=presence.editors(lesson_id, user),
        saved_by=saved_by(session, text),
        order=session.get(PublicationOrder, lesson_id),
        can_bring_back=replaced is not None,
        removed=_removed(replaced, text) if replaced else (),
        questions=_question_keys(text.sources),
        labs=_lab_keys(text.sources),
        terms=_term_keys(text.sources),
        changes=_changes(text),
        places=[ModuleChoice(*row) for row in queries.all_modules(session)],
        most_picture_bytes=MOST_BYTES,
        errors=errors or {},
        theirs=theirs.sources if theirs else None,
        message=message,
    )


def revisions_page(session: Session, lesson_id: UUID) -> RevisionsPage:
    lesson, text = get_lesson(session, lesson_id), lesson_text(session, lesson_id)
    revisions = queries.revisions(session, lesson_id)
    names = queries.names(session, {revision.author_id for revision in revisions})
    rows = [
        RevisionRow(
            revision,
            names.get(revision.author_id) if revision.author_id else None,
            revision.id == lesson.published_revision_id,
        )
        for revision in revisions
    ]
    can_bring_back = session.get(ReplacedDraft, lesson_id) is not None
    return RevisionsPage(lesson, title_of(lesson, text), rows, text.draft is not None, can_bring_back)


def diff_page(session: Session, lesson_id: UUID, before: str, after: str) -> DiffPage:
    """Raises NotFound if either is neither a revision's number nor "draft"."""
    lesson, text = get_lesson(session, lesson_id), lesson_text(session, lesson_id)
    old_sources, old_pictures = _side(session, text, lesson_id, before)
    new_sources, new_pictures = _side(session, text, lesson_id, after)
    choices = [str(revision.number) for revision in queries.revisions(session, lesson_id)]
    return DiffPage(
        lesson=lesson,
        title=title_of(lesson, text),
        before=before,
        after=after,
        files=differences(old_sources, new_sources),
        pictures=picture_differences(old_pictures, new_pictures),
        choices=[DRAFT, *choices] if text.draft else choices,
    )


def number_of(session: Session, lesson: Lesson) -> str:
    """The number that readers see; empty for a lesson that is not published."""
    if lesson.published_revision_id is None:
        return ""
    earlier = queries.count_published_before(session, lesson)
    return as_number(lesson.course.first_number + earlier)


def saved_by(session: Session, text: LessonText) -> str | None:
    """The name of the user who last saved the draft."""
    editor_id = text.draft.editor_id if text.draft else None
    return queries.names(session, {editor_id}).get(editor_id) if editor_id else None


def title_of(lesson: Lesson, text: LessonText) -> Mapping[str, str]:
    """The title as its editor knows it; the slug if lesson.toml cannot be parsed."""
    try:
        return parse_lesson(text.sources["lesson.toml"]).title.model_dump()
    except ValueError:
        return lesson.published.title if lesson.published else {"zh": lesson.slug, "en": lesson.slug}


def state_of(lesson: Lesson, text: LessonText) -> LessonState:
    if lesson.published_revision_id is not None:
        return LessonState.CHANGED if text.is_changed else LessonState.PUBLISHED
    return LessonState.UNPUBLISHED if text.base else LessonState.NEW


def _course_rows(session: Session, course: Course) -> CourseRows:
    drafts = queries.drafts_of(session, course.id)
    orders = queries.orders_of(session, list(drafts))
    numbers = count(course.first_number)

    def row(lesson: Lesson) -> LessonRow:
        draft, order = drafts.get(lesson.id), orders.get(lesson.id)
        if lesson.published is not None:
            title: Mapping[str, str] = lesson.published.title
            state = (
                LessonState.CHANGED
                if draft and draft.digest != lesson.published.digest
                else LessonState.PUBLISHED
            )
        else:  # few, so read one by one
            text = lesson_text(session, lesson.id)
            title = title_of(lesson, text)
            state = LessonState.UNPUBLISHED if text.base else LessonState.NEW
        number = as_number(next(numbers)) if lesson.published is not None else ""
        return LessonRow(
            lesson, number, title, state, draft.publish_at if draft else None, bool(order and order.faults)
        )

    modules = [ModuleRows(module, [row(lesson) for lesson in module.lessons]) for module in course.modules]
    return CourseRows(
        course, modules, [row(lesson) for lesson in queries.lessons_without_module(session, course.id)]
    )


def _pictures(text: LessonText) -> list[PictureEntry]:
    words = text.sources["zh.md"] + text.sources["en.md"]
    return [
        PictureEntry(name, picture_address(key), name in words) for name, key in sorted(text.pictures.items())
    ]


def _changes(text: LessonText) -> list[Changed]:
    """What publishing the draft would change, by file; for a lesson never published, everything."""
    if text.draft is None:
        return []
    before = text.base.sources if text.base else {}
    found = []
    for file in differences(before, text.sources):
        kinds = [line.kind for line in file.lines]
        found.append(Changed(file.name, kinds.count("added"), kinds.count("removed")))
    pictures = picture_differences(text.base.pictures if text.base else {}, text.pictures)
    added, removed = len(pictures["added"]), len(pictures["removed"])
    changed = len(pictures["changed"])
    return (
        [*found, Changed("figures/", added + changed, removed + changed)]
        if added + removed + changed
        else found
    )


def _removed(replaced: ReplacedDraft, text: LessonText) -> list[tuple[str, str]]:
    """What the replaced draft has and this one has not."""
    before, after = replaced.sources, text.sources
    kinds: dict[str, tuple[Sequence[str], Sequence[str]]] = {
        "question": (_question_keys(before), _question_keys(after)),
        "lab": (_lab_keys(before), _lab_keys(after)),
        "term": (_term_keys(before), _term_keys(after)),
        "picture": (sorted(replaced.pictures), sorted(text.pictures)),
    }
    return [(kind, name) for kind, (had, has) in kinds.items() for name in had if name not in has]


def _question_keys(sources: Mapping[str, str]) -> Sequence[str]:
    try:
        return [question.key for question in parse_quiz(sources.get("quiz.toml", "")).questions]
    except ValueError:
        return []


def _lab_keys(sources: Mapping[str, str]) -> Sequence[str]:
    try:
        return [lab.key for lab in parse_lesson(sources.get("lesson.toml", "")).labs]
    except ValueError:
        return []


def _term_keys(sources: Mapping[str, str]) -> Sequence[str]:
    return [term.key for term in terms_of(sources.get("lesson.toml", ""))]


def _side(
    session: Session, text: LessonText, lesson_id: UUID, name: str
) -> tuple[Mapping[str, str], Mapping[str, str]]:
    if name == DRAFT:
        return text.sources, text.pictures
    revision = queries.revision(session, lesson_id, int(name)) if name.isdecimal() and len(name) < 9 else None
    if revision is None:
        raise NotFound(N_("There is no such revision."))
    return revision.sources, revision.pictures
