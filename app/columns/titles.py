"""Titles and numbers of lessons, from the file names that exporters use: `[4983] 09自编码器.md`, `09 | 自编码器.html`, `第9讲：自编码器`."""

import re
from dataclasses import dataclass
from pathlib import PurePath
from urllib.parse import unquote

_SUFFIXES = {".md", ".markdown", ".html", ".htm", ".txt", ".xhtml", ".mhtml"}
# The number of the site's article, 3 digits or more, in any bracket; or the date of the export.
_ARTICLE = re.compile(r"\s*[\[(【（〔]\s*\d{3,}\s*[\])】）〕]\s*[-_.]?\s*|\s*\d{4}-\d{1,2}-\d{1,2}[\s_-]+")
_DIGITS = "零〇一二三四五六七八九"
_CHINESE = rf"[{_DIGITS}十百两]+"
_BETWEEN = r"[|｜丨∣│︱¦:：_、．·—–-]"
_NUMBERED = [
    re.compile(pattern, re.I)
    for pattern in (
        # 第9讲：…  第十二课 …  第 3 课时 | …
        rf"第\s*(\d{{1,4}}|{_CHINESE})\s*(?:课时|小节|[讲课章节])\s*(?:{_BETWEEN}|\.)*\s*",
        # 第 3 期：…; but 第一天学什么 is a title
        rf"第\s*(\d{{1,4}}|{_CHINESE})\s*[篇集回期天日](?:\s*(?:{_BETWEEN}|\.)+\s*|\s+)",
        # Lesson 9: …  Chapter 2 - …  L09 | …
        rf"(?:lesson|lecture|chapter|unit|part|day|episode|ep|l|ch)[\s._-]*(\d{{1,4}})(?:\s*(?:{_BETWEEN}|\.)+\s*|\s+)",
        # 【09】…  (9) …
        r"[\[(【（〔]\s*(\d{1,2})\s*[\])】）〕]\s*(?:[-_.:：|｜]\s*)?",
        # 09讲 | …  9讲：…
        rf"(\d{{1,4}})\s*讲\s*(?:{_BETWEEN}|\.)*\s*",
        # 09 | …  9-…  9. …  9、…; but 3.14 and 1.2 are numbers of another kind
        rf"(\d{{1,4}})\s*(?:{_BETWEEN}+|\.(?!\d))\s*",
        # 09自编码器  9 自编码器; but 3D打印, 10种优化器, 100 天 and 7 days stay whole
        r"(0\d{1,2})(?!\d)\s*",
        r"(\d{1,3})\s+(?=[\u2e80-\u9fff])(?!天|年|个|种|月|日|分钟|小时|行|步|倍|层|维)",
    )
]
# After the article's number the lesson's follows without a bracket: [4984] 10自编码器
_AFTER_ARTICLE = re.compile(r"(\d{1,3})(?![\d.])\s*")

# The number before a title keeps its mark: 09_标题, [4983]_标题.
_NUMBER_AND_MARK = re.compile(r"\W*\d+\W*_\s*")
# Between Latin letters and digits it is part of a word, where a name has spaces as well.
_UNDERSCORE = re.compile(r"(?<![A-Za-z0-9])_+|_+(?![A-Za-z0-9])")
_STRONG = re.compile(r"(\*{1,3})(?=[^\s*])([^*]+)(?<=[^\s*])\1")
# In a heading: code, and what is escaped. Underscores inside of a word are no marks, stars are.
_AS_TYPED = re.compile(r"(`+)(?!`)(.+?)(?<!`)\1(?!`)|\\([!-/:-@\[-`{-~])")
_STARS = re.compile(r"(\*{2,3}|~~)(?=[^\s*])(.+?)(?<=[^\s*])\1")
_STAR = re.compile(r"(?<![A-Za-z0-9*])\*(?=[^\s*])([^*]+)(?<=[^\s*])\*(?![A-Za-z0-9*])")
_DUNDER = re.compile(r"(?<![A-Za-z0-9_])(__[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*__)(?![A-Za-z0-9_])")
_UNDERLINES = re.compile(r"(?<!\w)(_{1,3})(?=[^\s_])(.+?)(?<=[^\s_])\1(?!\w)")
_OPENING = re.compile(
    r"\W*(开篇|导读|导言|导论|前言|序言|序章|写在前面|课前|introduction|preface|welcome)", re.I
)


