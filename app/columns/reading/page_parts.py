"""Classifying the parts of a column's page: blocks, pictures, captions, and groups of them verified separately."""

import re
from collections.abc import Sequence

from app.columns.reading.html_tree import BLOCKS, BOXES, DROPPED, HEADINGS, Node

# A picture after such words is not part of the sentence.
_ENDS_SENTENCE = re.compile(
    r"([：:。！？!?；;…]|(?<!\w)\.|(图|表)?所示[，,]?|如下|(如|见)?(下|上)?图|below|following)\s*$", re.I
)
CAPTION = re.compile(r"\s*(图|表|Figure|Fig\.|Table)\s*\d", re.I)
_FRAMES = DROPPED | {
    "video",
    "audio",
    "iframe",
    "object",
    "embed",
    "input",
    "select",
    "textarea",
    "button",
    "math",
    "svg",
    "canvas",
}


def opened(children: Sequence[Node | str]) -> list[Node | str]:
    """Boxes around blocks are unwrapped, so that each block is verified separately. One box may contain a whole lesson."""
    parts: list[Node | str] = []
    for child in children:
        is_box = isinstance(child, Node) and child.tag in BOXES and any(is_block(c) for c in child.children)
        if isinstance(child, Node) and is_box and not is_caption(child):
            # Marks the edge: loose text before or after the box is another paragraph.
            parts += [Node("div", child.line), *opened(child.children), Node("div", child.line)]
        else:
            parts.append(child)
    return parts


def groups(children: Sequence[Node | str]) -> list[list[Node | str]]:
    """Parts verified separately: a block with its caption, or what is between blocks."""
    groups: list[list[Node | str]] = []
    for child in children:
        begins = is_block(child)
        is_white = not child.strip() if isinstance(child, str) else not child.children and child.tag == "div"
        joins = groups and (
            is_white
            or (isinstance(child, Node) and is_caption(child) and any(is_picture(c) for c in groups[-1]))
            or (not begins and not any(is_block(c) for c in groups[-1]))
        )
        if joins:
            groups[-1].append(child)
        else:
            groups.append([child])
    return groups


def is_block(child: Node | str) -> bool:
    """Also an inline element that contains a block."""
    return isinstance(child, Node) and (
        child.tag in BLOCKS or child.tag in DROPPED or any(is_block(c) for c in child.nodes())
    )


def has_colour(node: Node) -> bool:
    style = node.attrs.get("style", "") + node.attrs.get("color", "") * (node.tag == "font")
    return bool(node.text().strip()) and (
        node.tag in {"u", "ins", "mark"} or bool(re.search(r"color|background|underline|#|^\w+$", style))
    )


def is_frame(child: Node | str) -> bool:
    """Something that is reported separately, because lessons have no counterpart."""
    if isinstance(child, str):
        return False
    return child.tag in _FRAMES or any(child.find(*_FRAMES))


def is_picture(child: Node | str) -> bool:
    return isinstance(child, Node) and not child.text().strip() and next(child.find("img"), None) is not None


def is_caption(node: Node) -> bool:
    if node.tag == "figcaption":
        return True
    if any(node.find("img", "table", "pre", "ul", "ol", *HEADINGS)) or node.tag not in {"p", "div", "center"}:
        return False
    text = node.text().strip()
    centred = any(
        "center" in n.attrs.get("style", "") + n.attrs.get("align", "") for n in (node, *node.find("p"))
    )
    return bool(text) and len(text) < 300 and (centred or node.tag == "center" or bool(CAPTION.match(text)))


def without_tables(node: Node) -> list[Node | str]:
    children: list[Node | str] = []
    for child in node.children:
        if isinstance(child, str) or child.tag not in {
            "tbody",
            "thead",
            "tfoot",
            "tr",
            "td",
            "th",
            "caption",
            "colgroup",
        }:
            children.append(child)
        else:
            children.append(Node("div", child.line, {}, without_tables(child)))
    return children


def flat(children: Sequence[Node | str]) -> list[Node | str]:
    """A cell's content without its blocks, which become text separated by spaces."""
    parts: list[Node | str] = []
    for child in children:
        if isinstance(child, Node) and child.tag == "pre":
            lines = [
                Node("code", child.line, {}, [line]) for line in child.text().split("\n") if line.strip()
            ]
            parts += [part for line in lines for part in (" ", line)]
        elif isinstance(child, Node) and is_block(child):
            parts += [" ", *flat(child.children), " "]
        else:
            parts.append(child)
    return parts


def first_line(group: Sequence[Node | str]) -> int:
    return next((child.line for child in group if isinstance(child, Node)), 0)


def is_apart(before: str, after: str) -> bool:
    """Whether a picture between these words of a line is not part of their sentence."""
    before, after = before.strip(), after.strip()
    begins = not before or bool(_ENDS_SENTENCE.search(before))
    return begins and (not after or bool(CAPTION.match(after)))
