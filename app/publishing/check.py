"""`sophora course check`: every error in a course, with its file and line. The editor shows the same beside a draft."""

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from app.core.toml_lines import toml_line
from app.labs.service import why_gone
from app.markup.context import Fault, Link
from app.markup.picture_size import SUFFIXES, kind_of
from app.markup.placeholders import is_file_name, is_template_sentence, is_template_word
from app.publishing.prepare import (
    LESSON_LANGUAGES,
    PreparedLesson,
    Surroundings,
    bilingual_texts,
    interactive_figures,
    prepare_lesson,
)
from app.publishing.sources import (
    LESSON_FILES,
    TEXT_FILES,
    LessonFiles,
    LessonSource,
    parse_course,
    parse_lesson,
    parse_quiz,
    read_course,
)
from app.recipes.recipe import RecipeError, all_recipes

FileFault = tuple[str, Fault]


@dataclass(frozen=True)
class CourseFault:
    file: Path
    line: int
    message: str
    is_outside: bool = False

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}" if self.line else f"{self.file}: {self.message}"


@dataclass(frozen=True)
class CheckedLesson:
    """`prepared` is None if a file cannot be parsed."""

    faults: list[FileFault]
    prepared: PreparedLesson | None
    # What is still missing but does not block publication.
    gaps: list[FileFault] = field(default_factory=list)


def check_course(folder: Path) -> list[CourseFault]:
    """All faults of the course in `folder`; an empty list if it can be loaded as it is."""
    path = folder / "course.toml"
    try:
        text = path.read_bytes().decode("utf-8")
        parse_course(text)
        course = read_course(folder)
    except FileNotFoundError:
        return [CourseFault(path, 0, "there is no course.toml")]
    except UnicodeDecodeError as error:
        return [CourseFault(path, _line_of_byte(error), "this is not UTF-8")]
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        return [CourseFault(path, fault.line, fault.message) for fault in toml_faults(text, error)]
    faults = [
        CourseFault(path, _line_of(text, f'"{slug}"'), message)
        for slug, message in _listing_faults(course.listed, course.lessons)
    ]
    defined = [(slug, _defined_terms(files)) for slug, files in course.lessons.items()]
    checked: dict[str, CheckedLesson] = {}
    for slug, files in course.lessons.items():
        around = Surroundings.of(course.course.slug, slug, defined)
        checked[slug] = check_folder(files, around)
    for slug, result in checked.items():
        found = [*result.faults, *_anchor_faults(result.prepared, checked)]
        faults += [
            CourseFault(folder / slug / name, fault.line, fault.message, fault.is_outside)
            for name, fault in found
        ]
    return faults


def check_folder(files: LessonFiles, around: Surroundings) -> CheckedLesson:
    """The faults of a lesson's folder."""
    missing = [name for name in LESSON_FILES if name not in files.files]
    if len(set(TEXT_FILES) - set(missing)) == 1:  # one language is enough
        missing = [name for name in missing if name not in TEXT_FILES]
    faults: list[FileFault] = [(name, Fault(0, "this file is missing")) for name in missing]
    faults += [
        (
            name,
            Fault(
                0, "this file belongs to nothing: pictures go into figures/, as svg, png, jpg, webp or gif"
            ),
        )
        for name in files.unknown
    ]
    sources: dict[str, str] = {}
    for name, content in files.files.items():
        try:
            sources[name] = content.decode("utf-8")
        except UnicodeDecodeError as error:
            faults.append((name, Fault(_line_of_byte(error), "this is not UTF-8")))
    if missing or len(sources) < len(files.files):
        return CheckedLesson(faults, None)
    result = check_lesson(sources, files.pictures.get, files.pictures, around)
    return CheckedLesson(faults + result.faults, result.prepared, result.gaps)


