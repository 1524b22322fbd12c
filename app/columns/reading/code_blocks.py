"""Code of a column's page made ready to paste and run: plain spaces, real line ends, no line numbers, the right language."""

import ast
import re
import warnings
from collections.abc import Callable, Iterator, Sequence

from app.columns.reading.html_tree import BLOCKS, Node
from app.core.i18n import N_
from app.core.sentences import Sentence
from app.markup.code_languages import is_known

Note = Callable[..., None]
# Spaces that Python, a shell and most other languages reject. U+3000 is legitimate in a string or comment, so only at a line's
# start.
_ODD_SPACE = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f]")
_WIDE_INDENT = re.compile("^[ \t]*\u3000[ \t\u3000]*", re.M)
_WIDE_BETWEEN = re.compile(
    "^[!$-&(-~ \t\u3000]*\u3000", re.M
)  # before a quotation mark, a # or a letter of another script
# U+200D and U+FE0F also join emoji, between non-ASCII characters.
_INVISIBLE = re.compile(
    "[\u00ad\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]"
    "|(?<![^\x00-\x7f])\u200d|\u200d(?![^\x00-\x7f])"
)
_GUTTER = re.compile(
    r"(?<![\w-])(gutter|rouge-gutter|line-?numbers?(-rows)?|linenos?|line-?nos?|hljs-ln-numbers|pre-numbering|code-line-numbers?)(?![\w-])", re.I
)  # fmt: skip
_NAMED = re.compile(r"\b(?:lang|language|highlight-source|brush:\s*)-?\s*([A-Za-z][\w+#]*)", re.I)
_PYTHON_NAMES = {"python", "py", "python3", "ipython", "pycon"}
# Some editors label every code block like this, whatever it is.
_NAMED_BY_DEFAULT = {"js", "javascript"}
_PYTHON_STATEMENTS = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom, ast.For, ast.While, ast.With, ast.If, ast.Try,
    ast.Assert, ast.Raise, ast.Delete,
)  # fmt: skip
_PYTHON_LINE = re.compile(
    r"\s*(def \w+\(.*\).*:|class \w+.*:|import [a-z_]\w*(\.\w+)*( as \w+)?|from [\w.]+ import .+|for .+ in .+:|(el)?if .+:|else:|try:"
    r"|with .+:|while .+:|except.*:|@[\w.]+(\(.*\))?|print \S.*|elif .+:)\s*(#.*)?$"
)
_SCRIPT_LINE = re.compile(
    r";\s*(//.*)?$|[{}]\s*(//.*)?$|^\s*(//|/\*|\*/)|\b(function|var|let|const|new|typeof)\s|=>|===|\bconsole\.|\bdocument\.|\bnull\b"
)
_LONGEST_PARSED = 100_000


def tidy_code(root: Node, note: Note) -> None:
    """Turn each <pre> below `root` into one text; likewise a paragraph that consists of nothing but multi-line code."""
    for table in list(root.find("table")):
        _without_numbers(table, note)
    for node in list(_nodes(root)):
        is_paragraph_of_code = node.tag in {"p", "div"} and _lone_code(node) is not None
        if node.tag == "pre" or is_paragraph_of_code:
            _tidy(node, note)


