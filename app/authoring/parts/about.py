"""lesson.toml's fields about the lesson as a whole, edited by a form: title, question, minutes."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.authoring.drafts import DraftConflict, get_lesson, lesson_text, save_texts
from app.authoring.pages import AboutPage
from app.authoring.parts import toml_parts
from app.core.errors import Conflict, Invalid
from app.core.i18n import N_
from app.core.i18n import gettext as _
from app.core.text import Bilingual
from app.publishing.sources import parse_lesson

CHANGED = N_("Somebody else has changed this in the meantime. Open it again to see the current version.")


def about_page(
    session: Session, lesson_id: UUID, typed: Mapping[str, str] | None = None, error: Invalid | None = None
) -> AboutPage:
    lesson, text = get_lesson(session, lesson_id), lesson_text(session, lesson_id)
    try:
        source = parse_lesson(text.sources["lesson.toml"])
    except ValueError:
        raise Conflict(N_("This file has a mistake. Please fix it in the text first.")) from None
    question = source.question.model_dump() if source.question else {}
    values = {
        "version": str(text.version),
        "minutes": str(source.minutes),
        **{f"title_{language}": words for language, words in source.title.model_dump().items()},
        **{f"question_{language}": words for language, words in question.items()},
    }
    return AboutPage(lesson, {**values, **(typed or {})}, error.fields if error else {})


def save_about(
    session: Session,
    user: User,
    lesson_id: UUID,
    version: int,
    title: Bilingual,
    question: Bilingual | None,
    minutes: int,
) -> None:
    """Write it into the draft. Raises Conflict if somebody else has saved since `version`."""
    text = lesson_text(session, get_lesson(session, lesson_id).id)
    if text.version != version:
        raise Conflict(CHANGED)
    values = {
        "title": title.written,
        "question": question.written if question else None,
        "minutes": minutes,
    }
    try:
        changed = toml_parts.set_values(text.sources["lesson.toml"], values)
    except toml_parts.CannotEdit:
        sentence = _("{file} is written in a way that this form cannot change. Please edit its text.")
        raise Invalid({"": sentence.format(file="lesson.toml")}) from None
    try:
        save_texts(session, user, lesson_id, version, {"lesson.toml": changed})
    except DraftConflict:
        raise Conflict(CHANGED) from None
