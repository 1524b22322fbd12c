"""Questions and labs of a draft, edited by forms. They are saved as text of quiz.toml or lesson.toml."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.sent_forms import is_first, made_before
from app.authoring.drafts import DraftConflict, LessonText, get_lesson, lesson_text, save_texts
from app.authoring.parts import toml_parts
from app.authoring.parts.fields import flat
from app.core.errors import Conflict, Invalid, NotFound
from app.core.i18n import N_
from app.core.i18n import gettext as _
from app.core.text import Term
from app.courses.models import Lesson
from app.labs.sources import LabSource
from app.publishing.sources import TEXT_FILES, QuestionSource, parse_lesson, parse_quiz
from app.recipes.recipe import Recipe, all_recipes

Kind = Literal["question", "lab", "term"]
Source = QuestionSource | LabSource | Term
FILES = {"question": "quiz.toml", "lab": "lesson.toml", "term": "lesson.toml"}
ARRAYS = {"question": "questions", "lab": "labs", "term": "terms"}
PLACES = {"question": "quiz", "lab": "lab"}


@dataclass(frozen=True)
class Part:
    """A question or a lab as its form shows it; `was` is a fingerprint that detects concurrent changes."""

    key: str
    fields: dict[str, str]
    was: str


def find(session: Session, lesson_id: UUID, kind: Kind, key: str) -> Part:
    """Raises NotFound if the draft has no such part."""
    source = _sources(lesson_text(session, get_lesson(session, lesson_id).id), kind).get(key)
    if source is None:
        raise NotFound(N_("There is no such question or lab in this draft."))
    return Part(key, _fields(kind, source), _fingerprint(source))


def save(
    session: Session,
    user: User,
    lesson_id: UUID,
    kind: Kind,
    key: str | None,
    source: Source,
    *,
    was: str = "",
    is_placed: bool = False,
) -> None:
    """Write a part; `key` is None for a new one, which with `is_placed` also goes to the end of the text. Raises Invalid.

    `was` is the fingerprint of the part that was changed.
    """
    if key is None and made_before(session, user, Lesson):
        return
    text = lesson_text(session, get_lesson(session, lesson_id).id)
    sources = _sources(text, kind)
    _check_key(sources, key, source.key, was)
    changed = {FILES[kind]: _with_part(text, kind, sources, key, source)}
    if key is None and is_placed and kind in PLACES:
        changed |= _with_place(text, kind, source.key)
    try:
        save_texts(session, user, lesson_id, text.version, changed)
    except DraftConflict:
        if key is None and made_before(session, user, Lesson):
            return
        raise _changed_meanwhile() from None
    if key is None:
        is_first(session, user, lesson_id)


def _with_part(
    text: LessonText, kind: Kind, sources: Mapping[str, Source], key: str | None, source: Source
) -> str:
    """The file that has it, with `source` in the place of `key`, or at its end."""
    file, entry = FILES[kind], _entry(source)
    try:
        if key is None:
            return toml_parts.append(text.sources[file], ARRAYS[kind], entry)
        return toml_parts.replace(text.sources[file], ARRAYS[kind], list(sources).index(key), entry)
    except toml_parts.CannotEdit:
        sentence = _("{file} is written in a way that this form cannot change. Please edit its text.")
        raise Invalid({"": sentence.format(file=file)}) from None


def _with_place(text: LessonText, kind: Kind, key: str) -> dict[str, str]:
    """The texts of the lesson with the place where readers meet it, at their end."""
    mark = f"::: {PLACES[kind]} {key}\n:::\n"
    return {name: f"{text.sources[name].rstrip()}\n\n{mark}".lstrip() for name in _written(text)}


def _check_key(sources: Mapping[str, Source], key: str | None, wanted: str, was: str) -> None:
    if key is None and wanted in sources:
        raise Invalid({"key": _("Something else in this lesson already has this short name.")})
    if key is not None and key not in sources:
        raise NotFound(N_("There is no such question or lab in this draft."))
    if key is not None and _fingerprint(sources[key]) != was:
        raise _changed_meanwhile()


def remove(session: Session, user: User, lesson_id: UUID, kind: Kind, key: str) -> None:
    """Take a part out of the draft, until it is brought back; places that still name it are mistakes, which the course check shows."""
    text = lesson_text(session, get_lesson(session, lesson_id).id)
    sources = _sources(text, kind)
    if key not in sources:
        raise NotFound(N_("There is no such question or lab in this draft."))
    try:
        written = toml_parts.replace(text.sources[FILES[kind]], ARRAYS[kind], list(sources).index(key), None)
    except toml_parts.CannotEdit:
        raise Conflict(
            N_("This file is written in a way that the form cannot change. Please edit its text.")
        ) from None
    save_texts(session, user, lesson_id, text.version, {FILES[kind]: written}, can_be_undone=True)


def _written(text: LessonText) -> list[str]:
    """The languages the lesson is written in; both if it has no text yet."""
    return [name for name in TEXT_FILES if text.sources[name].strip()] or list(TEXT_FILES)


def _changed_meanwhile() -> Invalid:
    return Invalid(
        {"": _("Somebody else has changed this in the meantime. Open it again to see the current version.")}
    )


def _sources(text: LessonText, kind: Kind) -> dict[str, Source]:
    """The parts by key, in the order of the file."""
    try:
        found: Sequence[Source]
        if kind == "question":
            found = parse_quiz(text.sources["quiz.toml"]).questions
        else:
            lesson = parse_lesson(text.sources["lesson.toml"])
            found = lesson.labs if kind == "lab" else lesson.terms
    except ValueError:
        raise Conflict(N_("This file has a mistake. Please fix it in the text first.")) from None
    return {source.key: source for source in found}


def _entry(source: Source) -> dict[str, Any]:
    return source.model_dump(mode="python", exclude_defaults=True, exclude_none=True)


def _fingerprint(source: Source) -> str:
    return hashlib.sha256(json.dumps(source.model_dump(mode="json"), sort_keys=True).encode()).hexdigest()


def _fields(kind: Kind, source: Source) -> dict[str, str]:
    entry = source.model_dump(mode="python", exclude_none=True)
    if kind == "term":
        return flat(entry)
    if kind == "question":
        entry["answers"] = "\n".join(entry.get("answers", []))
        return flat(entry)
    recipe = all_recipes().get(entry["recipe"])
    _write_changes(recipe, entry)
    modes = {
        **dict.fromkeys(entry.pop("shown"), "shown"),
        **dict.fromkeys(entry["fixed"], "fixed"),
        **dict.fromkeys(entry.pop("hidden"), "hidden"),
    }
    values = {**entry.pop("defaults"), **entry.pop("fixed")}
    texts = {name: _text(recipe, name, part) for name, part in values.items()}
    return (
        flat(entry)
        | {f"values-{name}": text for name, text in texts.items()}
        | {f"modes-{name}": mode for name, mode in modes.items()}
    )


def _write_changes(recipe: Recipe | None, entry: dict[str, Any]) -> None:
    """What is changed in a lab's starting values, as the lines that its form has for it."""

    def line(values: Mapping[str, Any]) -> str:
        return ", ".join(f"{name} = {_text(recipe, name, value)}" for name, value in values.items())

    entry["ranges"] = [row | {"when": line(row["when"])} for row in entry["ranges"]]
    entry["solution"] = line(entry["solution"])
    entry["also_measured"] = "\n".join(map(line, entry["also_measured"]))
    guess = entry.get("guess", {})
    if "when" in guess:
        guess["shown_by"] = "changes" if guess["when"] else "start"
        guess["when"] = line(guess["when"])


def _text(recipe: Recipe | None, name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return recipe.hyperparameter(name).as_text(value) if recipe and name in recipe.defaults else str(value)
