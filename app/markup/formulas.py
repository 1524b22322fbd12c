"""Checks that keep LaTeX from hanging or crashing the formula parser."""

import re
from collections.abc import Iterator

# The parser is recursive, and crashes the process on deep nesting: some 400 levels in a thread with half a
# megabyte of stack. Commands, brackets and scripts nest; the lessons' longest formula has 16 of them.
LONGEST_FORMULA = 2000
MOST_PARTS = 200
# Each unclosed bracket doubles its attempts: 16 take milliseconds, 40 would take years. `[0, 1)` is fine.
MOST_UNCLOSED = 8
_PARTS = re.compile(r"\\[A-Za-z]+|[{(\[^_]")
# In order: a size with its bracket, which is one token; a named bracket; any other command; a bracket.
_BRACKETS = re.compile(
    r"""(?P<sized> \\ (?:left|right|middle|[bB]igg?[lrm]?) \s* (?: \\[A-Za-z]+ | \\. | . ))
    | (?P<opens> \\ (?: l(?:angle|brace|brack|bracket|Bracket|ceil|floor|group|moustache|paren|Vert|vert)
                     | [lu]lcorner | ll\w+ | \{ ) (?![A-Za-z]) )
    | (?P<closes> \\ (?: r(?:angle|brace|brack|bracket|Bracket|ceil|floor|group|moustache|paren|Vert|vert)
                      | [lu]rcorner | rr\w+ | \} ) (?![A-Za-z]) )
    | \\[A-Za-z]+ | \\.
    | (?P<begins> \{ ) | (?P<ends> \} )
    | (?P<plain_opens> [(\[⟨⌈⌊⟦] ) | (?P<plain_closes> [)\]⟩⌉⌋⟧] )""",
    re.VERBOSE | re.DOTALL,
)


def check_formula(formula: str) -> None:
    """Raises ValueError for a formula that is too long, too deep, or has too many unclosed brackets."""
    if len(formula) > LONGEST_FORMULA:
        raise ValueError(f"it is longer than {LONGEST_FORMULA} characters")
    if len(_PARTS.findall(formula)) > MOST_PARTS:
        raise ValueError(f"it has more than {MOST_PARTS} commands, brackets and scripts")
    if sum(_unclosed(formula)) > MOST_UNCLOSED:
        raise ValueError(f"it leaves more than {MOST_UNCLOSED} brackets open")


def _unclosed(formula: str) -> Iterator[int]:
    """Number of unclosed brackets in each brace group; any kind closes any other, as in `[0, 1)`."""
    groups = [0]
    for match in _BRACKETS.finditer(formula):
        match match.lastgroup:
            case "opens" | "plain_opens":
                groups[-1] += 1
            case "closes" | "plain_closes":
                groups[-1] = max(0, groups[-1] - 1)
            case "begins":
                groups.append(0)
            case "ends" if len(groups) > 1:
                yield groups.pop()
    yield from groups