def check_lesson(
    sources: Mapping[str, str],
    picture: Callable[[str], bytes | None],
    pictures: Mapping[str, Any],
    around: Surroundings,
) -> CheckedLesson:
    """The faults of a lesson's texts, as (file, fault); `pictures` names what `picture` can read.

    Anchors in other lessons are not checked here: `check_course` and `anchor_faults`, which know these lessons, do that.
    """
    faults: list[FileFault] = []
    for name in LESSON_FILES:
        text = sources.get(name, "")
        if "\x00" in text:
            faults.append((name, Fault(_line_of(text, "\x00"), "there is a NUL character in this file")))
    written = [name for name in TEXT_FILES if sources.get(name, "").strip()]
    gaps = [
        (name, Fault(0, "this language is missing: its readers are shown the other one", is_gap=True))
        for name in TEXT_FILES
        if written and name not in written
    ]
    if not written:
        faults.append(
            ("zh.md", Fault(0, "there is no text yet: a lesson is written in zh.md, in en.md, or in both"))
        )
    for name, parse in (("lesson.toml", parse_lesson), ("quiz.toml", parse_quiz)):
        try:
            parse(sources.get(name, ""))
        except (tomllib.TOMLDecodeError, ValidationError) as error:
            faults += [(name, fault) for fault in toml_faults(sources.get(name, ""), error)]
    if any(name.endswith(".toml") for name, _ in faults):
        return CheckedLesson(faults, None)
    prepared = prepare_lesson(sources, picture, lambda name: f"/{name}", around)
    faults += [
        ("lesson.toml", fault) for fault in _reference_faults(sources["lesson.toml"], prepared, around)
    ]
    faults += _short_text_faults(sources, prepared)
    faults += _placeholders(sources, prepared)
    for language in LESSON_LANGUAGES:
        for fault in _text_faults(prepared, language) if f"{language}.md" in written else ():
            (gaps if fault.is_gap else faults).append((f"{language}.md", fault))
    for name in pictures:
        kind, content = SUFFIXES.get(name.rpartition(".")[2].lower()), picture(name)
        if content is None or kind_of(content) != kind:
            faults.append((name, Fault(0, f"this is no {kind} picture")))
    return CheckedLesson(faults, prepared, gaps)


def anchor_faults(
    prepared: PreparedLesson, anchors: Callable[[str, str], frozenset[str] | None]
) -> Iterator[FileFault]:
    """Broken links to anchors in other lessons; `anchors` returns those of (lesson, language), None if unknown."""
    for language, rendering in prepared.renderings.items():
        for link in rendering.links:
            known = anchors(link.lesson, language) if link.lesson else None
            if known is not None and link.anchor not in known:
                yield f"{language}.md", _no_anchor(link)


def toml_faults(text: str, error: tomllib.TOMLDecodeError | ValidationError) -> list[Fault]:
    """Parse errors of sources.py, with lines."""
    if isinstance(error, ValidationError):
        return [
            Fault(toml_line(text, e["loc"]), f"{'.'.join(map(str, e['loc'])) or 'file'}: {e['msg']}")
            for e in error.errors()
        ]
    line = str(error).partition("at line ")[2].partition(",")[0]
    at_end = len(text.splitlines()) if "end of document" in str(error) else 0
    return [Fault(int(line) if line.isdigit() else at_end, str(error))]


def _listing_faults(listed: list[str], lessons: Mapping[str, LessonFiles]) -> Iterator[tuple[str, str]]:
    for slug in dict.fromkeys(listed):
        if listed.count(slug) > 1:
            yield slug, f"the lesson {slug!r} is listed twice"
        if slug not in lessons:
            yield slug, f"there is no folder for the lesson {slug!r}"


def _defined_terms(files: LessonFiles) -> list[Any]:
    try:
        return parse_lesson(files.sources["lesson.toml"]).terms
    except (KeyError, ValueError):  # reported by the check of the lesson itself
        return []


def _anchor_faults(
    prepared: PreparedLesson | None, checked: Mapping[str, CheckedLesson]
) -> Iterator[FileFault]:
    def anchors(slug: str, language: str) -> frozenset[str] | None:
        other = checked[slug].prepared if slug in checked else None
        return other.read_in(language).anchors if other else None

    return anchor_faults(prepared, anchors) if prepared else iter(())


def _no_anchor(link: Link) -> Fault:
    return Fault(link.line, f"there is no #{link.anchor} in the lesson {link.lesson!r}")


def _reference_faults(text: str, prepared: PreparedLesson, around: Surroundings) -> Iterator[Fault]:
    """Broken references of lesson.toml: lessons, recipes, settings, interactive figures."""
    lesson, line = prepared.lesson, toml_line(text, ("needs",))
    later = (
        set(around.lessons[around.lessons.index(around.lesson) :])
        if around.lesson in around.lessons
        else set()
    )
    for need in lesson.needs:
        if need not in around.lessons:
            yield Fault(line, f"`needs` names the lesson {need!r}, which is not in this course")
        elif need in later:
            yield Fault(line, f"`needs` names {need!r}, which comes later in the course")
    figures = interactive_figures()
    for name in lesson.figures:
        if figures is not None and name not in figures:
            yield Fault(
                toml_line(text, ("figures",)), f"there is no interactive figure {name!r}", is_outside=True
            )
    yield from _lab_faults(text, lesson)


