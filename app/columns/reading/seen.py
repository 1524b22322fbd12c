"""What a reader sees of a piece of a page: lines of text, each character with its styles."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape, unescape
from typing import Protocol

from markdown_it.common.normalize_url import normalizeLink

from app.columns.reading.code_blocks import plain_code
from app.columns.reading.html_tree import BLOCKS, HEADINGS, Node, read_html

_STYLES = {
    "b": "bold", "strong": "bold", "dt": "bold", "i": "italic", "em": "italic", "cite": "italic", "var": "italic", "del": "struck", "s": "struck",
    "strike": "struck", "code": "code", "kbd": "code", "samp": "code", "tt": "code", "sub": "sub", "sup": "sup",
}  # fmt: skip
_FORMULA = re.compile(r"<math\b.*?</math>", re.S)
_TAG = re.compile(r"<[^>]*>")
_UNSEEN = re.compile("[\u200b\ufeff\x00-\x08]")
_EDGE = "\x00"
_PICTURE = frozenset({"picture"})
_LINK = "link "
_WEB = re.compile(r"https?://[^\s/]|mailto:[^\s@]+@", re.I)
_CJK = re.compile("[\u2e80-\u9fff\uff00-\uffef]")


@dataclass(frozen=True)
class Line:
    """`styles` are those of the non-space characters of `text`."""

    text: str
    styles: tuple[frozenset[str], ...]


class Words(Protocol):
    """The text that stands for a picture, and for a link without text."""

    def words_of(self, node: Node) -> str: ...

    def is_picture(self, node: Node) -> bool:
        """Formulas are excluded: they are words of their sentence."""
        ...

    def address_of(self, node: Node) -> str | None:
        """Where a link leads; None where it is none."""
        ...


@dataclass(frozen=True)
class Difference:
    """The first difference, with some context; both are the same if only the style differs. A link is shown with its address."""

    before: str
    after: str


def seen(children: Iterable[Node | str], words: Words) -> list[Line]:
    sight = _Sight(words)
    sight.walk(children, frozenset())
    sight.end_line()
    return sight.lines


def seen_in_html(html: str) -> list[Line]:
    """The same for a rendered lesson."""
    formulas = _FORMULA.sub(lambda match: escape(words_of_formula(match[0])), html)
    root = read_html(formulas, 1, lambda *_: None)
    return seen(root.children, _Rendered())


class _Rendered:
    def words_of(self, node: Node) -> str:
        return node.attrs.get("alt", "")

    def is_picture(self, node: Node) -> bool:
        return node.tag == "img" or node.attrs.get("class") == "picture-link"

    def address_of(self, node: Node) -> str | None:
        return node.attrs.get("href")


def words_of_formula(mathml: str) -> str:
    return "".join(unescape(_TAG.sub("", mathml)).split())


def difference(before: Sequence[Line], after: Sequence[Line]) -> Difference | None:
    for index in range(max(len(before), len(after))):
        one = before[index] if index < len(before) else Line("", ())
        other = after[index] if index < len(after) else Line("", ())
        if one == other:
            continue
        if _without_links(one) == _without_links(other):
            return Difference(_with_links(one), _with_links(other))
        return Difference(*_around(one.text, other.text))
    return None


def _link(node: Node, words: Words) -> frozenset[str]:
    """The address as a style of the link's words; of an address that stands there itself, none: it is read in any case."""
    address = words.address_of(node)
    if not address or not _WEB.match(address):
        return frozenset()
    address = normalizeLink(address)
    return frozenset() if _same_address(node.text().strip(), address) else frozenset({f"{_LINK}{address}"})


def _same_address(text: str, address: str) -> bool:
    if not text or " " in text:
        return False
    bare = re.sub(r"^(https?://|mailto:)", "", address).rstrip("/")
    return re.sub(r"^(https?://|mailto:)", "", normalizeLink(text)).rstrip("/") == bare


def _unlinked(styles: frozenset[str]) -> frozenset[str]:
    return frozenset(style for style in styles if not style.startswith(_LINK))


def _without_links(line: Line) -> tuple[str, list[frozenset[str]]]:
    return line.text, [_unlinked(styles) for styles in line.styles]


def _with_links(line: Line) -> str:
    """The words of each link with where it leads."""
    letters = [character for character in line.text if not character.isspace()]
    links: list[list[str]] = []
    last = ""
    for character, styles in zip(letters, line.styles, strict=False):
        address = next((style.removeprefix(_LINK) for style in styles if style.startswith(_LINK)), "")
        if address and address == last:
            links[-1][0] += character
        elif address:
            links.append([character, address])
        last = address
    return _short(", ".join(f"{words} → {address}" for words, address in links) or "–", 0)


