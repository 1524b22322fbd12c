"""HTML of a column's lesson as clean Markdown. No text is lost: every block is rendered again and compared with its source."""

import re
from collections.abc import Callable, Sequence
from html import unescape
from typing import Any

from app.columns.reading.code_blocks import tidy_code
from app.columns.reading.formula_pictures import as_pictures
from app.columns.reading.html_tree import DROPPED, HEADINGS, Node, read_html, shortened
from app.columns.reading.markdown_inline import BREAK, Inline
from app.columns.reading.page_parts import (
    first_line,
    flat,
    groups,
    has_colour,
    is_block,
    is_caption,
    is_frame,
    opened,
    without_tables,
)
from app.columns.reading.seen import difference, seen, seen_in_html
from app.core.i18n import N_
from app.core.sentences import Sentence
from app.markup.context import Context
from app.markup.lesson_markdown import render_lesson
from app.markup.markdown_escapes import escape_line, escape_text, only_text
from app.web.fields import number_from

PICTURE_ALONE = re.compile(r"!\[(?:[^\\\]]|\\.)*\]\([^\s\"]+\)")
_MARKS = re.compile(r"<[^>]*>")
_WHITE = re.compile(r"[\s\u200b\ufeff]+")
_SPACES = re.compile(r"[ \t\r\n\f]+")
_NO_MARKS = N_("the bold or italic type of this part does not work in Markdown and was left out")
_ONLY_WORDS = N_("this part could not be written in Markdown; its words stay")
_OTHER_WORDS = N_("the file shows “{before}” here, readers will see “{after}”")
_OTHER_TYPE = N_(
    "the type of this part (bold, italic, code, below or above the line) is not that of the file: {before}"
)
_LEFT_OUT = N_("<{tag}> was left out: {text}")
Note = Callable[[int, str], None]


def html_to_markdown(
    html: str, first_line: int, note: Note, keep_picture: Callable[[str], str | None]
) -> str:
    """Markdown of `html`. `keep_picture` stores an inline picture (data: URI) and returns its name."""
    root = read_html(html, first_line, note)
    tidy_code(root, note)
    as_pictures(root)
    coloured = next(filter(has_colour, root.find("u", "ins", "mark", "font", "span")), None)
    if coloured is not None:
        note(
            coloured.line,
            Sentence(N_("from here on underlines and colours were left out: Markdown has none")),
        )
    levels = [int(node.tag[1]) for node in root.find(*HEADINGS)]
    writer = _Writer(note, keep_picture, min(levels, default=2))
    return "\n\n".join(block for block in writer.verified(root.children) if block.strip()) + "\n"