@dataclass(frozen=True)
class Title:
    """`number` is the lesson's in its column; None if it has none."""

    text: str
    number: int | None


def title_of(text: str) -> Title:
    """From a heading, or from a file name without its suffix."""
    whole = "".join(c for c in text if c.isprintable() or c.isspace())
    whole = " ".join(whole.split())
    article = _ARTICLE.match(whole)
    rest = whole[article.end() :] if article else whole
    patterns = [*_NUMBERED, _AFTER_ARTICLE] if article else _NUMBERED
    for pattern in patterns:
        match = pattern.match(rest)
        if match:
            number = _number(match[1])
            words = rest[match.end() :].strip()
            return Title(words or rest, number)
    is_number = rest.isdecimal() and len(rest) <= 4
    return Title(rest or whole or "?", int(rest) if is_number else None)


def title_of_file(name: str) -> Title:
    return title_of(_spaced(stem(name)))


def title_of_heading(markdown: str) -> Title:
    """Of a heading in Markdown: its words, without the marks around them."""
    return title_of(_unmarked(markdown))


def _spaced(name: str) -> str:
    """`反向传播_从零开始` -> `反向传播 从零开始`: an underscore that stands for what a file's name cannot hold. That of a word stays."""
    head = _NUMBER_AND_MARK.match(name)
    start = head.end() if head else 0
    rest = _STRONG.sub(r"\2", name[start:])
    between = _UNDERSCORE if re.search(r"\s", rest) else re.compile("_+")
    words = (part if place % 2 else between.sub(" ", part) for place, part in enumerate(_DUNDER.split(rest)))
    return name[:start] + " ".join("".join(words).split())


def _unless_a_word(match: re.Match[str]) -> str:
    """`__init__` is a name, `_强调_` is set in italics."""
    return match[0] if match[2].isascii() and " " not in match[2] else match[2]


def _unmarked(markdown: str) -> str:
    kept: list[str] = []

    def keep(match: re.Match[str]) -> str:
        kept.append(match[2].strip() if match[1] else match[3])
        return f"\x00{len(kept) - 1}\x00"

    text = _AS_TYPED.sub(keep, markdown.replace("\0", ""))
    for _depth in range(3):
        text = _STARS.sub(r"\2", _STAR.sub(r"\1", _UNDERLINES.sub(_unless_a_word, text)))
    return re.sub("\x00(\\d+)\x00", lambda match: kept[int(match[1])], text)


def order_of(title: Title) -> int:
    """A lesson's sort key: by number, a preface first, lessons with neither last."""
    if title.number is not None:
        return title.number
    return -1 if _OPENING.match(title.text) else 1_000_000


def stem(name: str) -> str:
    """`09%20%7C%20标题.md.html` -> `09 | 标题`"""
    known = PurePath(unquote(name) if re.search(r"%[0-9A-Fa-f]{2}", name) else name).name
    while PurePath(known).suffix.lower() in _SUFFIXES and PurePath(known).stem:
        known = PurePath(known).stem
    return known.strip()


def _number(text: str) -> int:
    if text.isdecimal():
        return int(text)
    hundreds, found, rest = text.partition("百")
    if not found:
        hundreds, rest = "", text
    tens, has_ten, ones = rest.partition("十")
    if not has_ten:
        tens, ones = "", rest
    value = 100 * (_digit(hundreds) or 1) if found else 0
    value += 10 * (_digit(tens) or 1) if has_ten else 0
    return value + _digit(ones)


def _digit(text: str) -> int:
    """九 -> 9, 一二 -> 12; 0 for nothing."""
    digits = text.replace("〇", "零").replace("两", "二")
    place = {character: index for index, character in enumerate("零一二三四五六七八九")}
    return int("".join(str(place.get(character, 0)) for character in digits) or "0")
