"""Words, emphasis, links and pictures of HTML, written as Markdown that says the same."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from urllib.parse import quote

from markdown_it.common.normalize_url import normalizeLink

from app.columns.code_blocks import plain_code
from app.columns.html_tree import DROPPED, Node
from app.markup.markdown_escapes import escape_text
from app.markup.placeholders import is_file_name

# Stands for <br> until a paragraph is put together; files have no NUL (they are taken out when a file is read).
BREAK = "\x00"
_PICTURE = "\x01"
_SPACES = re.compile(r"[ \t\r\n\f\u00a0]+")
# Chinese has no spaces between words: a line that goes on below is one line.
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
Note = Callable[[int, str], None]


class Inline:
    """`keep_picture` stores a picture that is written into the page itself and gives its name in the lesson."""

    def __init__(self, note: Note, keep_picture: Callable[[str], str | None]) -> None:
        self.note, self.keep_picture = note, keep_picture
        self._pictures: list[str] = []
        self._names: dict[int, str] = {}
        self._has_marks = True

    @contextmanager
    def without_marks(self) -> Iterator[None]:
        """For text whose bold and italic type Markdown cannot express; nothing is noted a second time."""
        note, self.note, self._has_marks = self.note, lambda _line, _message: None, False
        yield
        self.note, self._has_marks = note, True

    def write(self, children: Sequence[Node | str], active: frozenset[str] = frozenset()) -> str:
        """Markdown with BREAK for line breaks and placeholders for pictures (see `split_pictures`)."""
        return "".join(self._child(child, active) for child in _merged(children))

    def words(self, children: Sequence[Node | str]) -> str:
        """The words that a reader of `children` sees, those of pictures included: what the Markdown has to say."""
        parts = []
        for child in children:
            if isinstance(child, str):
                parts.append(child)
            elif child.tag in DROPPED | {"iframe"} and child.is_closed:
                parts.append(self._frame_words(child))
            elif child.tag == "img":
                parts.append(self._alt(child) or normalizeLink(self._source(child) or ""))
            elif child.tag in {"video", "audio", "object", "embed", "iframe"}:
                parts.append(
                    self._frame_words(child)
                    + self.words([c for c in child.children if isinstance(c, str) or c.tag != "source"])
                )
            elif child.tag == "a" and not child.text().strip() and not any(child.find("img")):
                parts.append(self._target(child) or "")
            else:
                parts.append(self.words(child.children))
        return "".join(parts)

    def link(self, words: str, address: str) -> str:
        address = f"https:{address}" if address.startswith("//") else address
        return f"[{escape_text(words)}]({_address(address)})"

    def split_pictures(self, text: str) -> list[str]:
        """Each picture by itself, and the text before, between and after them."""
        pieces = re.split(f"({_PICTURE}\\d+{_PICTURE})", text)
        return [self._put_pictures(piece) for piece in pieces if piece.strip()]

    def _put_pictures(self, piece: str) -> str:
        return re.sub(f"{_PICTURE}(\\d+){_PICTURE}", lambda match: self._pictures[int(match[1])], piece)

    def _child(self, child: Node | str, active: frozenset[str]) -> str:
        if isinstance(child, str):
            text = _CHINESE_BREAK.sub("", child.replace(BREAK, "").replace(_PICTURE, ""))
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
            self.note(child.line, f"<{tag}> was left out; the text in it stays")
        return self.write(child.children, active)

    @staticmethod
    def _marked(mark: str, text: str) -> str:
        """Marks around each line; spaces stand outside, for Markdown wants no space inside of a mark."""
        lines = []
        for line in text.split(BREAK):
            inner = line.strip()
            has_words = bool(re.sub(f"{_PICTURE}\\d+{_PICTURE}", "", inner).strip())
            if not has_words or _PICTURE in inner:
                lines.append(line)
                continue
            before, after = line[: len(line) - len(line.lstrip())], line[len(line.rstrip()) :]
            lines.append(f"{before}{mark}{inner}{mark}{after}")
        return BREAK.join(lines)

    def _script(self, node: Node, active: frozenset[str]) -> str:
        """Below or above the line: `[t-1]{.sub}`."""
        text = self.write(node.children, active)
        inner = text.strip()
        if not inner or BREAK in inner or _PICTURE in inner:
            return text
        before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
        return f"{before}[{inner}]{{.{node.tag}}}{after}"

    def _code(self, node: Node, active: frozenset[str]) -> str:
        if any(node.find("br")):
            lines = [Node("code", node.line, {}, line) for line in _split_at_breaks(node.children)]
            return BREAK.join(self._code(line, active) for line in lines)
        text = _SPACES.sub(" ", plain_code(node.text())).strip()
        if any(node.find("img")) or not text:
            return self.write(node.children, active)
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
                    f"this link leads nowhere outside of its site and became text: {node.attrs['href'][:200]}",
                )
            return text
        if _PICTURE in text:
            self.note(node.line, f"the link around a picture was left out: {target[:200]}")
            return text
        words = text.replace(BREAK, " ").strip() or escape_text(target)
        return f"[{words}]({_address(target)})"

    def _target(self, node: Node) -> str | None:
        href = node.attrs.get("href", "").strip()
        href = f"https:{href}" if href.startswith("//") else href
        return href if _WEB.match(href) else None

    def _picture(self, node: Node) -> str:
        source, alt = self._source(node), self._alt(node)
        if source is None:
            self.note(
                node.line,
                f"a picture without an address on the web was left out: {node.attrs.get('src', '')[:80]}",
            )
            return escape_text(self._words_of(node))
        if not self._words_of(node):
            self.note(node.line, f"the picture {source} has no alternative text: say what it shows")
        self._pictures.append(f"![{escape_text(alt)}]({_address(source)})")
        return f"{_PICTURE}{len(self._pictures) - 1}{_PICTURE}"

    def _source(self, node: Node) -> str | None:
        """The picture's address, or its name in the lesson; None where there is none that a lesson may have."""
        source = (
            node.attrs.get("src") or node.attrs.get("data-src") or node.attrs.get("data-original") or ""
        ).strip()
        if source.startswith("//"):
            return f"https:{source}"
        if source.lower().startswith("data:"):
            if id(node) not in self._names:
                self._names[id(node)] = self.keep_picture(source) or ""
            return self._names[id(node)] or None
        return source if _WEB.match(source) and not source.startswith("mailto") else None

    def _alt(self, node: Node) -> str:
        """What the picture shows; a file's name says nothing of it."""
        words = self._words_of(node)
        if not is_file_name(words):
            return words
        self.note(node.line, f"the alternative text {words!r} is a file's name: say what the picture shows")
        return ""

    @staticmethod
    def _words_of(node: Node) -> str:
        return _SPACES.sub(" ", node.attrs.get("alt", "").replace(BREAK, "").replace(_PICTURE, "")).strip()

    @staticmethod
    def _frame_words(node: Node) -> str:
        if node.tag in DROPPED:
            return ""
        addresses = [
            n.attrs.get("src") or n.attrs.get("data") or "" for n in (node, *node.find("source", "embed"))
        ]
        return next((a for a in addresses if re.match(r"(https?:)?//", a)), "")


def _address(address: str) -> str:
    """An address as Markdown wants it; parentheses need brackets around the whole."""
    safe = quote(address, safe="!#$%&'()*+,-./:;=?@[]_~" + "".join(c for c in address if ord(c) > 127))
    return f"<{safe}>" if "(" in safe or ")" in safe else safe


def _merged(children: Sequence[Node | str]) -> list[Node | str]:
    """Neighbours with the same mark become one: `**a****b**` would not work."""
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


def _split_at_breaks(children: Sequence[Node | str]) -> list[list[Node | str]]:
    lines: list[list[Node | str]] = [[]]
    for child in children:
        if isinstance(child, Node) and child.tag == "br":
            lines.append([])
        elif isinstance(child, Node) and any(child.find("br")):
            first, *others = _split_at_breaks(child.children)
            lines[-1] += first
            lines += others
        else:
            lines[-1].append(child)
    return lines
