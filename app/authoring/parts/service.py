"""Questions and labs of a draft, edited by forms. What is saved is the text of quiz.toml or lesson.toml."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.sent_forms import is_first, made_before
from app.authoring.drafts import DraftConflict, LessonText, get_lesson, lesson_text, save_texts
from app.authoring.parts import toml_parts
from app.authoring.parts.fields import flat, nested
from app.core.errors import Conflict, Invalid, NotFound
from app.core.i18n import N_
from app.core.i18n import gettext as _
from app.courses.models import Lesson
from app.labs.sources import LabSource
from app.publishing.sources import QuestionSource, parse_lesson, parse_quiz
from app.recipes.recipe import Recipe, all_recipes
from app.web.forms import explain

Kind = Literal["question", "lab"]
FILES = {"question": "quiz.toml", "lab": "lesson.toml"}
ARRAYS = {"question": "questions", "lab": "labs"}
PLACES = {"question": "quiz", "lab": "lab"}
BEYOND_ANY_METRIC = 1e15
# Fields of the form that describe the form itself.
_OWN_FIELDS = {"csrf_token", "request_key", "was", "place", "action"}


@dataclass(frozen=True)
class Part:
    """A question or a lab as its form shows it; `was` tells whether somebody changed it meanwhile."""

    key: str
    fields: dict[str, str]
    was: str


def find(session: Session, lesson_id: UUID, kind: Kind, key: str) -> Part:
    """Raises NotFound where the draft has no such part."""
    source = _sources(lesson_text(session, get_lesson(session, lesson_id).id), kind).get(key)
    if source is None:
        raise NotFound(N_("There is no such question or lab in this draft."))
    return Part(key, _fields(kind, source), _fingerprint(source))


def save(
    session: Session, user: User, lesson_id: UUID, kind: Kind, key: str | None, fields: Mapping[str, str]
) -> None:
    """Write a part that a form describes; `key` is None for a new one. Raises Invalid with a sentence for each field at fault."""
    if key is None and made_before(session, user, Lesson):
        return
    text = lesson_text(session, get_lesson(session, lesson_id).id)
    sources = _sources(text, kind)
    source = _validated(kind, fields)
    if key is None and source.key in sources:
        raise Invalid({"key": _("Another one of this lesson has this short name.")})
    if key is not None:
        if key not in sources:
            raise NotFound(N_("There is no such question or lab in this draft."))
        if _fingerprint(sources[key]) != fields.get("was"):
            raise _changed_meanwhile()
    entry = _entry(source)
    if key is not None:
        _keep_what_is_not_offered(entry, _entry(sources[key]))
    file = FILES[kind]
    try:
        if key is None:
            written = toml_parts.append(text.sources[file], ARRAYS[kind], entry)
        else:
            written = toml_parts.replace(text.sources[file], ARRAYS[kind], list(sources).index(key), entry)
    except toml_parts.CannotEdit:
        raise Invalid(
            {
                "": _(
                    "{file} is written in a way that this form cannot change. Please edit its text."
                ).format(file=file)
            }
        ) from None
    changed = {file: written}
    if key is None and fields.get("place"):
        mark = f"::: {PLACES[kind]} {source.key}\n:::\n"
        changed |= {name: text.sources[name].rstrip("\n") + "\n\n" + mark for name in ("zh.md", "en.md")}
    try:
        save_texts(session, user, lesson_id, text.version, changed)
    except DraftConflict:
        if key is None and made_before(session, user, Lesson):
            return
        raise _changed_meanwhile() from None
    if key is None:
        is_first(session, user, lesson_id)


def remove(session: Session, user: User, lesson_id: UUID, kind: Kind, key: str) -> None:
    """Take a part out of the draft; places that still name it are mistakes, which the course check shows."""
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
    save_texts(session, user, lesson_id, text.version, {FILES[kind]: written})


def _changed_meanwhile() -> Invalid:
    return Invalid(
        {"": _("Somebody else has changed this in the meantime. Open it again to see how it is now.")}
    )


def _sources(text: LessonText, kind: Kind) -> dict[str, QuestionSource | LabSource]:
    """The parts by key, in the file's order."""
    try:
        found = (
            parse_quiz(text.sources["quiz.toml"]).questions
            if kind == "question"
            else parse_lesson(text.sources["lesson.toml"]).labs
        )
    except ValueError:
        raise Conflict(N_("This file has a mistake that must be mended in its text first.")) from None
    return {source.key: source for source in found}


def _entry(source: QuestionSource | LabSource) -> dict[str, Any]:
    return source.model_dump(mode="python", exclude_defaults=True, exclude_none=True)