class _Writer:
    def __init__(self, note: Note, keep_picture: Callable[[str], str | None], top_level: int) -> None:
        self.note, self.top_level = note, top_level
        self.inline = Inline(note, keep_picture)

    def verified(self, children: Sequence[Node | str]) -> list[str]:
        """Blocks whose rendering matches the source; where it would not, the block falls back to plain text."""
        blocks = []
        for group in groups(opened(children)):
            written, line = self.blocks(group), first_line(group)
            if not self.says(written, group):
                self.note(line, Sentence(_NO_MARKS))
                with self.inline.without_marks():
                    written = self.blocks(group)
                    if not self.says(written, group):
                        written = [only_text(each.text) for each in seen(group, self.inline)]
                        self.note(line, Sentence(_ONLY_WORDS))
            if not any(is_frame(child) for child in group):
                self.compare(group, written)
            blocks += written
        return blocks

    def says(self, blocks: Sequence[str], group: Sequence[Node | str]) -> bool:
        """Whether no word of `group` is missing, ignoring styles and line breaks."""
        return _squeeze(_rendered_words("\n\n".join(blocks))) == _squeeze(self.inline.words(group))

    def compare(self, group: Sequence[Node | str], written: Sequence[str]) -> None:
        """Note where a reader will see something that differs from the file."""
        before = seen(group, self.inline)
        found = difference(before, seen_in_html(_rendered("\n\n".join(written))))
        if found is None:
            return
        template = _OTHER_TYPE if found.before == found.after else _OTHER_WORDS
        self.note(first_line(group), Sentence(template, before=found.before, after=found.after))

    def blocks(self, children: Sequence[Node | str]) -> list[str]:
        """The blocks of mixed content: block elements, and paragraphs of what is between them."""
        blocks: list[str] = []
        loose: list[Node | str] = []
        for child in [*children, None]:
            if child is not None and not is_block(child):
                loose.append(child)
                continue
            blocks += self.paragraphs(loose)
            loose = []
            if isinstance(child, Node):
                written = self.block(child)
                if blocks and written and is_caption(child) and PICTURE_ALONE.fullmatch(blocks[-1]):
                    caption = _SPACES.sub(" ", self.inline.words(child.children)).strip()
                    blocks[-1] = (
                        f'{blocks[-1][:-1]} "{escape_text(caption).replace(chr(34), chr(92) + chr(34))}")'
                    )
                else:
                    blocks += written
        return blocks

    def block(self, node: Node) -> list[str]:
        tag = node.tag
        if tag in DROPPED:
            return self.dropped(node)
        if tag in HEADINGS:
            return self.heading(node)
        match tag:
            case "ul" | "ol":
                return self.items(node)
            case "pre":
                return [self.code(node)]
            case "blockquote":
                return [_indent("\n\n".join(self.blocks(node.children)), "> ", "> ")]
            case "hr":
                return ["* * *"]
            case "table":
                return self.table(node)
            case "video" | "audio" | "iframe" | "object" | "embed":
                return self.frame(node)
            case "dt":
                return self.blocks([Node("strong", node.line, {}, node.children)])
            case _:
                return self.blocks(node.children)

    def paragraphs(self, children: Sequence[Node | str]) -> list[str]:
        """A picture is a block of its own; two line breaks in a row end a paragraph."""
        if not any(not isinstance(child, str) or child.strip() for child in children):
            return []
        text = self.inline.write(children)
        blocks = []
        for part in re.split(rf"\s*{BREAK}(?:\s*{BREAK})+\s*", text):
            for piece in self.inline.split_pictures(part):
                lines = [escape_line(line.strip()) for line in piece.split(BREAK)]
                kept = "\\\n".join(line for line in lines if line)
                if kept:
                    blocks.append(kept)
        return blocks

    def heading(self, node: Node) -> list[str]:
        """A one-line heading; one that is only a picture is not a heading."""
        written = self.inline.write(node.children).replace(BREAK, " ")
        if not node.text().strip():
            return self.inline.split_pictures(written)
        text = " ".join(self.inline.put_pictures(written).split())
        level = min(int(node.tag[1]) - self.top_level + 2, 6)
        return [f"{'#' * level} {text}"]

    def items(self, node: Node) -> list[str]:
        written, number = (
            [],
            number_from(node.attrs.get("start", "1"), otherwise=1),
        )
        for child in node.children:
            if isinstance(child, str) or child.tag != "li":
                content = self.blocks([child])
            else:
                content = self.blocks(child.children)
            if not content:
                continue
            mark = f"{min(number, 999_999_999)}. " if node.tag == "ol" else "- "
            written.append(_indent("\n\n".join(content), mark, " " * len(mark)))
            number += 1
        is_loose = any("\n\n" in item for item in written)
        return [("\n\n" if is_loose else "\n").join(written)] if written else []

    def code(self, node: Node) -> str:
        """As `tidy_code` left it."""
        text, info = node.text(), node.attrs.get("data-language", "text")
        fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", text)), default=0))
        return f"{fence}{info}\n{text}\n{fence}"

    def table(self, node: Node) -> list[str]:
        """A table of text cells; spanning cells are reported, their text is kept."""
        captions = [block for caption in node.find("caption") for block in self.blocks(caption.children)]
        rows = [
            [self.cell(cell) for cell in row.nodes() if cell.tag in {"td", "th"}] for row in node.find("tr")
        ]
        rows = [row for row in rows if row]
        loose = [child for child in node.children if isinstance(child, str) and child.strip()]
        if not rows or loose or any(True for _ in node.find("table")):
            self.note(
                node.line,
                Sentence(
                    N_("this table has no rows, or another table in it: its text stays, the table goes")
                ),
            )
            return self.blocks([Node("div", node.line, {}, without_tables(node))])
        if any(
            cell.attrs.get(name, "1") != "1"
            for cell in node.find("td", "th")
            for name in ("colspan", "rowspan")
        ):
            self.note(
                node.line, Sentence(N_("a cell of this table spans several; Markdown has no such cells"))
            )
        width = max(map(len, rows))
        lines = [f"| {' | '.join(row + [''] * (width - len(row)))} |" for row in rows]
        return [*captions, "\n".join([lines[0], "|" + " --- |" * width, *lines[1:]])]

    def cell(self, cell: Node) -> str:
        with self.inline.in_cell():
            written = self.inline.put_pictures(self.inline.write(flat(cell.children)).replace(BREAK, " "))
        return _SPACES.sub(" ", written).strip()

    def frame(self, node: Node) -> list[str]:
        """Embedded players and frames become a link to their address."""
        addresses = [
            n.attrs.get("src") or n.attrs.get("data") or "" for n in (node, *node.find("source", "embed"))
        ]
        address = next((a for a in addresses if re.match(r"(https?:)?//", a)), None)
        is_hidden = node.tag == "iframe" and node.is_closed
        inside = (
            []
            if is_hidden
            else self.blocks([c for c in node.children if isinstance(c, str) or c.tag != "source"])
        )
        template = (
            N_("<{tag}> became a link")
            if address
            else N_("<{tag}> has no address on the web and was left out")
        )
        self.note(node.line, Sentence(template, tag=node.tag))
        if is_hidden and node.text().strip():
            self.note(node.line, Sentence(_LEFT_OUT, tag=node.tag, text=shortened(node.text())))
        link = self.inline.link(address, address) if address else None
        return [*([link] if link else []), *inside]

    def dropped(self, node: Node) -> list[str]:
        text = node.text()
        if node.is_closed or not text.strip():
            words = shortened(text)
            template = _LEFT_OUT if words else N_("<{tag}> was left out")
            self.note(node.line, Sentence(template, tag=node.tag, text=words))
            return []
        return self.blocks(node.children)


def _indent(text: str, first: str, others: str) -> str:
    lines = text.split("\n")
    return "\n".join([first + lines[0], *(others + line if line else others.rstrip() for line in lines[1:])])


def _rendered(markdown: str) -> str:
    segments: list[dict[str, Any]] = render_lesson(markdown, Context()).segments
    return " ".join(segment.get("html", "") for segment in segments)


def _rendered_words(markdown: str) -> str:
    alts = re.sub(r'<img [^>]*alt="([^"]*)"[^>]*>', r" \1 ", _rendered(markdown))
    return unescape(_MARKS.sub("", alts))


def _squeeze(text: str) -> str:
    return _WHITE.sub("", text.replace(BREAK, ""))
