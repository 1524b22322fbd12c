"""Placeholder texts that an author still has to replace: from templates, the editor, importers, and file names."""

import re

# Normalised by `_bare`. A text of a lesson never consists of one of these.
_SENTENCES = frozenset(
    {
        "which question does this lesson answer",
        "这一讲回答什么问题",
        "这一课回答什么问题",
        "what the picture shows",
        "what it shows, in a sentence",
        "to be translated",
        "to be written",
        "待翻译",
        "待补充",
        "lorem ipsum",
    }
)
# These may be a term or an answer, but not a title, a caption or a description of a picture.
_WORDS = frozenset(
    {
        "what it shows",
        "图里画的是什么",
        "caption",
        "图注",
        "alt",
        "alt text",
        "alternative text",
        "替代文本",
        "替代文字",
        "title",
        "untitled",
        "标题",
        "无标题",
        "todo",
        "tbd",
    }
)
_DOTS = re.compile(r"[.。…\s]{2,}|…")
_PICTURE_FILE = re.compile(
    r"[^\s/]+( ?\d+)?\.(png|jpe?g|gif|webp|svg|bmp)|(drawing|image|img|picture|图片)\s*[\d.]*", re.I
)
_FILE = re.compile(r"\S.*\.(md|markdown|html?|txt|docx?|pdf|ipynb|png|jpe?g|gif|webp|svg)", re.I)


def is_template_sentence(text: str) -> bool:
    """True for a template's placeholder, and for nothing but dots."""
    return _bare(text) in _SENTENCES or bool(_DOTS.fullmatch(text.strip()))


def is_template_word(text: str) -> bool:
    """The same for a title, a caption or a picture's description, where fewer words are meaningless."""
    return is_template_sentence(text) or _bare(text) in _WORDS


def is_file_name(text: str) -> bool:
    return bool(_FILE.fullmatch(text.strip()))


def describes_a_picture(alt: str) -> bool:
    """False for an empty text, a file name, and template placeholders."""
    alt = alt.strip()
    return bool(alt) and not _PICTURE_FILE.fullmatch(alt) and not is_template_word(alt)


def _bare(text: str) -> str:
    return text.strip(" \t\n.。?？!！:：()（）[]【】<>《》").casefold()
