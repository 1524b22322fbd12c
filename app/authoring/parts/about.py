"""What lesson.toml says of the lesson as a whole, edited by a form: title, question, minutes, what comes first, its figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.authoring.drafts import DraftConflict, LessonText, get_lesson, lesson_text, save_texts
from app.authoring.forms import chosen
from app.authoring.pages import AboutPage
from app.authoring.parts import toml_parts
from app.authoring.parts.needs import check_needs, choices, neighbours
from app.core.errors import Conflict, Invalid
from app.core.i18n import N_
from app.core.i18n import gettext as _
from app.core.text import Bilingual
from app.publishing.prepare import interactive_figures
from app.publishing.sources import LessonSource, parse_lesson
from app.web.assets import manifest


class ChangedMeanwhile(Invalid):
    """Somebody else saved since the form was opened; what was typed in it stands there still, on top of theirs."""

    status = 409

    def __init__(self) -> None:
        sentence = _(
            "This lesson was changed in the meantime. Here is what you typed: saving again keeps it."
        )
        super().__init__({"": sentence})


@dataclass(frozen=True)
class About:
    """`needs` and `figures` are None if they stay as they are."""

    title: Bilingual
    question: Bilingual | None
    minutes: int
    needs: Sequence[str] | None = None
    figures: Sequence[str] | None = None


def about_page(
    session: Session, lesson_id: UUID, typed: Mapping[str, str] | None = None, error: Invalid | None = None
) -> AboutPage:
    lesson, text = get_lesson(session, lesson_id), lesson_text(session, lesson_id)
    source = _source(text)
    question = source.question.model_dump() if source.question else {}
    values = {
        "version": str(text.version),
        "minutes": str(source.minutes),
        **{f"title_{language}": words for language, words in source.title.model_dump().items()},
        **{f"question_{language}": words for language, words in question.items()},
    }
    needs = chosen(typed, "need") if typed and "has_needs" in typed else source.needs
    figures = chosen(typed, "figure") if typed and "has_figures" in typed else source.figures
    if isinstance(error, ChangedMeanwhile) and typed:
        typed = {name: text for name, text in typed.items() if name != "version"}
    return AboutPage(
        lesson,
        {**values, **(typed or {})},
        error.fields if error else {},
        choices(neighbours(session, lesson), lesson.slug, needs),
        [(name, name in figures, name not in _known()) for name in sorted({*_known(), *figures})],
    )


def save_about(session: Session, user: User, lesson_id: UUID, version: int, about: About) -> None:
    """Write it into the draft. Raises ChangedMeanwhile where somebody else saved since `version`, Invalid for what cannot come first."""
    lesson = get_lesson(session, lesson_id)
    text = lesson_text(session, lesson.id)
    if text.version != version:
        raise ChangedMeanwhile
    source = _source(text)
    values: dict[str, Any] = {
        "title": about.title.written,
        "question": about.question.written if about.question else None,
        "minutes": about.minutes,
    }
    if about.needs is not None and about.needs != source.needs:
        check_needs(neighbours(session, lesson), lesson.slug, about.needs)
        values["needs"] = list(about.needs)
    if about.figures is not None and about.figures != source.figures:
        if unknown := set(about.figures) - _known() - set(source.figures):
            raise Invalid(
                {"figures": _("There is no interactive figure “{name}”.").format(name=min(unknown))}
            )
        values["figures"] = list(about.figures) or None
    try:
        changed = toml_parts.set_values(text.sources["lesson.toml"], values)
    except toml_parts.CannotEdit:
        sentence = _("{file} is written in a way that this form cannot change. Please edit its text.")
        raise Invalid({"": sentence.format(file="lesson.toml")}) from None
    try:
        save_texts(session, user, lesson_id, version, {"lesson.toml": changed})
    except DraftConflict:
        raise ChangedMeanwhile from None


def _known() -> set[str]:
    """The interactive figures of this site, by their sources, or where it has none of these, by their bundles."""
    sources = interactive_figures()
    bundles = {PurePath(name).stem for name in manifest() if name.startswith("figures/")}
    return bundles if sources is None else sources


def _source(text: LessonText) -> LessonSource:
    try:
        return parse_lesson(text.sources["lesson.toml"])
    except ValueError:
        raise Conflict(N_("This file has a mistake. Please fix it in the text first.")) from None
