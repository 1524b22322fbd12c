"""The course check's messages in the reader's language.

A fault is found where no reader is known, by rules and parsers of Markdown, TOML and LaTeX, and its message is English. Here the
message is recognised by its fixed words, and translated with the same names and numbers. Unknown messages stay English.
"""

import re
from functools import lru_cache

from app.core.i18n import N_, gettext

_SENTENCES = (
    # texts
    N_("the picture {0} has no alternative text"),
    N_("the alternative text {0} does not say what the picture shows"),
    N_("the caption {0} is a placeholder"),
    N_("there is no picture {0}"),
    N_("no highlighting is known for {0}"),
    N_("hl={0} marks lines that the code does not have"),
    N_("there is no lesson {0} in this course"),
    N_("there is no #{0} in the lesson {1}"),
    N_("there is no #{0} in this lesson"),
    N_("the link {0} leads nowhere: expected https://…, mailto:…, #anchor, /path or lesson:folder"),
    N_("the term {0} is used before it is defined: the later lesson {1} defines it"),
    N_("the term {0} is defined in no lesson"),
    N_("a lesson's headings start at `##`: its title is in lesson.toml"),
    N_("the anchor #{0} is used twice"),
    N_("the anchor #{0} is one of the page's own"),
    N_("the formula {0} cannot be read: {1}"),
    N_("it is longer than {0} characters"),
    N_("it has more than {0} commands, brackets and scripts"),
    N_("it leaves more than {0} brackets open"),
    N_("`$$` without a formula: it needs its other `$$`, on lines of their own"),
    N_("`::: {0}` needs a name"),
    N_("`::: {0}` takes one name"),
    N_("`::: figure` takes one `run`"),
    N_("`::: {0}` must not stand inside another block"),
    N_("`::: {0}` is not closed by a line `:::`"),
    N_("there is no block `{0}`"),
    N_("{0} is not a valid lab name"),
    N_("{0} is not a valid question name"),
    N_("{0} is not a valid interactive figure name"),
    N_("there is no lab {0} in lesson.toml"),
    N_("there is no question {0} in quiz.toml"),
    N_("there is no interactive figure {0}"),
    N_("the lab {0} is placed twice"),
    N_("the question {0} is placed twice"),
    N_("the interactive figure {0} is placed twice"),
    N_("laying out this text takes too long, or too much memory: it is shown as it was typed"),
    N_("expected an <svg> element"),
    N_("this drawing takes too long to read"),
    # files
    N_("there is no course.toml"),
    N_("this is not UTF-8"),
    N_("this file is missing"),
    N_("this file belongs to nothing: pictures go into figures/, as svg, png, jpg, webp or gif"),
    N_("this is no {0} picture"),
    N_("there is a NUL character in this file"),
    N_("this language is missing: the file is empty"),
    N_("this language is missing: its readers are shown the other one"),
    N_("there is no text yet: a lesson is written in zh.md, in en.md, or in both"),
    N_("this text is needed in Chinese, in English, or in both"),
    N_("the lesson {0} is listed twice"),
    N_("there is no folder for the lesson {0}"),
    N_("`needs` names the lesson {0}, which is not in this course"),
    N_("`needs` names {0}, which comes later in the course"),
    N_("the lab {0} needs the recipe {1}, which does not exist"),
    N_("the lab {0} needs the recipe {1}, whose data set {2} does not exist"),
    N_("the lab {0}: {1} has no setting {2}"),
    N_("the lab {0}: {1}"),
    N_("the lab {0} is placed nowhere in this text"),
    N_("the question {0} is placed nowhere in this text"),
    N_("the other language has a heading #{0}, this one has not"),
    N_("{0} is a file's name, not a title"),
    N_("{0} is a placeholder"),
    # lesson.toml and quiz.toml
    N_("a question without options needs `why`"),
    N_("the key {0} is used twice"),
    N_("the {0} key {1} is used twice"),
    N_('a guess of kind "number" needs `metric`'),
    N_('a guess of kind "choice" needs at least two `options`'),
    N_("`answer` is none of the values of the `options`"),
    N_("a condition names exactly one of `metric`, `setting` and `outcome`"),
    N_("a condition needs `at_least`, `at_most` or `equals`"),
    N_("Field required"),
    N_("Extra inputs are not permitted"),
    N_("Value error, {0}"),
    N_("Input should be a valid string"),
    N_("Input should be a valid integer"),
    N_("Input should be a valid number"),
    N_("Input should be a valid boolean"),
    N_("Input should be a valid list"),
    N_("Input should be a valid dictionary"),
    N_("Input should be a valid dictionary or instance of {0}"),
    N_("Input should be greater than or equal to {0}"),
    N_("Input should be less than or equal to {0}"),
    N_("Input should be greater than {0}"),
    N_("Input should be less than {0}"),
    N_("Input should be {0}"),
    N_("String should have at least {0} character"),
    N_("String should have at least {0} characters"),
    N_("String should have at most {0} characters"),
    N_("String should match pattern {0}"),
    N_("List should have at least {0} items after validation, not {1}"),
    N_("List should have at least {0} item after validation, not {1}"),
    N_("List should have at most {0} items after validation, not {1}"),
    N_("{0} (at line {1}, column {2})"),
    N_("{0} (at end of document)"),
    N_("Expected '=' after a key in a key/value pair"),
    N_("Expected newline or end of document after a statement"),
    N_("Invalid statement"),
    N_("Invalid value"),
    N_("Invalid initial character for a key part"),
    N_("Unterminated string"),
    N_("Unclosed array"),
    N_("Unclosed inline table"),
    N_("Cannot overwrite a value"),
    N_("Illegal character {0}"),
)
_AT = N_("{place}: {message}")
_PLACE = re.compile(r"([\w.-]+(?::\d+)?): (.+)", re.S)
_GAP = re.compile(r"\\\{\d\\\}")


def spoken_fault(message: str) -> str:
    """The message of a fault in the language of the current request."""
    for template, pattern in _patterns():
        match = pattern.fullmatch(message)
        if match:
            return gettext(template).format(
                *(spoken_fault(part) if " " in part else part for part in match.groups())
            )
    place = _PLACE.fullmatch(message)
    return gettext(_AT).format(place=place[1], message=spoken_fault(place[2])) if place else message


@lru_cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    """Most fixed words first: "the lab {0}: {1}" is less specific than "the lab {0}: {1} has no setting {2}"."""
    ordered = sorted(_SENTENCES, key=lambda template: -len(re.sub(r"\{\d\}", "", template)))
    return [(each, re.compile(_GAP.sub("(.+?)", re.escape(each)), re.S)) for each in ordered]
