"""HTML of any quality, parsed into a small tree with line numbers. Never raises; closes elements left open."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

from app.core.i18n import N_
from app.core.sentences import Sentence

VOID = {
    "area",
    "base",
    "br",
    "col",
    "embed",
    "hr",
    "img",
    "input",
    "link",
    "meta",
    "param",
    "source",
    "track",
    "wbr",
}
# The content of these is not part of the lesson.
DROPPED = {"script", "style", "template", "noscript", "head", "title"}
HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
# Elements that only contain others.
BOXES = frozenset(
    [
        "div",
        "section",
        "article",
        "main",
        "header",
        "footer",
        "aside",
        "nav",
        "center",
        "body",
        "html",
        "form",
        "details",
        "figure",
        "p",
    ]
)
BLOCKS = HEADINGS | {
    "p", "div", "section", "article", "main", "header", "footer", "aside", "nav", "center", "address", "body", "html", "figure", "figcaption",
    "ul", "ol", "li", "dl", "dt", "dd", "pre", "blockquote", "table", "caption", "thead", "tbody", "tfoot", "tr", "td", "th", "hr", "form",
    "fieldset", "details", "summary", "video", "audio", "iframe", "object", "embed",
}  # fmt: skip
INLINE = {
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "br", "button", "canvas", "cite", "code", "data", "datalist", "del", "dfn", "em", "font",
    "i", "img", "input", "ins", "kbd", "label", "map", "area", "mark", "math", "meter", "option", "output", "picture", "progress", "q", "rp", "rt",
    "ruby", "s", "samp", "select", "small", "source", "span", "strike", "strong", "sub", "sup", "svg", "textarea", "time", "track", "tt", "u", "var",
    "wbr", "link", "meta", "base", "col", "colgroup", "param", "optgroup", "legend",
}  # fmt: skip
# Formulas, as pages say them that set them by MathML or a script.
MATHS = {
    "semantics", "annotation", "annotation-xml", "mrow", "mi", "mo", "mn", "ms", "mtext", "mspace", "mfrac", "msqrt", "mroot", "msub", "msup",
    "msubsup", "munder", "mover", "munderover", "mmultiscripts", "mtable", "mtr", "mtd", "mstyle", "mpadded", "mphantom", "menclose", "merror",
    "mjx-container", "mjx-assistive-mml",
}  # fmt: skip
KNOWN = BLOCKS | INLINE | DROPPED | MATHS
# The attribute with an element's source line, for HTML generated from something else.
LINE = "data-sophora-line"
DEEPEST = 60
LONGEST_QUOTE = 2000
_TOO_DEEP = N_("<{tag}> is nested too deeply; its text stays, the element goes")
_NOT_CLOSED = N_("<{tag}> is not closed")
# Implied end tags: (starting tag, the tags it closes, where to stop looking).
_ENDS = {
    "li": ({"li"}, {"ul", "ol"}),
    "dt": ({"dt", "dd"}, {"dl"}),
    "dd": ({"dt", "dd"}, {"dl"}),
    "tr": ({"tr", "td", "th"}, {"table"}),
    "td": ({"td", "th"}, {"tr", "table"}),
    "th": ({"td", "th"}, {"tr", "table"}),
}
_FLOW = {"td", "th", "li", "dd", "blockquote", "div", "section", "article", "table"}


@dataclass
class Node:
    """An element; `children` are nodes and strings. `tag` is empty for the root."""

    tag: str
    line: int
    attrs: dict[str, str] = field(default_factory=dict)
    children: list["Node | str"] = field(default_factory=list)
    is_closed: bool = False

    def nodes(self) -> Iterator["Node"]:
        return (child for child in self.children if isinstance(child, Node))

    def text(self) -> str:
        return "".join(child if isinstance(child, str) else child.text() for child in self.children)

    def find(self, *tags: str) -> Iterator["Node"]:
        for node in self.nodes():
            if node.tag in tags:
                yield node
            yield from node.find(*tags)


def read_html(html: str, first_line: int, note: Callable[[int, str], None]) -> Node:
    """The tree of `html`, whose first line is line `first_line` of its file. Problems are passed to `note`."""
    reader = _Reader(first_line, note)
    reader.feed(_defuse(html))
    reader.close()
    reader.finish()
    return reader.root


def _defuse(html: str) -> str:
    """An unterminated comment or declaration would swallow the rest of the file: its opening mark becomes text.

    So does `<![`, which means nothing in HTML and which html.parser may reject with an AssertionError.
    """
    html = html.replace("<![", "&lt;![")
    last = html.rfind("-->")
    html = re.sub(r"<!--", lambda match: "<!--" if match.start() < last else "&lt;!--", html)
    return re.sub(r"<(?=[!?](?!--)[^>]*\Z)", "&lt;", html)


class _Reader(HTMLParser):
    def __init__(self, first_line: int, note: Callable[[int, str], None]) -> None:
        super().__init__(convert_charrefs=True)
        self.first_line, self.note = first_line, note
        self.root = Node("", first_line)
        self.open = [self.root]
        self.tag_begins = 0
        self.named_line: int | None = None

    @property
    def line(self) -> int:
        return (self.named_line or self.getpos()[0]) + self.first_line - 1

    def parse_starttag(self, i: int) -> int:
        self.tag_begins = i
        return super().parse_starttag(i)

    def set_cdata_mode(self, elem: str, **kwargs: bool) -> None:
        # An unclosed element must not swallow the rest. Only this form of an end tag closes it in every version of html.parser.
        if re.compile(rf"</{re.escape(elem)}\s*>", re.I).search(self.rawdata, self.tag_begins):
            super().set_cdata_mode(elem, **kwargs)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.named_line = next(
            (int(v) for k, v in attrs if k == LINE and v and v.isdecimal()), self.named_line
        )
        if tag not in KNOWN:
            self.note(self.line, Sentence(N_("<{tag}> is no element of HTML and stays as text"), tag=tag))
            self.handle_data(self.get_starttag_text() or f"<{tag}>")
            return
        self._end_implied(tag)
        node = Node(tag, self.line, {name: value or "" for name, value in reversed(attrs)})
        self.open[-1].children.append(node)
        if tag in VOID:
            node.is_closed = True
        elif len(self.open) < DEEPEST:
            self.open.append(node)
        else:
            self.note(self.line, Sentence(_TOO_DEEP, tag=tag))
            node.tag = "span"

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag not in KNOWN:
            self.handle_data(f"</{tag}>")
            return
        depth = next((i for i in range(len(self.open) - 1, 0, -1) if self.open[i].tag == tag), 0)
        if tag in VOID:
            if tag == "br":
                self.handle_starttag("br", [])
        elif not depth:
            self.note(self.line, Sentence(N_("</{tag}> closes nothing"), tag=tag))
        else:
            for node in self.open[depth + 1 :]:
                if node.tag not in {"p", "li", "td", "th", "tr", "dt", "dd", "tbody", "thead", "option"}:
                    self.note(node.line, Sentence(_NOT_CLOSED, tag=node.tag))
            self.open[depth].is_closed = True
            del self.open[depth:]

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)

    def handle_comment(self, data: str) -> None:
        if data.strip():
            self.note(self.line, Sentence(N_("an HTML comment was left out: {text}"), text=shortened(data)))

    def handle_decl(self, decl: str) -> None:
        if not decl.lower().startswith("doctype"):
            self.unknown_decl(decl)

    def unknown_decl(self, data: str) -> None:
        self.note(self.line, Sentence(N_("a declaration stays as text: {text}"), text=shortened(data)))
        self.handle_data(f"<!{data}>")

    def handle_pi(self, data: str) -> None:
        self.note(
            self.line, Sentence(N_("a processing instruction stays as text: {text}"), text=shortened(data))
        )
        self.handle_data(f"<?{data}>")

    def finish(self) -> None:
        for node in self.open[1:]:
            if node.tag not in {"p", "li", "html", "body"}:
                self.note(node.line, Sentence(_NOT_CLOSED, tag=node.tag))

    def _end_implied(self, tag: str) -> None:
        ends, stops = _ENDS.get(tag, ({"p"}, _FLOW) if tag in BLOCKS else (set(), set()))
        for depth in range(len(self.open) - 1, 0, -1):
            if self.open[depth].tag in ends:
                del self.open[depth:]
                # A <tr> closes its cell and the enclosing row.
                if tag != "tr" or self.open[-1].tag not in ends:
                    return
            elif self.open[depth].tag in stops:
                return


def shortened(text: str) -> str:
    """For a report, the only place where dropped text can still be read: long, but bounded."""
    words = " ".join(text.split())
    return words if len(words) <= LONGEST_QUOTE else f"{words[:LONGEST_QUOTE]}…"


def split_at_breaks(children: Sequence[Node | str]) -> list[list[Node | str]]:
    lines: list[list[Node | str]] = [[]]
    for child in children:
        if isinstance(child, Node) and child.tag == "br":
            lines.append([])
        elif isinstance(child, Node) and any(child.find("br")):
            first, *others = split_at_breaks(child.children)
            lines[-1] += first
            lines += others
        else:
            lines[-1].append(child)
    return lines