def _around(one: str, other: str) -> tuple[str, str]:
    """Both texts from a little before the point where they diverge."""
    place = next(
        (i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
    begin = max(0, place - 12) if one != other else 0
    return _short(one[begin:], begin), _short(other[begin:], begin)


def _short(text: str, begin: int) -> str:
    return ("…" if begin else "") + text[:60] + ("…" if len(text) > 60 else "")


class _Sight:
    def __init__(self, words: Words) -> None:
        self.words = words
        self.lines: list[Line] = []
        self.pending: list[tuple[str, frozenset[str]]] = []

    def walk(self, children: Iterable[Node | str], styles: frozenset[str], *, in_cell: bool = False) -> None:
        for child in children:
            if isinstance(child, str):
                self.write(child, styles)
            else:
                self.node(child, styles, in_cell=in_cell)

    def node(self, node: Node, styles: frozenset[str], *, in_cell: bool) -> None:
        tag = node.tag
        own = styles | {_STYLES[tag]} if tag in _STYLES else styles
        if in_cell and (tag == "br" or tag in BLOCKS):
            self.write(" ", styles)
            own = own | {"code"} if tag == "pre" else own
            self.walk([plain_code(node.text())] if tag == "pre" else node.children, own, in_cell=True)
            self.write(" ", styles)
        elif tag == "br":
            self.end_line()
        elif tag == "img":
            self.picture(node, self.words.words_of(node), styles)
        elif tag == "a" and self.words.is_picture(node):
            self.picture(node, node.text(), styles)
        elif tag == "a" and not node.text().strip() and not any(node.find("img")):
            self.write(self.words.words_of(node), styles)
        elif tag == "pre":
            self.code(node)
        elif own != styles and tag in {"code", "kbd", "samp", "tt"} and not any(node.find("br", "img", "a")):
            self.write(plain_code(node.text()), own)
        elif tag in BLOCKS:
            self.end_line()
            own = own | {"heading"} if tag in HEADINGS else own
            own = own | {tag} if tag in {"li", "blockquote"} else own
            self.walk(node.children, own, in_cell=in_cell or tag in {"td", "th"})
            self.end_line()
        else:
            own = _unlinked(own) | _link(node, self.words) if tag == "a" else own
            self.walk(node.children, own, in_cell=in_cell)

    def write(self, text: str, styles: frozenset[str]) -> None:
        self.pending += [(character, styles) for character in _UNSEEN.sub("", text)]

    def picture(self, node: Node, words: str, styles: frozenset[str]) -> None:
        is_picture = self.words.is_picture(node)
        edge = [(_EDGE, styles)] if is_picture else []
        self.pending += edge
        self.write(words, _PICTURE if is_picture else styles)
        self.pending += edge

    def code(self, node: Node) -> None:
        """Verbatim, including spaces."""
        self.end_line()
        for text in node.text().strip("\n").split("\n"):
            self.lines.append(Line(text.rstrip(), ()))

    def end_line(self) -> None:
        """A picture before or after the words of a line counts as a line of its own, as it may be moved there."""
        parts: list[list[tuple[str, frozenset[str]]]] = [[]]
        for character, style in self.pending:
            if character == _EDGE:
                parts.append([])
            else:
                parts[-1].append((character, style))
        self.pending = []
        texts = [place for place, part in enumerate(parts) if not place % 2 and _has_words(part)]
        first, last = (texts[0], texts[-1]) if texts else (len(parts), len(parts))
        for part in parts[:first]:
            self.add(part)
        self.add([each for part in parts[first : last + 1] for each in part])
        for part in parts[last + 1 :]:
            self.add(part)

    def add(self, characters: Sequence[tuple[str, frozenset[str]]]) -> None:
        """Spaces collapse as in HTML; wrapped Chinese text is joined to one line."""
        text, styles = "", []
        space = ""
        for character, style in characters:
            if character.isspace():
                space += character
                continue
            joins = "\n" in space and text and _CJK.match(text[-1]) and _CJK.match(character)
            text += (" " if space and text and not joins else "") + character
            styles.append(style)
            space = ""
        if text:
            self.lines.append(Line(text, tuple(styles)))


def _has_words(part: Sequence[tuple[str, frozenset[str]]]) -> bool:
    return any(not character.isspace() for character, _ in part)
