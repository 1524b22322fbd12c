"""What the import contracts of pyproject.toml cover, and what they cannot see."""

import ast
import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from app import features
from app.core.config import ROOT

FEATURES = {f"app.{path.parent.name}" for path in (ROOT / "app").glob("*/__init__.py")} - {
    "app.core",
    "app.launching",
    "app.markup",
    "app.web",
}
ROUTE_FILES = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "app").rglob("*routes.py"))
SOURCES = sorted(path for folder in ("app", "worker") for path in (ROOT / folder).rglob("*.py"))
# Sandboxed processes are called by name, and their answers are unpickled as plain data and records of the app only.
SANDBOX = {ROOT / "app" / "core" / "sandbox.py", ROOT / "app" / "core" / "sandbox_child.py"}


def test_every_feature_is_in_the_one_list() -> None:
    assert {f"app.{feature.name}" for feature in features.FEATURES} == FEATURES


def test_every_room_of_a_feature_is_named_in_the_one_list() -> None:
    """A module that nobody imports listens to nothing, and answers nothing."""
    named = {
        room.__name__ for feature in features.FEATURES for room in (feature.models, feature.listeners) if room
    } | {
        f"app.{feature.name}.{room}"
        for feature in features.FEATURES
        for room in (*feature.routes, *(["tasks"] if feature.has_tasks else []))
    }
    found = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for pattern in ("models", "listeners", "tasks", "*routes")
        for path in (ROOT / "app").rglob(f"{pattern}.py")
        if path.relative_to(ROOT / "app").parts[0] != "core"
    }
    assert found == named


def test_listeners_parts_of_pages_and_tasks_stand_in_the_rooms_that_each_process_imports() -> None:
    marks = {"on": "listeners.py", "provide": "listeners.py", "periodic": "tasks.py"}
    lost = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in (ROOT / "app").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
        for mark in node.decorator_list
        if (name := _name(mark)) in marks and path.name != marks[name]
    ]
    assert lost == []


def _name(mark: ast.expr) -> str:
    called = mark.func if isinstance(mark, ast.Call) else mark
    return getattr(called, "attr", getattr(called, "id", ""))


def test_nothing_but_the_one_list_is_imported_for_its_side_effect() -> None:
    """An unused name is dead code; only those in `app.features` may be unused, as each process imports them."""
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in SOURCES
        for line in path.read_text(encoding="utf-8").splitlines()
        if "noqa: F401" in line and not re.search(r"import app\.features|from app import features", line)
    ]
    assert found == []


def test_the_root_of_the_app_holds_its_entries_and_the_list_of_features() -> None:
    files = {path.name for path in (ROOT / "app").glob("*.py")}
    assert files == {"__init__.py", "cli.py", "features.py", "launcher.py", "main.py", "styleguide.py"}


def test_no_folder_of_a_feature_has_more_files_than_one_can_look_over() -> None:
    """Beyond twenty a room is missing: what belongs together gets a folder of its own."""
    files = [
        path
        for feature in FEATURES
        for path in ROOT.joinpath(*feature.split(".")).rglob("*.py")
        if path.name != "__init__.py"
    ]
    sizes = Counter(str(path.parent.relative_to(ROOT)) for path in files)
    assert {folder: size for folder, size in sizes.items() if size > 20} == {}


@pytest.mark.parametrize("file", ROUTE_FILES)
def test_routes_build_no_html(file: str) -> None:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    texts = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    assert [text for text in texts if re.search(r"</?[a-z]+[ >]", text)] == []


# What reads a request; all else takes values, so that a form, an API and a command call the same function.
_READ_REQUESTS = ("routes", "forms", "dependencies", "upload", "fields", "ahead", "proofs", "tries")
_FORMS = {
    "FormData",
    "UploadFile",
    "Submission",
    "Submitted",
    "Form",
    "posted_fields",
    "submitted",
    "text_fields",
}


def test_only_what_reads_requests_knows_forms() -> None:
    found = []
    for path in (ROOT / "app").rglob("*.py"):
        if path.relative_to(ROOT / "app").parts[0] in {"web", "core"} or path.stem.endswith(_READ_REQUESTS):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names: set[str] = set()
            if isinstance(node, ast.ImportFrom):
                names = {name.name for name in node.names} & _FORMS
            elif isinstance(node, ast.FunctionDef):
                names = {one.arg for one in (*node.args.args, *node.args.kwonlyargs)} & {"fields", "form"}
            found += [f"{path.relative_to(ROOT)}:{node.lineno} {name}" for name in sorted(names)]
    assert found == []


def test_services_and_queries_do_not_commit() -> None:
    """Only app.core.db commits. A nested transaction (a savepoint) does not count."""
    faults = []
    for path in SOURCES:
        if path == ROOT / "app" / "core" / "db.py":
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if re.search(r"\bsession\.(commit|rollback)\(|\.commit\(\)", line):
                faults.append(f"{path.relative_to(ROOT)}:{number}")
    assert faults == []


