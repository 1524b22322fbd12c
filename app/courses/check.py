"""`sophora course check`: every mistake in a course's folder, with its file and line."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from app.config import ROOT
from app.courses.markdown import Fault
from app.courses.publishing import LESSON_LANGUAGES, PreparedLesson, prepare_lesson
from app.courses.sources import LESSON_FILES, CourseSource, parse_course, parse_lesson, parse_quiz, read_lesson_folder
from app.jobs.recipes import RecipeError, all_recipes


@dataclass(frozen=True)
class CourseFault:
    file: Path
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}" if self.line else f"{self.file}: {self.message}"


def check_course(folder: Path) -> list[CourseFault]:
    """All faults of the course in `folder`; an empty list where it can be loaded as it is."""
    path = folder / "course.toml"
    if not path.exists():
        return [CourseFault(path, 0, "there is no course.toml")]
    try:
        course = parse_course(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        return _toml_faults(path, error)
    listed = [slug for module in course.modules for slug in module.lessons]
    faults = [CourseFault(path, 0, f"the lesson {slug!r} is listed twice") for slug in {s for s in listed if listed.count(s) > 1}]
    for slug in dict.fromkeys(listed):
        faults += _check_lesson(folder, slug, course)
    return faults


def _check_lesson(folder: Path, slug: str, course: CourseSource) -> list[CourseFault]:
    lesson_folder = folder / slug
    if not lesson_folder.is_dir():
        return [CourseFault(folder / "course.toml", 0, f"there is no folder for the lesson {slug!r}")]
    texts, pictures = read_lesson_folder(lesson_folder)
    faults = [CourseFault(lesson_folder / name, 0, "this file is missing") for name in LESSON_FILES if name not in texts]
    for name, parse in (("lesson.toml", parse_lesson), ("quiz.toml", parse_quiz)):
        try:
            parse(texts.get(name, ""))
        except (tomllib.TOMLDecodeError, ValidationError) as error:
            if name in texts:
                faults += _toml_faults(lesson_folder / name, error)
    if faults:
        return faults
    listed = [s for module in course.modules for s in module.lessons]
    prepared = prepare_lesson(
        texts, pictures.get, lambda name: name, lambda other: f"/{other}" if other in listed else None
    )
    faults += _check_references(lesson_folder, prepared, slug, listed)
    for language in LESSON_LANGUAGES:
        path = lesson_folder / f"{language}.md"
        faults += [CourseFault(path, fault.line, fault.message) for fault in _text_faults(prepared, language, texts[f"{language}.md"])]
    return faults


def _check_references(folder: Path, prepared: PreparedLesson, slug: str, listed: list[str]) -> list[CourseFault]:
    """What lesson.toml names outside of itself: lessons, recipes, settings, figures."""
    path, faults = folder / "lesson.toml", []
    for need in prepared.lesson.needs:
        if need not in listed:
            faults.append(CourseFault(path, 0, f"`needs` names the lesson {need!r}, which is not in this course"))
        elif listed.index(need) >= listed.index(slug):
            faults.append(CourseFault(path, 0, f"`needs` names {need!r}, which comes later in the course"))
    recipes = all_recipes()
    for lab in prepared.lesson.labs:
        recipe = recipes.get(lab.recipe)
        if recipe is None:
            faults.append(CourseFault(path, 0, f"the lab {lab.key!r} needs the recipe {lab.recipe!r}, which does not exist"))
            continue
        named = {*lab.defaults, *lab.fixed, *lab.hidden, *lab.shown}
        named |= {c.setting for c in (lab.goal.conditions if lab.goal else []) if c.setting}
        unknown = named - {h.name for h in recipe.hyperparameters}
        faults += [CourseFault(path, 0, f"the lab {lab.key!r}: {lab.recipe} has no setting {name!r}") for name in sorted(unknown)]
        try:
            recipe.check_values({k: v for k, v in {**lab.defaults, **lab.fixed}.items() if k not in unknown})
        except RecipeError as error:
            faults.append(CourseFault(path, 0, f"the lab {lab.key!r}: {error}"))
    return faults


def _text_faults(prepared: PreparedLesson, language: str, text: str) -> list[Fault]:
    """Faults of one language's text: those of its rendering, and places that name nothing."""
    rendering = prepared.renderings[language]
    faults = list(rendering.faults)
    labs = {lab.key for lab in prepared.lesson.labs}
    questions = {question.key for question in prepared.quiz.questions}
    other = prepared.renderings["en" if language == "zh" else "zh"]
    for segment in rendering.segments:
        if "lab" in segment and segment["lab"] not in labs:
            faults.append(Fault(_line_of(text, segment["lab"]), f"there is no lab {segment['lab']!r} in lesson.toml"))
        for key in segment.get("quiz", []):
            if key not in questions:
                faults.append(Fault(_line_of(text, key), f"there is no question {key!r} in quiz.toml"))
        if "figure" in segment and not (ROOT / "static" / "figures" / f"{segment['figure']}.js").exists():
            faults.append(Fault(_line_of(text, segment["figure"]), f"there is no interactive figure {segment['figure']!r}"))
    placed = {segment["lab"] for segment in rendering.segments if "lab" in segment}
    faults += [Fault(0, f"the lab {key!r} is placed nowhere in this text") for key in sorted(labs - placed)]
    anchors = {entry["anchor"] for entry in rendering.contents}
    missing = [entry["anchor"] for entry in other.contents if entry["anchor"] not in anchors]
    return faults + [Fault(0, f"the other language has a heading #{anchor}, this one has not") for anchor in missing]


def _toml_faults(path: Path, error: tomllib.TOMLDecodeError | ValidationError) -> list[CourseFault]:
    if isinstance(error, ValidationError):
        return [CourseFault(path, 0, f"{'.'.join(map(str, e['loc'])) or 'file'}: {e['msg']}") for e in error.errors()]
    line = str(error).partition("at line ")[2].partition(",")[0]
    return [CourseFault(path, int(line) if line.isdigit() else 0, str(error))]


def _line_of(text: str, word: str) -> int:
    """The first line of a `:::` mark that has `word`."""
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith(":::") and word in line.split():
            return number
    return 0
