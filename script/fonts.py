#!/usr/bin/env python3
"""Rebuild the fonts of headings and Latin text in static/fonts from the npm packages of Noto (SIL Open Font License 1.1).

    .venv/bin/python script/fonts.py

Needed when a heading or a lesson's title brings in a character that tests/lessons/test_heading_font.py reports. Downloads 90 MB.
"""

import re
import subprocess
import tarfile
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[1]
FONTS = ROOT / "static" / "fonts"
PACKAGE = "@fontsource/noto-serif-sc@5.3.0"
TEXT_PACKAGE = "@fontsource-variable/noto-sans@5.3.0"
# The Chinese face comes in slices: what most lessons show; for each lesson what else its own page shows; and what other pages show.
CHINESE = "noto-serif-sc-headings"
COMMON, OTHERS = "common", "others"
CSS = ROOT / "static" / "css" / "heading-slices.css"
LATIN = "noto-serif-headings.woff2"
TEXT = "noto-sans-text.woff2"
TEXT_LICENSE = "LICENSE-noto-sans.txt"
# About 185 bytes each: a lesson loads 25 KB once, and 10 KB of its own. Of others as many as are worth their place.
MOST_COMMON, MOST_OTHERS = 120, 280
PUNCTUATION = "，。：；？！、（）《》“”‘’—…·０１２３４５６７８９"
# The pages of a lesson and what stands on them.
LESSON_TEMPLATES = ("courses", "labs", "quizzes", "board", "notes")
_UI_HEADING = re.compile(r"<(?:h[1-4]|legend|summary)\b[^>]*>[^<]*?_\(\"([^\"]*)\"\)")
_HEADING = re.compile(r"^#{2,4} (.+?)(?:\s*\{#[\w-]+\})?$", re.M)
_TITLES = re.compile(r'^(?:title|question)\s*=\s*\{[^}]*?zh\s*=\s*"((?:[^"\\]|\\.)*)"', re.M)


def headings() -> dict[str, set[str]]:
    """The Chinese characters of each lesson's headings, title and question, by its folder's name, in the order of the names."""
    return {
        folder.name: set(_chinese(_texts_of(folder))) for folder in sorted((ROOT / "content").glob("*/*/"))
    }


def slices() -> dict[str, str]:
    """The characters of each slice: those of most lessons and of their pages; what each lesson has beside them; others."""
    lessons, on_every_page = headings(), _of_lesson_pages()
    seen = Counter(character for own in lessons.values() for character in sorted(own))
    seen.update({character: len(lessons) for character in sorted(on_every_page)})
    common = {character for character, _count in seen.most_common(MOST_COMMON)}
    found = {COMMON: common | set(PUNCTUATION)}
    found |= {name: (own | on_every_page) - common for name, own in lessons.items()}
    everything = [*(ROOT / "content").glob("*/*/zh.md"), *(ROOT / "locales").glob("*/LC_MESSAGES/*.po")]
    frequent = Counter(_chinese("".join(path.read_text(encoding="utf-8") for path in everything)))
    others = set(seen) - common
    further = [each for each, _count in frequent.most_common() if each not in common | others]
    found[OTHERS] = others | set(further[: max(0, MOST_OTHERS - len(others))])
    return {name: "".join(sorted(own)) for name, own in found.items() if own}


def file_of(name: str) -> str:
    return f"{CHINESE}-{name}.woff2"


def css_of(parts: dict[str, str]) -> str:
    """The face of all pages, a slice for its characters alone; and one of each lesson, which its page names before that."""
    of_all = (
        f"""@font-face {{
  font-family: "Sophora Headings SC";
  src: url("../fonts/{file_of(name)}") format("woff2");
  font-weight: 700;
  font-display: swap;
  unicode-range: {", ".join(f"U+{ord(character):X}" for character in own)};
}}
"""
        for name, own in parts.items()
        if name in (COMMON, OTHERS)
    )
    of_lessons = (
        f"""@font-face {{
  font-family: "Sophora {name}";
  src: url("../fonts/{file_of(name)}") format("woff2");
  font-weight: 700;
  font-display: swap;
}}
:root[data-lesson="{name}"] {{ --font-lesson: "Sophora {name}"; }}
"""
        for name in parts
        if name not in (COMMON, OTHERS)
    )
    return "/* Made by script/fonts.py. Characters in no slice are the system's. */\n" + "".join(
        [*of_all, *of_lessons]
    )


def _of_lesson_pages() -> set[str]:
    """The Chinese characters of the headings that the templates of a lesson's page bring along."""
    texts = " ".join(
        path.read_text(encoding="utf-8")
        for folder in LESSON_TEMPLATES
        for path in sorted((ROOT / "templates" / folder).glob("*.html"))
    )
    with (ROOT / "locales" / "zh_Hans" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalogue = read_po(file)
    translated = (catalogue.get(msgid) for msgid in _UI_HEADING.findall(texts))
    return {
        character
        for message in translated
        if message and isinstance(message.string, str)
        for character in _chinese(message.string)
    }


def _texts_of(folder: Path) -> str:
    titles = [path for path in (folder / "lesson.toml", folder.parent / "course.toml") if path.exists()]
    texts = [text for path in titles for text in _TITLES.findall(path.read_text(encoding="utf-8"))]
    chinese = folder / "zh.md"
    return "".join(
        texts + (_HEADING.findall(chinese.read_text(encoding="utf-8")) if chinese.exists() else [])
    )


def _chinese(text: str) -> Iterator[str]:
    return (character for character in text if "\u4e00" <= character <= "\u9fff")


def main() -> None:
    latin = "".join(map(chr, (*range(0x20, 0x7F), *range(0xA0, 0x100), *range(0x2010, 0x2027))))
    with _package(PACKAGE, "LICENSE-noto-serif.txt") as files:
        parts = slices()
        for stale in FONTS.glob(file_of("*")):
            stale.unlink()
        for name, own in parts.items():
            _subset(files / "noto-serif-sc-chinese-simplified-700-normal.woff2", file_of(name), own)
        CSS.write_text(css_of(parts), encoding="utf-8")
        _subset(files / "noto-serif-sc-latin-700-normal.woff2", LATIN, latin)
    with _package(TEXT_PACKAGE, TEXT_LICENSE) as files:
        source, narrowed = files / "noto-sans-latin-wght-normal.woff2", files / "narrowed.ttf"
        instancer = [ROOT / ".venv" / "bin" / "fonttools", "varLib.instancer", source, "wght=400:700"]
        subprocess.run([*instancer, "--output", narrowed, "--quiet", "--no-recalc-timestamp"], check=True)
        _subset(narrowed, TEXT, latin)


@contextmanager
def _package(name: str, license_name: str) -> Iterator[Path]:
    """Its folder of font files; its licence is kept under `license_name`."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", name, "--silent"], cwd=folder, check=True)
        with tarfile.open(next(Path(folder).glob("*.tgz"))) as package:
            package.extractall(folder, filter="data")
        license_text = (Path(folder) / "package" / "LICENSE").read_text(encoding="utf-8")
        (FONTS / license_name).write_text(license_text, encoding="utf-8")
        yield Path(folder) / "package" / "files"


def _subset(source: Path, name: str, text: str) -> None:
    subprocess.run(
        [ROOT / ".venv" / "bin" / "pyftsubset", source, f"--text={text}", f"--output-file={FONTS / name}",
         "--flavor=woff2", "--no-hinting", "--layout-features=kern", "--notdef-outline"],
        check=True,
    )  # fmt: skip


if __name__ == "__main__":
    main()
