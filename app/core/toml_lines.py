"""The line of a value in a TOML file: tomllib does not tell."""

import re

_HEADER = re.compile(r"^\s*(\[\[?)\s*([\w.\-\"']+)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"^\s*([\w\-]+|\"[^\"]*\"|'[^']*')((?:\s*\.\s*[\w\-]+)*)\s*=\s*(.*)$")
_STRINGS = re.compile(r'"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'')
Path = tuple[str | int, ...]


def toml_line(text: str, path: Path) -> int:
    """The 1-based line of the value at `path` (keys and indexes), or of the nearest part around it; 0 for none."""
    lines = _lines(text)
    wanted = tuple(part for part in path if not isinstance(part, str) or not part.startswith("function-"))
    while wanted:
        if wanted in lines:
            return lines[wanted]
        wanted = wanted[:-1]
    return 0


def _lines(text: str) -> dict[Path, int]:
    found: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    header: Path = ()
    open_key: Path = ()
    depth, element, quotes = 0, 0, None
    for number, line in enumerate(text.splitlines(), start=1):
        if quotes:
            if quotes in line:
                quotes = None
            continue
        bare = _STRINGS.sub("''", line).partition("#")[0]
        if depth:
            if depth == 1 and bare.lstrip().startswith(("{", "'", '"')):
                found.setdefault((*open_key, element), number)
                element += 1
            depth += _opened(bare)
        elif match := _HEADER.match(line):
            header = _header(match[2], match[1] == "[[", counts)
            found.setdefault(header, number)
        elif match := _KEY.match(line):
            open_key = (*header, match[1].strip("\"'"), *(p.strip() for p in match[2].split(".")[1:]))
            found.setdefault(open_key, number)
            depth, element = _opened(bare), 0
        quotes = next((q for q in ('"""', "'''") if line.count(q) % 2), None)
    return found


def _header(name: str, is_array: bool, counts: dict[Path, int]) -> Path:
    """`[[labs]]` -> ("labs", 0), then ("labs", 1); `[labs.goal]` -> ("labs", 1, "goal")."""
    path: Path = ()
    parts = [part.strip("\"' ") for part in name.split(".")]
    for index, part in enumerate(parts):
        path = (*path, part)
        is_last = index == len(parts) - 1
        if is_array and is_last:
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path


def _opened(line: str) -> int:
    """How many arrays and tables stay open after the line; `{` and `[` count alike, as both must close."""
    return line.count("[") - line.count("]") + line.count("{") - line.count("}")