def plain_code(text: str) -> str:
    """The same code with plain ASCII characters."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    text = _INVISIBLE.sub("", _ODD_SPACE.sub(" ", text).replace("\u0085", "\n"))
    text = _WIDE_INDENT.sub(lambda match: match[0].replace("\u3000", "  "), text)
    return _WIDE_BETWEEN.sub(lambda match: match[0].replace("\u3000", " "), text)


def language_of(node: Node, text: str) -> str:
    """The language to highlight: what the element says, unless that is plainly wrong; "text" if unknown."""
    named = _named_language(node)
    if named in _PYTHON_NAMES:
        return named
    if re.match(r"\s*>>> ", text):
        return "pycon"
    is_default = named in _NAMED_BY_DEFAULT
    is_script = any(_SCRIPT_LINE.search(line) for line in text.split("\n"))
    if _is_python(text) or (is_default and not is_script and _reads_like_python(text)):
        return "python"
    if is_default and not is_script:
        return "text"
    return named or "text"


def _without_numbers(table: Node, note: Note) -> None:
    """Code that stands in a table beside its line numbers: the table is only there for these."""
    cells = list(table.find("td", "th"))
    numbers = [
        cell
        for cell in cells
        if _GUTTER.search(cell.attrs.get("class", "")) and re.fullmatch(r"[\d\s]*", cell.text())
    ]
    code = [pre for cell in cells if cell not in numbers for pre in cell.find("pre")]
    if numbers and len(cells) == len(numbers) + 1 and len(code) == 1:
        note(table.line, Sentence(N_("the line numbers of this code were left out")))
        table.tag, table.attrs, table.children = "div", {}, [code[0]]


def _nodes(node: Node) -> Iterator[Node]:
    for child in node.nodes():
        yield child
        if child.tag != "pre":
            yield from _nodes(child)


def _lone_code(node: Node) -> Node | None:
    """The multi-line <code> that is the only content of a paragraph."""
    parts = [child for child in node.children if not isinstance(child, str) or child.strip()]
    if len(parts) != 1 or isinstance(parts[0], str) or parts[0].tag != "code":
        return None
    return parts[0] if any(parts[0].find("br")) else None


def _tidy(node: Node, note: Note) -> None:
    if any(node.find("img", "table", "video", "iframe")) and node.tag == "pre" and any(node.find("img")):
        return  # Not code alone: it is converted as what it is.
    if _without_gutter(node):
        note(node.line, Sentence(N_("the line numbers of this code were left out")))
    written = "".join(_lines(node.children, is_top=True))
    text = plain_code(written)
    if _INVISIBLE.search(written):
        note(node.line, Sentence(N_("invisible characters in this code were left out")))
    language = language_of(node, text)
    node.tag, node.attrs = "pre", {"data-language": language}
    node.children = [text.removesuffix("\n") if text.strip("\n") else ""]


def _without_gutter(node: Node) -> bool:
    found = False
    for child in list(node.nodes()):
        is_gutter = _GUTTER.search(child.attrs.get("class", "")) and re.fullmatch(r"[\d\s.]*", child.text())
        if is_gutter:
            node.children.remove(child)
            found = True
        else:
            found = _without_gutter(child) or found
    return found


def _lines(children: Sequence[Node | str], *, is_top: bool = False) -> Iterator[str]:
    """The text of code; each block element, and each of several <code>, goes on lines of its own."""
    codes = [child for child in children if isinstance(child, Node) and child.tag == "code"]
    begins_line = True
    for child in children:
        if isinstance(child, str):
            written = child
        elif child.tag == "br":
            written = "\n"
        else:
            written = "".join(_lines(child.children))
            is_line = (child.tag in BLOCKS and child.tag not in {"td", "th"}) or (
                is_top and len(codes) > 1 and child.tag == "code"
            )
            if is_line:
                written = ("" if begins_line else "\n") + written.removesuffix("\n") + "\n"
        if isinstance(child, str) and not child.strip() and "\n" in child and is_top and len(codes) > 1:
            continue  # whitespace between line elements
        if written:
            begins_line = written.endswith("\n")
            yield written


def _named_language(node: Node) -> str:
    elements = [node, *node.find("code")]
    for element in elements:
        for name in ("data-language", "data-lang", "lang", "language"):
            value = element.attrs.get(name, "").strip().lower()
            if is_known(value):
                return value
        names = element.attrs.get("class", "")
        candidates = [*_NAMED.findall(names), *re.split(r"\s+", names)]
        for candidate in candidates:
            if is_known(candidate.lower()):
                return candidate.lower()
    return ""


def _is_python(text: str) -> bool:
    """Whether it is Python, with a statement that no other language has."""
    if len(text) > _LONGEST_PARSED:
        return False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return any(isinstance(node, _PYTHON_STATEMENTS) for node in ast.walk(tree))


def _reads_like_python(text: str) -> bool:
    """For a fragment, or for Python with a `...` or a `!pip` in it."""
    return any(_PYTHON_LINE.match(line) for line in text.split("\n"))