def _keep_what_is_not_offered(entry: dict[str, Any], before: Mapping[str, Any]) -> None:
    """Parts of a lab that stand in its file and have no field in the form stay as they were."""
    if "ranges" in before:
        entry["ranges"] = before["ranges"]
    was, guess = before.get("guess", {}), entry.get("guess", {})
    if guess.get("kind") == "choice" and was.get("answer") in [one["value"] for one in guess["options"]]:
        guess |= {name: was[name] for name in ("answer", "when") if name in was}


def _fingerprint(source: QuestionSource | LabSource) -> str:
    return hashlib.sha256(json.dumps(source.model_dump(mode="json"), sort_keys=True).encode()).hexdigest()


def _fields(kind: Kind, source: QuestionSource | LabSource) -> dict[str, str]:
    entry = source.model_dump(mode="python", exclude_none=True)
    if kind == "question":
        entry["answers"] = "\n".join(entry.get("answers", []))
        return flat(entry)
    entry.pop("ranges")
    modes = {
        **dict.fromkeys(entry.pop("shown"), "shown"),
        **dict.fromkeys(entry["fixed"], "fixed"),
        **dict.fromkeys(entry.pop("hidden"), "hidden"),
    }
    values = {**entry.pop("defaults"), **entry.pop("fixed")}
    recipe = all_recipes().get(entry["recipe"])
    texts = {name: _text(recipe, name, part) for name, part in values.items()}
    return (
        flat(entry)
        | {f"values-{name}": text for name, text in texts.items()}
        | {f"modes-{name}": mode for name, mode in modes.items()}
    )


def _text(recipe: Recipe | None, name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return recipe.hyperparameter(name).as_text(value) if recipe and name in recipe.defaults else str(value)


def _validated(kind: Kind, fields: Mapping[str, str]) -> QuestionSource | LabSource:
    data = nested({name: text for name, text in fields.items() if name not in _OWN_FIELDS})
    try:
        if kind == "lab":
            return LabSource.model_validate(_lab_data(data))
        data["answers"] = [line for line in str(data.get("answers", "")).split("\n") if line.strip()]
        return QuestionSource.model_validate(data)
    except ValidationError as error:
        raise Invalid(
            {"-".join(map(str, e["loc"])): explain(e["type"], e.get("ctx") or {}) for e in error.errors()}
        ) from None


def _lab_data(data: dict[str, Any]) -> dict[str, Any]:
    """The form's values and modes as a lab's defaults, fixed, hidden and shown. Raises Invalid."""
    recipe = all_recipes().get(str(data.get("recipe")))
    if recipe is None:
        raise Invalid({"recipe": _("Please choose one of the offered values.")})
    values, modes = _texts(data, "values"), _texts(data, "modes")
    typed = _typed(recipe, values)
    for name, mode in modes.items():
        if mode == "fixed" and name in recipe.defaults and name not in typed:
            typed[name] = recipe.defaults[name]
    data["defaults"] = {name: part for name, part in typed.items() if modes.get(name) != "fixed"}
    data["fixed"] = {name: part for name, part in typed.items() if modes.get(name) == "fixed"}
    for mode in ("hidden", "shown"):
        data[mode] = [name for name in recipe.defaults if modes.get(name) == mode]
    goal = data.get("goal")
    conditions = goal.get("conditions") if isinstance(goal, dict) else None
    for condition in conditions if isinstance(conditions, list) else ():
        if isinstance(condition, dict) and isinstance(condition.get("equals"), str):
            condition["equals"] = _plain(condition["equals"])
    return data


def _texts(data: dict[str, Any], name: str) -> dict[str, str]:
    """The part `name` of a form, taken out of it: a text for each key. Raises Invalid where the form was made by hand, as `values=x`."""
    part = data.pop(name, {})
    if not isinstance(part, dict) or not all(isinstance(text, str) for text in part.values()):
        raise Invalid({name: _("This value cannot be used.")})
    return part


def _typed(recipe: Recipe, values: Mapping[str, str]) -> dict[str, Any]:
    typed, errors = {}, {}
    for name, text in values.items():
        if name not in recipe.defaults:
            continue  # a setting of the recipe that was chosen before
        hyperparameter = recipe.hyperparameter(name)
        try:
            typed[name] = hyperparameter.check(text)
        except ValidationError as error:
            problem = error.errors()[0]
            errors[f"values-{name}"] = explain(problem["type"], problem.get("ctx") or {})
    if errors:
        raise Invalid(errors)
    return typed


def _plain(text: str) -> str | int | float | bool:
    """What a condition compares with: a number or a truth value where the text is one."""
    if text in {"true", "false"}:
        return text == "true"
    for kind in (int, float):
        try:
            number = kind(text)
        except ValueError:
            continue
        return number if abs(number) < BEYOND_ANY_METRIC else text  # not for nan, inf, and a thousand digits
    return text
