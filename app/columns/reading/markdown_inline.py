"""Text, emphasis, links and pictures of HTML, as equivalent Markdown."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from urllib.parse import quote

from markdown_it.common.normalize_url import normalizeLink

from app.columns.reading.code_blocks import plain_code
from app.columns.reading.formula_pictures import Formula, formula_of
from app.columns.reading.html_tree import DROPPED, Node, split_at_breaks
from app.columns.reading.page_parts import is_apart
from app.core.i18n import N_
from app.core.sentences import Sentence
from app.markup.markdown_escapes import escape_text
from app.markup.placeholders import is_file_name

# Stands for <br> until a paragraph is assembled; files contain no NUL (removed when a file is read).
BREAK = "\x00"
_PICTURE = "\x01"
_FORMULA = "\x02"
_SPACES = re.compile(r"[ \t\r\n\f\u00a0]+")
# Chinese has no spaces between words: a wrapped line is joined without one.
_CHINESE_BREAK = re.compile(
    r"(?<=[\u2e80-\u9fff\uff00-\uffef])[ \t]*\n[ \t]*(?=[\u2e80-\u9fff\uff00-\uffef])"
)
_MARKS = {
    "b": "**",
    "strong": "**",
    "i": "*",
    "em": "*",
    "cite": "*",
    "var": "*",
    "del": "~~",
    "s": "~~",
    "strike": "~~",
}
_CODE = {"code", "kbd", "samp", "tt"}
_WEB = re.compile(r"https?://[^\s/]|mailto:[^\s@]+@", re.I)
_WORDLESS = re.compile(f"{_PICTURE}\\d+{_PICTURE}|{BREAK}")
_NO_PLACEHOLDERS = dict.fromkeys(map(ord, (BREAK, _PICTURE, _FORMULA)))
Note = Callable[[int, str], None]


_LOADED_LATER = ("data-src", "data-original", "data-actualsrc", "data-lazy-src")


class Inline:
    """`keep_picture` stores an inline picture and returns its name in the lesson."""

    def __init__(self, note: Note, keep_picture: Callable[[str], str | None]) -> None:
        self.note, self.keep_picture = note, keep_picture
        self._pictures: list[str] = []
        self._formulas: list[str] = []
        self._in_cell = False
        self._names: dict[int, str] = {}
        self._has_marks = True

    @contextmanager
    def without_marks(self) -> Iterator[None]:
        """For text whose bold and italics Markdown cannot express; nothing is noted a second time."""
        note, self.note, self._has_marks = self.note, lambda _line, _message: None, False
        yield
        self.note, self._has_marks = note, True

    @contextmanager
    def in_cell(self) -> Iterator[None]:
        """For the cell of a table, where even code may not contain a bare `|`."""
        self._in_cell = True
        yield
        self._in_cell = False

    def write(self, children: Sequence[Node | str], active: frozenset[str] = frozenset()) -> str:
        """Markdown with BREAK for line breaks and placeholders for pictures (see `split_pictures`)."""
        return "".join(self._child(child, active) for child in _merged(children))

    def words(self, children: Sequence[Node | str]) -> str:
        """The text that a reader of `children` sees, including that of pictures: what the Markdown has to say."""
        parts = []
        for child in children:
            if isinstance(child, str):
                parts.append(child)
            elif child.tag in DROPPED | {"iframe"} and child.is_closed:
                parts.append(self._frame_words(child))
            elif child.tag == "img":
                parts.append(self.words_of(child))
            elif child.tag in {"video", "audio", "object", "embed", "iframe"}:
                parts.append(
                    self._frame_words(child)
                    + self.words([c for c in child.children if isinstance(c, str) or c.tag != "source"])
                )
            elif child.tag == "a" and not child.text().strip() and not any(child.find("img")):
                parts.append(self.words_of(child))
            else:
                parts.append(self.words(child.children))
        return "".join(parts)

    def words_of(self, node: Node) -> str:
        """What a reader sees of a picture, or of a link without text."""
        if node.tag == "a":
            return self._target(node) or ""
        formula = self._formula(node)
        return formula.words if formula else self._alt(node) or normalizeLink(self._source(node) or "")

    def is_picture(self, node: Node) -> bool:
        return node.tag == "img" and self._formula(node) is None and self._source(node) is not None

    def address_of(self, node: Node) -> str | None:
        """None for a link that is left out, as its own remark says."""
        return None if any(map(self.is_picture, node.find("img"))) else self._target(node)

    def link(self, words: str, address: str) -> str:
        address = f"https:{address}" if address.startswith("//") else address
        return f"[{escape_text(words)}]({_address(address)})"

    def split_pictures(self, text: str) -> list[str]:
        """Text split at its pictures; a picture that is not part of a sentence becomes a piece of its own."""
        alone = re.fullmatch(f"\\s*{_FORMULA}(\\d+){_FORMULA}\\s*", text)
        if alone and not self._in_cell:
            return [f"$$\n{self._formulas[int(alone[1])]}\n$$"]
        pieces = [""]
        for line in _with_breaks(text):
            parts = re.split(f"({_PICTURE}\\d+{_PICTURE})", line)
            for place, part in enumerate(parts):
                before, after = "".join(parts[:place]), "".join(parts[place + 1 :])
                if place % 2 and is_apart(_WORDLESS.sub("", before), _WORDLESS.sub("", after)):
                    pieces += [part, ""]
                else:
                    pieces[-1] += part
        return [self.put_pictures(piece) for piece in pieces if piece.replace(BREAK, "").strip()]

    def put_pictures(self, piece: str) -> str:
        """The same on one line, for a heading or a table cell."""
        piece = re.sub(
            f"{_FORMULA}(\\d+){_FORMULA}", lambda match: f"${self._formulas[int(match[1])]}$", piece
        )
        return re.sub(f"{_PICTURE}(\\d+){_PICTURE}", lambda match: self._pictures[int(match[1])], piece)

    def _child(self, child: Node | str, active: frozenset[str]) -> str:
        if isinstance(child, str):
            text = _CHINESE_BREAK.sub("", child.translate(_NO_PLACEHOLDERS))
            return escape_text(_SPACES.sub(" ", text))
        tag = child.tag
        if tag == "br":
            return BREAK
        if tag == "img":
            return self._picture(child)
        if tag in _MARKS and _MARKS[tag] not in active and self._has_marks:
            return self._marked(_MARKS[tag], self.write(child.children, active | {_MARKS[tag]}))
        if tag in _CODE:
            return self._code(child, active)
        if tag == "a" and "a" not in active:
            return self._anchor(child, active)
        if tag in {"sub", "sup"} and self._has_marks:
            return self._script(child, active)
        if tag in {"input", "select", "textarea", "button", "math", "svg", "canvas"}:
            self.note(child.line, Sentence(N_("<{tag}> was left out; the text in it stays"), tag=tag))
        return self.write(child.children, active)

    @staticmethod
    def _marked(mark: str, text: str) -> str:
        """Put marks around each line, but not around its pictures, which may have to be moved."""
        return "".join(
            part if place % 2 else _marked_words(mark, part)
            for place, part in enumerate(re.split(f"({BREAK}|{_PICTURE}\\d+{_PICTURE})", text))
        )

    def _script(self, node: Node, active: frozenset[str]) -> str:
        """Subscript or superscript: `[t-1]{.sub}`."""
        text = self.write(node.children, active)
        inner = text.strip()
        if not inner or BREAK in inner or _PICTURE in inner:
            return text
        before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
        return f"{before}[{inner}]{{.{node.tag}}}{after}"

    def _code(self, node: Node, active: frozenset[str]) -> str:
        alone = node.children[0] if len(node.children) == 1 else None
        if isinstance(alone, Node) and alone.tag == "a" and "a" not in active:
            return self._anchor(
                Node("a", node.line, alone.attrs, [Node("code", node.line, {}, alone.children)]), active
            )
        if any(node.find("br")):
            lines = [Node("code", node.line, {}, line) for line in split_at_breaks(node.children)]
            return BREAK.join(self._code(line, active) for line in lines)
        text = _SPACES.sub(" ", plain_code(node.text())).strip()
        if any(node.find("img")) or not text:
            return self.write(node.children, active)
        if self._in_cell:
            text = text.replace("|", "\\|")
        fence = "`" * (1 + max((len(run) for run in re.findall(r"`+", text)), default=0))
        pad = " " if text.startswith("`") or text.endswith("`") else ""
        return f"{fence}{pad}{text}{pad}{fence}"

    def _anchor(self, node: Node, active: frozenset[str]) -> str:
        target = self._target(node)
        text = self.write(node.children, active | {"a"})
        if target is None:
            if node.attrs.get("href"):
                self.note(
                    node.line,
                    Sentence(
                        N_("this link works only on its own site and became text: {address}"),
                        address=node.attrs["href"][:200],
                    ),
                )
            return text
        if _PICTURE in text:
            self.note(
                node.line,
                Sentence(N_("the link around a picture was left out: {address}"), address=target[:200]),
            )
            return text
        words = text.replace(BREAK, " ").strip() or escape_text(target)
        return f"[{words}]({_address(target)})"

    def _target(self, node: Node) -> str | None:
        href = node.attrs.get("href", "").strip()
        href = f"https:{href}" if href.startswith("//") else href
        return href if _WEB.match(href) else None

    def _formula(self, node: Node) -> Formula | None:
        return formula_of(node) if self._has_marks else None

    def _picture(self, node: Node) -> str:
        formula = self._formula(node)
        if formula:
            self._formulas.append(formula.tex)
            return f"{_FORMULA}{len(self._formulas) - 1}{_FORMULA}"
        source, alt = self._source(node), self._alt(node)
        if source is None:
            self.note(
                node.line,
                Sentence(
                    N_("a picture without an address on the web was left out: {address}"),
                    address=node.attrs.get("src", "")[:80],
                ),
            )
            return escape_text(self._words_of(node))
        if not self._words_of(node):
            self.note(
                node.line,
                Sentence(
                    N_("the picture {address} has no alternative text: say what it shows"), address=source
                ),
            )
        self._pictures.append(f"![{escape_text(alt)}]({_address(source)})")
        return f"{_PICTURE}{len(self._pictures) - 1}{_PICTURE}"

    def _source(self, node: Node) -> str | None:
        """The picture's address, or its name in the lesson; None if lessons may not use it."""
        # What a page shows until its own script loads the picture is no picture of the lesson.
        later = next((node.attrs[name] for name in _LOADED_LATER if node.attrs.get(name, "").strip()), "")
        source = (node.attrs.get("src") or "").strip()
        if not source or (later and source.lower().startswith("data:")):
            source = later.strip()
        if source.startswith("//"):
            return f"https:{source}"
        if source.lower().startswith("data:"):
            if id(node) not in self._names:
                self._names[id(node)] = self.keep_picture(source) or ""
            return self._names[id(node)] or None
        return source if _WEB.match(source) and not source.startswith("mailto") else None

    def _alt(self, node: Node) -> str:
        """The alternative text; a file name is discarded, as it describes nothing."""
        words = self._words_of(node)
        if not is_file_name(words):
            return words
        self.note(
            node.line,
            Sentence(
                N_("the alternative text “{alt}” is a file's name: say what the picture shows"), alt=words
            ),
        )
        return ""

    @staticmethod
    def _words_of(node: Node) -> str:
        return _SPACES.sub(" ", node.attrs.get("alt", "").translate(_NO_PLACEHOLDERS)).strip()

    @staticmethod
    def _frame_words(node: Node) -> str:
        if node.tag in DROPPED:
            return ""
        addresses = [
            n.attrs.get("src") or n.attrs.get("data") or "" for n in (node, *node.find("source", "embed"))
        ]
        return next((a for a in addresses if re.match(r"(https?:)?//", a)), "")


def _marked_words(mark: str, text: str) -> str:
    """Spaces go outside, as Markdown does not allow them just inside a mark."""
    inner = text.strip()
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return f"{before}{mark}{inner}{mark}{after}" if inner else text


def _with_breaks(text: str) -> Iterator[str]:
    """Lines, each with the break that ends it."""
    yield from re.split(f"(?<={BREAK})", text)


def _address(address: str) -> str:
    """An address in Markdown syntax; with parentheses in it, it needs angle brackets."""
    safe = quote(normalizeLink(address), safe="!#$%&'()*+,-./:;=?@[]_~")
    return f"<{safe}>" if "(" in safe or ")" in safe else safe


def _merged(children: Sequence[Node | str]) -> list[Node | str]:
    """Merge neighbours with the same mark: `**a****b**` would not work."""
    merged: list[Node | str] = []
    for child in children:
        last = merged[-1] if merged else None
        if (
            isinstance(child, Node)
            and isinstance(last, Node)
            and child.tag in _MARKS
            and _MARKS.get(last.tag) == _MARKS[child.tag]
        ):
            merged[-1] = Node(last.tag, last.line, {}, [*last.children, *child.children], is_closed=True)
        else:
            merged.append(child)
    return merged
