"""Courses as folders: checked, loaded, exported."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from app.cli import cli
from app.core import db
from app.core.config import ROOT
from app.core.toml_lines import toml_line
from app.courses.models import Course, Lesson, LessonDraft, LessonRevision, Module, Origin
from app.publishing.check import check_course
from app.publishing.exporter import export_course
from app.publishing.loader import LoadReport, load_course
from app.publishing.revisions import new_revision
from app.publishing.sources import CourseFiles, read_course
from tests.factories import TINY_COURSE, make_user

BUNDLED = ROOT / "content" / "deep-learning"


Load = Callable[..., LoadReport]


@pytest.fixture
def load(session: Session) -> Load:
    def run(folder: Path, *, overwrite: bool = False) -> LoadReport:
        session.rollback()  # a test's reads hold SQLite's lock
        with db.session_scope() as loading:
            return load_course(loading, folder, overwrite=overwrite)

    return run


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def lesson_of(session: Session, slug: str) -> Lesson:
    return session.scalars(select(Lesson).where(Lesson.slug == slug)).one()


def bytes_below(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def edit(session: Session, slug: str, old: str, new: str) -> LessonRevision:
    """Publish a revision written in the browser."""
    course, lesson = session.scalars(select(Course)).one(), lesson_of(session, slug)
    current = session.get(LessonRevision, lesson.published_revision_id)
    sources = {name: text.replace(old, new) for name, text in current.sources.items()}
    revision = new_revision(
        session,
        course,
        lesson,
        sources,
        current.pictures,
        origin=Origin.EDITOR,
        author_id=make_user(session).id,
    )
    lesson.published_revision_id = revision.id
    session.commit()
    return revision


# The check


def test_the_bundled_and_the_tiny_course_have_no_mistake() -> None:
    assert [str(fault) for folder in (BUNDLED, TINY_COURSE) for fault in check_course(folder)] == []


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "message"),
    [
        ("course.toml", "slug =", "slug", 1, "Expected '='"),
        ("course.toml", '"01-next"]', '"01-next", "02-none"]', 8, "there is no folder for the lesson '02-none'"),
        ("course.toml", '"01-next"]', '"01-next", "01-next"]', 8, "the lesson '01-next' is listed twice"),
        ("00-start/lesson.toml", "minutes = 5", "minutes = 0", 3, "minutes: Input should be greater than"),
        ("00-start/lesson.toml", '{ zh = "开始", en = "Start" }', '{ zh = " " }', 1, "title: this text is needed in Chinese, in English, or in both"),
        ("00-start/lesson.toml", 'recipe = "mnist-mlp"', 'recipe = "none"', 7, "the recipe 'none', which does not exist"),
        ("00-start/lesson.toml", "{ epochs = 2 }", "{ epocs = 2 }", 10, "has no setting 'epocs'"),
        ("00-start/lesson.toml", "{ epochs = 2 }", "{ epochs = 20000 }", 10, "epochs"),
        ("00-start/lesson.toml", '"Train **once**."', '"Train $\\\\frac{1$."', 9, "labs.0.task: the formula"),
        ("00-start/lesson.toml", 'key = "digit"', 'key = "digit"\nfoo = 1', 31, "terms.0.foo: Extra inputs"),
        ("01-next/lesson.toml", 'needs = ["00-start"]', 'needs = ["09-none"]', 4, "which is not in this course"),
        ("00-start/lesson.toml", "minutes = 5", 'minutes = 5\nneeds = ["01-next"]', 4, "comes later in the course"),
        ("00-start/lesson.toml", "minutes = 5", 'minutes = 5\nfigures = ["none"]', 4, "there is no interactive figure 'none'"),
        ("01-next/quiz.toml", "answer = 2", "", 1, 'a "number" question needs `answer`'),
        ("01-next/quiz.toml", '"1+1?"', '"$\\\\frac{$"', 4, "questions.0.prompt: the formula"),
        ("00-start/zh.md", "::: lab digits", "::: lab none", 11, "there is no lab 'none' in lesson.toml"),
        ("00-start/zh.md", "::: lab digits", "::: lab digits\n:::\n\n::: lab digits", 14, "the lab 'digits' is placed twice"),
        ("00-start/zh.md", "::: lab digits", "::: figure none\n:::\n\n::: lab digits", 11, "there is no interactive figure 'none'"),
        ("01-next/zh.md", "::: quiz sum", "::: quiz none", 9, "there is no question 'none' in quiz.toml"),
        ("01-next/zh.md", "::: quiz sum\n:::", "", 0, "the question 'sum' is placed nowhere in this text"),
        ("00-start/en.md", "(lesson:01-next)", "(lesson:02-none)", 3, "there is no lesson '02-none'"),
        ("00-start/en.md", "(lesson:01-next)", "(lesson:01-next#none)", 3, "there is no #none in the lesson '01-next'"),
        ("00-start/en.md", "(lesson:01-next)", "(#none)", 3, "there is no #none in this lesson"),
        ("00-start/en.md", "(lesson:01-next)", "(next.html)", 3, "leads nowhere"),
        ("00-start/en.md", "![A circle]", "![what it shows]", 5, "does not say what the picture shows"),
        ("00-start/en.md", "![A circle]", "![circle.svg]", 5, "does not say what the picture shows"),
        ("00-start/lesson.toml", 'en = "Where to start?"', 'en = "(Which question does this lesson answer?)"', 2, "question.en: '(Which question does this lesson answer?)' is a placeholder"),
        ("00-start/lesson.toml", 'en = "Start"', 'en = "04-start.md"', 1, "title.en: '04-start.md' is a file's name"),
        ("01-next/quiz.toml", '"1+1?"', '"……"', 4, "questions.0.prompt.en: '……' is a placeholder"),
        ("00-start/lesson.toml", '{ zh = "0 到 9 里的一个。", en = "One of 0 to 9." }', "{}", 33, "needed in Chinese, in English, or in both"),
        ("00-start/zh.md", "::: lab digits", "::: figure tangent run=none\n:::\n\n::: lab digits", 11, "there is no lab 'none' in lesson.toml"),
        ("00-start/en.md", "circle.svg", "none.svg", 5, "there is no picture figures/none.svg"),
        ("00-start/en.md", "$w \\cdot x + b$", "$w \\frac{x$", 3, "the formula"),
        ("00-start/en.md", "{term=digit}", "{term=none}", 3, "the term 'none' is defined in no lesson"),
        ("00-start/en.md", "{#first-step}", "{#first}", 0, "the other language has a heading #first-step"),
        ("00-start/en.md", "::: lab digits", "## Again {#first-step}\n\n::: lab digits", 11, "the anchor #first-step is used twice"),
        ("00-start/figures/circle.svg", "<svg", "<sgv", 0, "this is no svg picture"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_file_line_and_fault(
    course_folder: Path, file: str, old: str, new: str, line: int, message: str
) -> None:
    change(course_folder / file, old, new)
    faults = [
        (fault.file.relative_to(course_folder).as_posix(), fault.line, fault.message)
        for fault in check_course(course_folder)
    ]
    assert any(found[:2] == (file, line) and message in found[2] for found in faults), faults


def test_a_term_may_come_from_an_earlier_lesson_but_not_from_a_later_one(course_folder: Path) -> None:
    change(course_folder / "01-next" / "zh.md", "## 继续 {#go-on}", "## 继续 {#go-on}\n\n[数字]{term=digit}")
    assert check_course(course_folder) == []
    change(course_folder / "course.toml", '"00-start", "01-next"', '"01-next", "00-start"')
    messages = [fault.message for fault in check_course(course_folder) if fault.file.name == "zh.md"]
    assert messages == ["the term 'digit' is used before it is defined: the later lesson 00-start defines it"]


@pytest.mark.parametrize("names", [["lesson.toml"], ["zh.md", "en.md"], ["quiz.toml"]])
def test_a_missing_file_is_named(course_folder: Path, names: list[str]) -> None:
    for name in names:
        (course_folder / "00-start" / name).unlink()
    found = {(f.file.name, f.message) for f in check_course(course_folder)}
    assert found >= {(name, "this file is missing") for name in names}


@pytest.mark.parametrize("name", ["zh.md", "en.md"])
def test_one_language_is_enough_and_comes_back_as_it_was(
    session: Session, load: Load, course_folder: Path, tmp_path: Path, name: str
) -> None:
    (course_folder / "00-start" / name).unlink()
    text = (course_folder / "00-start" / "lesson.toml").read_text(encoding="utf-8")
    one = text.replace('title = { zh = "开始", en = "Start" }', 'title = { zh = "开始" }', 1)
    (course_folder / "00-start" / "lesson.toml").write_text(one, encoding="utf-8")
    assert check_course(course_folder) == []
    load(course_folder)
    course = session.scalars(select(Course)).one()
    assert export_course(session, course, tmp_path / "out").left == []
    assert bytes_below(tmp_path / "out") == bytes_below(course_folder)


def test_files_that_nobody_can_read_are_named(course_folder: Path) -> None:
    (course_folder / "00-start" / "en.md").write_bytes(b"one\n\xff\xfe\n")
    for name in ("zh.md", "en.md"):
        (course_folder / "01-next" / name).write_text("  \n", encoding="utf-8")
    (course_folder / "01-next" / "notes.txt").write_text("x", encoding="utf-8")
    found = {
        (f.file.relative_to(course_folder).as_posix(), f.line, f.message.partition(":")[0])
        for f in check_course(course_folder)
    }
    assert ("00-start/en.md", 2, "this is not UTF-8") in found
    assert ("01-next/zh.md", 0, "there is no text yet") in found
    assert ("01-next/notes.txt", 0, "this file belongs to nothing") in found


def test_a_folder_without_a_course_is_one_sentence(tmp_path: Path) -> None:
    assert [str(fault) for fault in check_course(tmp_path)] == [
        f"{tmp_path / 'course.toml'}: there is no course.toml"
    ]


def test_lines_of_toml_are_found_in_tables_and_arrays() -> None:
    text = 'a = 1\n[[b]]\nc = """\nc = 2\n"""\n[[b]]\n"c" = 3\n[b.d]\ne = [\n  { f = 1 },\n  { f = 2 },\n]\ng.h = 4\n'
    paths = {
        ("a",): 1,
        ("b", 0, "c"): 3,
        ("b", 1, "c"): 7,
        ("b", 1, "d"): 8,
        ("b", 1, "d", "e", 1, "f"): 11,
        ("b", 1, "d", "g", "h"): 13,
        ("z",): 0,
    }
    assert {path: toml_line(text, path) for path in paths} == paths


# Loading and exporting


def test_the_bundled_course_comes_back_byte_for_byte(load: Load, tmp_path: Path) -> None:
    load(BUNDLED)
    with db.session_scope(writes=False) as session:
        export_course(session, session.scalars(select(Course)).one(), tmp_path / "out")
    listed = read_course(BUNDLED).listed
    expected = {
        name: content
        for name, content in bytes_below(BUNDLED).items()
        if name.split("/")[0] in {"course.toml", *listed}
    }
    assert bytes_below(tmp_path / "out") == expected
    assert any(name.endswith(".svg") for name in expected)


def test_pictures_and_odd_line_ends_come_back_byte_for_byte(
    load: Load, course_folder: Path, tmp_path: Path
) -> None:
    (course_folder / "00-start" / "en.md").write_bytes(
        (course_folder / "00-start" / "en.md").read_bytes().replace(b"\n", b"\r\n") + b"\r\n\r\n"
    )
    (course_folder / "00-start" / "figures" / "dot.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    (course_folder / "course.toml").write_bytes(
        b"# a comment of its author\r\n" + (course_folder / "course.toml").read_bytes()
    )
    load(course_folder)
    with db.session_scope(writes=False) as session:
        report = export_course(session, session.scalars(select(Course)).one(), tmp_path / "out")
        assert sorted(report.written) == sorted(bytes_below(course_folder))
        again = export_course(session, session.scalars(select(Course)).one(), tmp_path / "out")
    assert (again.written, again.left) == ([], [])
    assert bytes_below(tmp_path / "out") == bytes_below(course_folder)


def test_loading_again_writes_nothing(load: Load, course_folder: Path) -> None:
    assert load(course_folder).new == ["00-start", "01-next"]
    with db.session_scope(writes=False) as session:
        before = [(r.id, r.created_at) for r in session.scalars(select(LessonRevision))]
    report = load(course_folder)
    assert report == LoadReport(unchanged=["00-start", "01-next"])
    with db.session_scope(writes=False) as session:
        assert [(r.id, r.created_at) for r in session.scalars(select(LessonRevision))] == before


def test_an_unchanged_course_is_not_checked_again(
    load: Load, course_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert CliRunner().invoke(cli, ["course", "load", str(course_folder)]).exit_code == 0
    checked: list[Path] = []
    monkeypatch.setattr("app.publishing.folders.check_course", lambda folder: checked.append(folder) or [])
    assert "2 unchanged" in CliRunner().invoke(cli, ["course", "load", str(course_folder)]).output
    assert checked == []
    change(course_folder / "01-next" / "zh.md", "继续", "接着")
    assert "1 changed" in CliRunner().invoke(cli, ["course", "load", str(course_folder)]).output
    assert checked == [course_folder]


def test_a_changed_lesson_becomes_a_new_revision(load: Load, course_folder: Path, session: Session) -> None:
    load(course_folder)
    change(course_folder / "01-next" / "zh.md", "继续", "接着走")
    report = load(course_folder)
    assert (report.changed, report.unchanged) == (["01-next"], ["00-start"])
    revision = session.get(LessonRevision, lesson_of(session, "01-next").published_revision_id)
    assert (revision.number, "接着走" in revision.rendering["zh"]["segments"][0]["html"]) == (2, True)


def test_what_reaches_a_goal_is_for_tests_and_never_for_readers(
    load: Load, course_folder: Path, session: Session
) -> None:
    untold = 'solution = { epochs = 9 }\nfails_as = "stuck"\nalso_measured = [{ epochs = 8 }]\n'
    change(course_folder / "00-start" / "lesson.toml", "hidden = ", f"{untold}hidden = ")
    assert check_course(course_folder) == []
    load(course_folder)
    lab = session.get(LessonRevision, lesson_of(session, "00-start").published_revision_id).labs["digits"]
    assert not lab.keys() & {"solution", "fails_as", "also_measured"} and "defaults" in lab
    change(course_folder / "00-start" / "lesson.toml", "{ epochs = 9 }", "{ epocs = 9 }")
    assert "has no setting 'epocs'" in str(check_course(course_folder)[0])


def test_a_course_with_a_mistake_is_not_loaded_at_all(
    database: str, course_folder: Path, session: Session
) -> None:
    change(course_folder / "01-next" / "zh.md", "::: lab free", "::: lab none")
    result = CliRunner().invoke(cli, ["course", "load", str(course_folder)])
    assert result.exit_code == 1
    assert session.scalars(select(Course)).all() == []


def test_a_load_that_fails_half_way_leaves_nothing(
    load: Load, course_folder: Path, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr("app.publishing.loader.renew_renderings", fail)
    with pytest.raises(OSError, match="full"):
        load(course_folder)
    assert (session.scalars(select(Course)).all(), session.scalars(select(Lesson)).all()) == ([], [])


def test_what_was_edited_here_is_kept_and_reported(load: Load, course_folder: Path, session: Session) -> None:
    load(course_folder)
    edit(session, "01-next", "继续", "在浏览器里改的")
    change(course_folder / "01-next" / "zh.md", "继续", "在文件夹里改的")
    report = load(course_folder)
    assert report.kept == ["01-next: revision 2, edited here, stays published"]
    session.expire_all()
    assert (
        "在浏览器里改的"
        in session.get(LessonRevision, lesson_of(session, "01-next").published_revision_id).sources["zh.md"]
    )
    assert load(course_folder, overwrite=True).changed == ["01-next"]
    session.expire_all()
    assert (
        "在文件夹里改的"
        in session.get(LessonRevision, lesson_of(session, "01-next").published_revision_id).sources["zh.md"]
    )


def test_an_edit_is_kept_after_its_author_has_gone(load: Load, course_folder: Path, session: Session) -> None:
    load(course_folder)
    revision = edit(session, "01-next", "继续", "改过")
    revision.author_id = None
    session.commit()
    change(course_folder / "01-next" / "zh.md", "继续", "另一个")
    assert len(load(course_folder).kept) == 1


def test_an_edit_that_was_exported_and_committed_is_no_conflict(
    load: Load, course_folder: Path, session: Session
) -> None:
    load(course_folder)
    edit(session, "01-next", "继续", "改过")
    export_course(session, session.scalars(select(Course)).one(), course_folder)
    report = load(course_folder)
    assert (report.unchanged, report.kept, report.changed) == (["00-start", "01-next"], [], [])


def test_a_lesson_unpublished_here_stays_so_and_a_draft_is_not_touched(
    load: Load, course_folder: Path, session: Session
) -> None:
    load(course_folder)
    lesson_of(session, "00-start").published_revision_id = None
    next_lesson = lesson_of(session, "01-next")
    session.add(
        LessonDraft(lesson_id=next_lesson.id, digest="-", sources={"zh.md": "halb fertig"}, pictures={})
    )
    session.commit()
    change(course_folder / "01-next" / "zh.md", "继续", "接着")
    kept = load(course_folder).kept
    assert any(sentence.startswith("00-start: it was unpublished") for sentence in kept)
    assert any(
        sentence.startswith("01-next: the folder's text is published now; a draft") for sentence in kept
    )
    session.expire_all()
    assert lesson_of(session, "00-start").published_revision_id is None
    assert session.get(LessonDraft, next_lesson.id).sources == {"zh.md": "halb fertig"}


def test_an_order_made_here_is_kept_and_new_lessons_come_at_its_end(
    load: Load, course_folder: Path, session: Session
) -> None:
    load(course_folder)
    lesson_of(session, "00-start").position = 9
    session.commit()
    shutil.copytree(course_folder / "01-next", course_folder / "02-more")
    change(course_folder / "course.toml", '"01-next"]', '"01-next", "02-more"]')
    report = load(course_folder)
    assert report.kept[0].startswith("course.toml: ") and report.new == ["02-more"]
    session.expire_all()
    slugs = session.scalars(select(Lesson.slug).order_by(Lesson.position)).all()
    assert slugs == ["01-next", "00-start", "02-more"]
    assert load(course_folder, overwrite=True).kept == []
    session.expire_all()
    assert session.scalars(select(Lesson.slug).order_by(Lesson.position)).all() == [
        "00-start",
        "01-next",
        "02-more",
    ]


def test_an_order_made_here_is_exported(
    load: Load, course_folder: Path, session: Session, tmp_path: Path
) -> None:
    load(course_folder)
    session.scalars(select(Module)).one().title = {"zh": '新"篇', "en": "New\\part"}
    session.commit()
    export_course(session, session.scalars(select(Course)).one(), tmp_path / "out")
    assert read_course(tmp_path / "out").course.modules[0].title.zh == '新"篇'
    assert check_course(tmp_path / "out") == []


def test_a_lesson_that_left_the_folder_is_unpublished_and_may_come_back(
    load: Load, course_folder: Path, session: Session
) -> None:
    load(course_folder)
    lesson_id = lesson_of(session, "01-next").id
    text = (course_folder / "course.toml").read_text(encoding="utf-8")
    (course_folder / "course.toml").write_text(text.replace(', "01-next"', ""), encoding="utf-8")
    assert load(course_folder).removed == ["01-next"]
    session.expire_all()
    assert lesson_of(session, "01-next").published_revision_id is None
    (course_folder / "course.toml").write_text(text, encoding="utf-8")
    assert load(course_folder).changed == ["01-next"]
    session.expire_all()
    assert (
        lesson_of(session, "01-next").id,
        lesson_of(session, "01-next").published_revision_id is None,
    ) == (lesson_id, False)


def test_a_definition_that_changes_reaches_the_lessons_that_borrow_it(
    load: Load, course_folder: Path, session: Session
) -> None:
    change(course_folder / "01-next" / "zh.md", "## 继续 {#go-on}", "## 继续 {#go-on}\n\n[数字]{term=digit}")
    load(course_folder)
    change(course_folder / "00-start" / "lesson.toml", "0 到 9 里的一个。", "十个里的一个。")
    report = load(course_folder)
    assert (report.changed, report.renewed) == (["00-start"], ["01-next"])
    terms = session.get(LessonRevision, lesson_of(session, "01-next").published_revision_id).rendering["zh"][
        "terms"
    ]
    borrowed = {"key": "digit", "name": "数字", "definition": "十个里的一个。"}
    assert terms == [borrowed | {"lesson": "00-start", "language": "zh"}]


def test_the_export_command_asks_which_course_and_deletes_nothing(
    load: Load, course_folder: Path, tmp_path: Path
) -> None:
    run = CliRunner().invoke
    assert run(cli, ["course", "export", str(tmp_path / "out")]).exit_code == 1
    load(course_folder)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("x", encoding="utf-8")
    result = run(cli, ["course", "export", str(tmp_path / "out"), "--course", "tiny"])
    assert result.exit_code == 0 and "not a part of the course: mine.txt" in result.output
    assert (tmp_path / "out" / "mine.txt").exists()
    files: CourseFiles = read_course(tmp_path / "out")
    assert files.digest() == read_course(course_folder).digest()


def test_the_commands_know_all_tables_in_a_process_of_their_own(tmp_path: Path) -> None:
    """Here other tests have imported everything; a command has only its own imports."""
    environment = os.environ | {
        "SOPHORA_DATA_DIR": str(tmp_path / "data"),
        "SOPHORA_DATABASE_URL": f"sqlite:///{tmp_path}/own.db",
    }
    commands = [
        ["migrate"],
        ["course", "load", str(TINY_COURSE)],
        ["course", "export", str(tmp_path / "exported")],
        ["admin-link"],
    ]
    for command in commands:
        run = subprocess.run(
            [sys.executable, "-m", "app.cli", *command],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert run.returncode == 0, run.stderr
    assert (tmp_path / "exported" / "course.toml").exists()
