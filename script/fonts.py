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

ROOT = Path(__file__).resolve().parents[1]
FONTS = ROOT / "static" / "fonts"
PACKAGE = "@fontsource/noto-serif-sc@5.3.0"
TEXT_PACKAGE = "@fontsource-variable/noto-sans@5.3.0"
CHINESE = "noto-serif-sc-headings.woff2"
LATIN = "noto-serif-headings.woff2"
TEXT = "noto-sans-text.woff2"
TEXT_LICENSE = "LICENSE-noto-sans.txt"
# About 180 bytes each: a font stays below 100 KB.
MOST_CHARACTERS = 535
_HEADING = re.compile(r"^#{2,4} (.+?)(?:\s*\{#[\w-]+\})?$", re.M)
_TITLES = re.compile(r'^(?:title|question)\s*=\s*\{[^}]*?zh\s*=\s*"((?:[^"\\]|\\.)*)"', re.M)


def headings() -> set[str]:
    """The Chinese characters of the lessons' headings, titles and questions."""
    return set(_chinese("".join(_heading_texts())))


def characters() -> set[str]:
    """Those, and the most frequent ones in all of Sophora's texts."""
    needed = headings() | set("，。：；？！、（）《》“”‘’—…·０１２３４５６７８９")
    everything = [*(ROOT / "content").glob("*/*/zh.md"), *(ROOT / "locales").glob("*/LC_MESSAGES/*.po")]
    seen = Counter(_chinese("".join(path.read_text(encoding="utf-8") for path in everything)))
    for character, _count in seen.most_common():
        if len(needed) >= MOST_CHARACTERS:
            break
        needed.add(character)
    return needed


def _heading_texts() -> Iterator[str]:
    for path in sorted((ROOT / "content").glob("*/*/zh.md")):
        yield from _HEADING.findall(path.read_text(encoding="utf-8"))
    for path in sorted((ROOT / "content").glob("**/*.toml")):
        if path.name in {"course.toml", "lesson.toml"}:
            yield from _TITLES.findall(path.read_text(encoding="utf-8"))


def _chinese(text: str) -> Iterator[str]:
    return (character for character in text if "\u4e00" <= character <= "\u9fff")


def main() -> None:
    latin = "".join(map(chr, (*range(0x20, 0x7F), *range(0xA0, 0x100), *range(0x2010, 0x2027))))
    with _package(PACKAGE, "LICENSE-noto-serif.txt") as files:
        _subset(
            files / "noto-serif-sc-chinese-simplified-700-normal.woff2",
            CHINESE,
            "".join(sorted(characters())),
        )
        _subset(files / "noto-serif-sc-latin-700-normal.woff2", LATIN, latin)
    with _package(TEXT_PACKAGE, TEXT_LICENSE) as files:
        source, narrowed = files / "noto-sans-latin-wght-normal.woff2", files / "narrowed.ttf"
        instancer = [ROOT / ".venv" / "bin" / "fonttools", "varLib.instancer", source, "wght=400:700"]
        subprocess.run([*instancer, "--output", narrowed, "--quiet"], check=True)
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