def test_the_web_never_reads_a_recipe_or_a_data_set_as_code() -> None:
    faults = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if path.is_relative_to(ROOT / "app")
        and path not in SANDBOX
        and re.search(
            r"importlib\.(import_module|util)|\bexec\(|\beval\(|runpy|(?<!allow_)pickle",
            path.read_text(encoding="utf-8"),
        )
    ]
    assert faults == []


def test_no_model_of_a_user_is_ever_loaded() -> None:
    # Weights of an installed package, checked by their digest, by an unpickler that may make nothing but arrays.
    arrays_only = ROOT / "worker" / "kit" / "efficientnet.py"
    faults = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if path not in (*SANDBOX, arrays_only)
        and re.search(
            r"load_model\(|pickle\.|allow_pickle=True|safe_mode=False", path.read_text(encoding="utf-8")
        )
    ]
    assert faults == []


def test_relationships_never_load_by_themselves() -> None:
    from sqlalchemy.orm import class_mapper

    from app.core.db import Base

    assert features.metadata is Base.metadata
    lazy = [
        str(relation)
        for mapper in Base.registry.mappers
        for relation in class_mapper(mapper.class_).relationships
        if relation.lazy != "raise"
    ]
    assert lazy == []


def test_every_constraint_has_a_name() -> None:
    unnamed = [
        f"{table.name}: {constraint!r}"
        for table in features.metadata.tables.values()
        for constraint in table.constraints
        if not constraint.name
    ]
    assert unnamed == []


def test_every_file_of_a_bundled_course_belongs_to_a_lesson_that_is_listed_or_not_finished() -> None:
    """A finished lesson (all four files) that no course lists would be invisible work."""
    for course in (ROOT / "content").glob("*/course.toml"):
        listed = {
            slug
            for module in tomllib.loads(course.read_text(encoding="utf-8"))["modules"]
            for slug in module["lessons"]
        }
        needed = ("lesson.toml", "zh.md", "en.md", "quiz.toml")
        finished = {
            folder.name
            for folder in course.parent.iterdir()
            if folder.is_dir() and all((folder / name).exists() for name in needed)
        }
        assert finished == listed


def test_every_figure_that_a_lesson_places_has_its_script() -> None:
    for text in (ROOT / "content").rglob("*.md"):
        for name in re.findall(r"^::: figure ([\w-]+)", text.read_text(encoding="utf-8"), re.M):
            assert (ROOT / "static" / "figures" / f"{name}.js").exists(), f"{text.relative_to(ROOT)}: {name}"


def test_files_and_functions_stay_short() -> None:
    """About 300 lines per file and 40 per function; a little more is tolerated."""
    long_files = [
        f"{path.relative_to(ROOT)}: {lines}"
        for path in SOURCES
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 330
    ]
    assert long_files == []
    long_functions = []
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
                and (node.end_lineno or 0) - node.lineno + 1 > 50
            ):
                long_functions.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}")
    assert long_functions == []


@pytest.mark.parametrize(
    "path", sorted(str(found.relative_to(ROOT)) for found in (ROOT / "static" / "css").rglob("*.css"))
)
def test_colours_stand_in_the_tokens_only(path: str) -> None:
    """Pure black and white are the backgrounds of pictures, the same in light and dark."""
    if Path(path).name in {"tokens.css", "print.css"}:
        return
    text = re.sub(r"/\*.*?\*/", "", (ROOT / path).read_text(encoding="utf-8"), flags=re.S)
    found = re.findall(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgba?|hsla?|oklch)\([^)]*\)", text)
    assert [colour for colour in found if not re.fullmatch(r"#000|#fff|rgb\(0 0 0 / [\d.]+\)", colour)] == []


# Things with a single home, by the pattern of duplicating them.
ONE_TRUTH_EACH = {
    r"import hmac|\bsecret_key\b": {"core/signing.py", "core/config.py"},
    # Who may do what; and what they are called.
    r"(?<!Class)Role\.LECTURER": {"core/permissions.py", "accounts/names.py"},
    r'(?<!b)"[xX]-[fF]ragment"': {"web/fragments.py"},
    r"-\(-\w+ //": {"web/pagination.py"},
    r'"auto", "light"': {"web/kept_pages/visitors.py"},
}


def test_each_truth_stands_in_one_place() -> None:
    again = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for pattern, places in ONE_TRUTH_EACH.items()
        for path in (ROOT / "app").rglob("*.py")
        if str(path.relative_to(ROOT / "app")) not in places
        for match in re.finditer(pattern, path.read_text(encoding="utf-8"))
    ]
    assert again == []
