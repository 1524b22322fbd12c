"""The order of a course: modules, lessons in them, new ones, their titles."""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID, uuid4

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.sent_forms import is_first, made_before
from app.authoring import queries
from app.authoring.drafts import get_lesson
from app.authoring.outline.starters import new_lesson_sources
from app.core.errors import Conflict, Invalid, NotFound
from app.core.i18n import N_
from app.core.i18n import gettext as _
from app.core.text import Bilingual
from app.courses.models import Course, Lesson, LessonDraft, Module, Origin
from app.journal import journal
from app.publishing.revisions import text_digest

Direction = Literal["up", "down"]
LONGEST_SLUG = 80


def get_course(session: Session, course_id: UUID) -> Course:
    course = queries.course_with_all(session, course_id)
    if course is None:
        raise NotFound(N_("There is no such course."))
    return course


def get_module(session: Session, module_id: UUID) -> Module:
    module = session.get(Module, module_id)
    if module is None:
        raise NotFound(N_("There is no such module."))
    return module


def move_module(session: Session, user: User, module_id: UUID, direction: Direction) -> Module:
    """One place up or down; no change at the edge."""
    module = get_module(session, module_id)
    course = get_course(session, module.course_id)
    modules = list(course.modules)
    index = next(i for i, other in enumerate(modules) if other.id == module_id)
    other = index + (-1 if direction == "up" else 1)
    if 0 <= other < len(modules):
        modules[index], modules[other] = modules[other], modules[index]
        _number(modules, {})
        journal.record(session, user, "order", module.slug, course=course.slug, direction=direction)
    return module


def move_lesson(session: Session, user: User, lesson_id: UUID, direction: Direction) -> Lesson:
    """One place up or down; past the edge of its module it goes into the neighbouring one."""
    lesson = get_lesson(session, lesson_id)
    course = get_course(session, lesson.course_id)
    lists = {module.id: list(module.lessons) for module in course.modules}
    place = next((i for i, module in enumerate(course.modules) if module.id == lesson.module_id), None)
    if place is None:
        raise Conflict(N_("This lesson is not in any module. Put it into one first."))
    own = lists[course.modules[place].id]
    index = next(i for i, other in enumerate(own) if other.id == lesson_id)
    step = -1 if direction == "up" else 1
    if 0 <= index + step < len(own):
        own[index], own[index + step] = own[index + step], own[index]
    elif 0 <= place + step < len(course.modules):
        neighbour = lists[course.modules[place + step].id]
        neighbour.insert(len(neighbour) if step < 0 else 0, own.pop(index))
    else:
        return lesson
    _number(course.modules, lists)
    journal.record(session, user, "order", lesson.slug, course=course.slug, direction=direction)
    return lesson


def put_into_module(session: Session, user: User, lesson_id: UUID, module_id: UUID) -> Lesson:
    """Move a lesson to the end of a module of its course."""
    lesson = get_lesson(session, lesson_id)
    course = get_course(session, lesson.course_id)
    if module_id not in {module.id for module in course.modules}:
        raise NotFound(N_("There is no such module in this course."))
    put_at_end(session, lesson_id, course, module_id)
    journal.record(session, user, "order", lesson.slug, course=course.slug, module=str(module_id))
    return lesson


def put_at_end(session: Session, lesson_id: UUID, course: Course, module_id: UUID) -> None:
    """At the end of a module of `course`, which `get_course` has locked."""
    lists = {
        module.id: [other for other in module.lessons if other.id != lesson_id] for module in course.modules
    }
    lists[module_id].append(session.get_one(Lesson, lesson_id))
    _number(course.modules, lists)


def free_slug(session: Session, course_id: UUID, slug: str) -> str:
    """`slug`, or, where the course has one of it, one like it."""
    taken = set(session.scalars(select(Lesson.slug).where(Lesson.course_id == course_id)))
    names = (f"{slug[: LONGEST_SLUG - 9]}-copy{number or ''}" for number in (0, *range(2, len(taken) + 3)))
    return slug if slug not in taken else next(name for name in names if name not in taken)


def rename_course(
    session: Session, user: User, course_id: UUID, title: Bilingual, summary: Bilingual
) -> Course:
    course = get_course(session, course_id)
    course.title, course.summary = title.model_dump(), summary.model_dump()
    journal.record(session, user, "renaming", course.slug, title=course.title)
    return course


def rename_module(session: Session, user: User, module_id: UUID, title: Bilingual) -> Module:
    module = get_module(session, module_id)
    module.title = title.model_dump()
    journal.record(session, user, "renaming", module.slug, title=module.title)
    return module


def new_module(session: Session, user: User, course_id: UUID, slug: str, title: Bilingual) -> Module:
    if earlier := made_before(session, user, Module):
        return earlier
    course = get_course(session, course_id)
    if slug in {module.slug for module in course.modules}:
        raise Invalid({"slug": _("Another module of this course already has this short name.")})
    position = len(course.modules)
    module = Module(id=uuid4(), course_id=course.id, slug=slug, title=title.model_dump(), position=position)
    if not is_first(session, user, module.id):
        return made_before(session, user, Module) or module
    session.add(module)
    journal.record(session, user, "new-module", slug, course=course.slug)
    return module


def remove_module(session: Session, user: User, module_id: UUID) -> None:
    """Remove a module without lessons."""
    module = get_module(session, module_id)
    if session.scalar(select(func.count()).where(Lesson.module_id == module_id)):
        raise Conflict(N_("This module still has lessons. Move them first."))
    session.execute(delete(Module).where(Module.id == module_id))
    journal.record(session, user, "removal", module.slug)


def new_lesson(
    session: Session, user: User, module_id: UUID, slug: str, title: Bilingual, question: Bilingual | None
) -> Lesson:
    """A lesson at the end of a module, with an empty draft. Readers cannot see it yet."""
    if earlier := made_before(session, user, Lesson):
        return earlier
    module = get_module(session, module_id)
    course = get_course(session, module.course_id)
    if session.scalar(select(Lesson.id).where(Lesson.course_id == course.id, Lesson.slug == slug)):
        raise Invalid({"slug": _("Another lesson of this course already has this short name.")})
    lesson = Lesson(id=uuid4(), course_id=course.id, slug=slug, position=0)
    if not is_first(session, user, lesson.id):
        return made_before(session, user, Lesson) or lesson
    session.add(lesson)
    session.flush()
    lists = {other.id: list(other.lessons) for other in course.modules}
    lists[module_id].append(lesson)
    _number(course.modules, lists)
    sources = new_lesson_sources(title, question)
    session.add(
        LessonDraft(
            lesson_id=lesson.id,
            editor_id=user.id,
            origin=Origin.EDITOR,
            digest=text_digest(sources, {}),
            sources=sources,
            pictures={},
        )
    )
    journal.record(session, user, "new-lesson", slug, course=course.slug)
    return lesson


def _number(modules: Sequence[Module], lists: dict[UUID, list[Lesson]]) -> None:
    """Renumber: modules from 0, lessons from 1 through the whole course, as loading a folder does."""
    position = 0
    for module_position, module in enumerate(modules):
        module.position = module_position
        for lesson in lists.get(module.id, module.lessons):
            position += 1
            lesson.position, lesson.module_id = position, module.id
