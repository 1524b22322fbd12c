"""The attempts of tests/injection_payloads.txt, and every place where an author or a column can put one."""

from pathlib import Path

from app.publishing.toml_writing import toml_string

# What a successful attempt runs, and where it would fetch from.
MARK, OUTSIDE = "pwned()", "evil.example"
_CHARACTERS = str.maketrans({"⏎": "\n", "␉": "\t", "␌": "\x0c", "␀": "\x00", "␁": "\x01"})

PAYLOADS = [
    line.translate(_CHARACTERS)
    for line in Path(__file__).with_name("injection_payloads.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("# ")
]


def lesson_text(payloads: list[str]) -> str:
    """A lesson with each payload as text, in a heading, a caption, a link, a table, code, a call-out, a formula and a drawing."""
    blocks = ["## Start {#start}"]
    for number, payload in enumerate(payloads):
        line = " ".join(payload.split())
        blocks += [
            payload,
            f"### {line}",
            f'![{line}](figures/attempt-{number}.svg "{line}")',
            f'![{line}](https://evil.example/{number}.png "{line}")',
            f"[{line}]({line}) and [{line}](<{line}>) and [{line}]{{term=t{number}}}",
            f"| {line} | b |\n|---|---|\n| c | {line} |",
            f"```{line}\n{payload}\n```",
            f"::: tip {line}\n{payload}\n:::",
            f"::: figure {line}\n{payload}\n:::",
            f"${line}$",
        ]
    return "\n\n".join(blocks) + "\n"


def lesson_toml(payloads: list[str]) -> str:
    """A lesson.toml with each payload as a term's name and definition, the first also as title and question."""
    first = toml_string(payloads[0])
    pair = f"{{ zh = {first}, en = {first} }}"
    lines = [f"title = {pair}", f"question = {pair}", "minutes = 1"]
    for number, payload in enumerate(payloads):
        text = toml_string(payload)
        lines += [
            "",
            "[[terms]]",
            f'key = "t{number}"',
            f"zh = {text}",
            f"en = {text}",
            f"definition = {{ zh = {text}, en = {text} }}",
        ]
    return "\n".join(lines) + "\n"


def drawings(payloads: list[str]) -> dict[str, bytes]:
    """An SVG for each payload, which has it as content and in an attribute."""
    quoted = [payload.replace('"', "'") for payload in payloads]
    return {
        f"figures/attempt-{number}.svg": f'<svg viewBox="0 0 9 9" class="{quoted[number]}"><g fill="{quoted[number]}">{payload}</g></svg>'.encode()
        for number, payload in enumerate(payloads)
    }


def column(payloads: list[str]) -> bytes:
    """A column's file with each payload in its text, in attributes, in a comment, a name and a reply."""
    html, comments = [], []
    for payload in payloads:
        line = " ".join(payload.split())
        quoted = line.replace('"', "'")
        html.append(
            f'<p data-nodeid="1">{payload}</p>\n<p><a href="{quoted}">x</a><img src="{quoted}" alt="{quoted}"></p>\n<h3>{line}</h3>'
        )
        comments.append(
            f"##### **{line}：\n> {payload}\n\n ###### &nbsp;&nbsp; 讲师回复：\n> &nbsp;{payload}\n"
        )
    return ("\n".join(html) + "\n\n---\n\n### 精选评论\n\n" + "\n".join(comments)).encode()