def _lab_faults(text: str, lesson: LessonSource) -> Iterator[Fault]:
    recipes = all_recipes()

    def fault(index: int, message: str, *, at: str) -> Fault:
        return Fault(toml_line(text, ("labs", index, at)), message, is_outside=True)

    for index, lab in enumerate(lesson.labs):
        recipe = recipes.get(lab.recipe)
        if recipe is None or not recipe.has_data:
            why = why_gone(lab.recipe)
            yield fault(index, f"the lab {lab.key!r} {why}", at="recipe")
            continue
        settings = {"defaults": lab.defaults, "fixed": lab.fixed}
        settings["solution"] = lab.solution
        settings["guess"] = (lab.guess.when if lab.guess else None) or {}
        places: dict[str, Iterable[str]] = {**settings, "hidden": lab.hidden, "shown": lab.shown}
        places["goal"] = [c.setting for c in (lab.goal.conditions if lab.goal else []) if c.setting]
        places["ranges"] = {name: value for part in lab.ranges for name, value in part.when.items()}
        places["also_measured"] = {name: value for part in lab.also_measured for name, value in part.items()}
        known = {hyperparameter.name for hyperparameter in recipe.hyperparameters}
        for place, names in places.items():
            for name in names:
                if name not in known:
                    message = f"the lab {lab.key!r}: {lab.recipe} has no setting {name!r}"
                    yield fault(index, message, at=place)
        values_of = [*settings.items(), *(("ranges", part.when) for part in lab.ranges)]
        values_of += [("also_measured", part) for part in lab.also_measured]
        for place, values in values_of:
            try:
                recipe.check_values({k: v for k, v in values.items() if k in known})
            except RecipeError as error:
                yield fault(index, f"the lab {lab.key!r}: {error}", at=place)


def _text_faults(prepared: PreparedLesson, language: str) -> Iterator[Fault]:
    """Faults of one language's text: those of its rendering, and differences between the languages."""
    rendering, other = prepared.renderings[language], prepared.renderings["en" if language == "zh" else "zh"]
    yield from rendering.faults
    placed = {segment["lab"] for segment in rendering.segments if "lab" in segment}
    asked = {key for segment in rendering.segments for key in segment.get("quiz", [])}
    for lab in prepared.lesson.labs:
        if lab.key not in placed:
            yield Fault(0, f"the lab {lab.key!r} is placed nowhere in this text")
    for question in prepared.quiz.questions:
        if question.key not in asked:
            yield Fault(0, f"the question {question.key!r} is placed nowhere in this text")
    anchors = {entry["anchor"] for entry in rendering.contents}
    for entry in other.contents:
        if entry["anchor"] not in anchors:
            yield Fault(0, f"the other language has a heading #{entry['anchor']}, this one has not")


def _short_text_faults(sources: Mapping[str, str], prepared: PreparedLesson) -> Iterator[FileFault]:
    """Formulas and links in the Markdown of lesson.toml and quiz.toml."""
    for name, texts in prepared.shorts.items():
        for place, (_html, faults) in texts.items():
            path = place[:-1] if place[-1] in LESSON_LANGUAGES else place
            line = toml_line(sources[name], path) if faults else 0
            for fault in faults:
                yield name, Fault(line, f"{'.'.join(map(str, path))}: {fault.message}")


def _placeholders(sources: Mapping[str, str], prepared: PreparedLesson) -> Iterator[FileFault]:
    """Template placeholders left in titles, questions, labs, terms and quizzes."""
    for name, source in (("lesson.toml", prepared.lesson), ("quiz.toml", prepared.quiz)):
        for path, texts in bilingual_texts(source):
            for language in LESSON_LANGUAGES:
                text = getattr(texts, language)
                place = ".".join(map(str, (*path, language)))
                line, is_title = toml_line(sources[name], path), path == ("title",)
                if is_template_sentence(text) or (is_title and is_template_word(text)):
                    yield name, Fault(line, f"{place}: {text!r} is a placeholder")
                elif is_title and is_file_name(text):
                    yield name, Fault(line, f"{place}: {text!r} is a file's name, not a title")


def _line_of(text: str, word: str) -> int:
    before, found, _ = text.partition(word)
    return before.count("\n") + 1 if found else 0


def _line_of_byte(error: UnicodeDecodeError) -> int:
    return error.object.count(b"\n", 0, error.start) + 1
