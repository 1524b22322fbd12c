"""Mentions: `@[name](user:<id>)` in a text.

A mention is stored by id, without the name: readers see the name that its owner shows them on the day they read. So the
name is removed before the text is stored, and put back wherever the text, or its HTML, is shown.

The author sees only `@name`: a hidden field of the form maps each name to a user, in the notation above. In code `@name` is plain
text: it stays as typed.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from markupsafe import escape
from sqlalchemy import select
from sqlalchemy.orm import Session, load_only

from app.accounts.models import User
from app.accounts.names import public_name
from app.board.text.code import outside_code
from app.board.text.mention_rule import MENTION, UUID_PATTERN

# More than a form can send, with the longest names: a longer text is left unchanged.
_MOST = 64_000
# What a mention becomes in the HTML of a stored comment; nothing that an author writes can render to this.
STORED = re.compile(rf'<a class="mention" href="/people/({UUID_PATTERN})"[^>]*>@</a>')
# The notation in code stored this way, where it does not become a link.
_IN_CODE = re.compile(rf"@\[([^\[\]\n<>]{{0,80}})\]\(user:({UUID_PATTERN})\)")
# An innermost quotation.
_QUOTATION = re.compile(r"<blockquote>(?:(?!</?blockquote>).)*</blockquote>", re.DOTALL)
_NO_BRACKETS = str.maketrans("", "", "[]\n")

Names = Mapping[UUID, str]
Replacement = Callable[[re.Match[str]], str]


def mentioned_in(html: str) -> list[UUID]:
    """The ids of the users that a comment's stored HTML addresses: not those mentioned in quotations."""
    return list(dict.fromkeys(map(UUID, STORED.findall(without_quotations(html)))))


def without_quotations(html: str) -> str:
    quotations = 1
    while quotations:
        html, quotations = _QUOTATION.subn(" ", html)
    return html


def ids_in_text(body: str) -> set[UUID]:
    return {UUID(match[2]) for match in MENTION.finditer(body)}


def as_read(body: str) -> str:
    """The text with `@name` for each mention, which is the length its author counts."""
    return MENTION.sub(lambda match: f"@{match[1]}", body)


def without_names(body: str) -> str:
    """A text as it is stored. In code a name stays, as plain text."""
    return _outside_code(
        body,
        lambda match: f"@[](user:{match[2].lower()})",
        lambda match: f"@{match[1]}" if match[1] else match[0],
    )


def _outside_code(body: str, change: Replacement, in_code: Replacement) -> str:
    if not MENTION.search(body):
        return body
    return outside_code(body, partial(MENTION.sub, change), partial(MENTION.sub, in_code))


def names_of(session: Session, ids: Iterable[UUID]) -> Names:
    """The public names of these users; deleted users are left out."""
    wanted = set(ids)
    if not wanted:
        return {}
    columns = load_only(User.name, User.role, User.shows_name)
    found = session.scalars(select(User).where(User.id.in_(wanted)).options(columns))
    return {user.id: public_name(user) for user in found}


def with_names(session: Session, body: str) -> str:
    """The text with the names that readers may see: for editing, quoting or exporting."""
    names = names_of(session, ids_in_text(body))
    return _outside_code(
        body,
        lambda match: _notation(_name(names, match[2]), match[2]),
        lambda match: f"@{_name(names, match[2])}",
    )


@dataclass(frozen=True)
class Typed:
    """A text as its author sees it, with `@name` for each mention; `mentions` maps the names to users."""

    text: str
    mentions: str


def as_typed(body: str) -> Typed:
    """The form that `as_written` turns back into `body`. If that is impossible (`@name` is also in it as plain text), `body` itself."""
    labels = _labels(body) if len(body) <= _MOST else {}
    if not labels:
        return Typed(body, "")
    text = MENTION.sub(lambda m: f"@{labels[m[2].lower()]}" if m[2].lower() in labels else m[0], body)
    typed = Typed(text, "".join(_notation(label, identity) for identity, label in labels.items()))
    is_same = without_names(as_written(typed.text, typed.mentions)) == without_names(body)
    return typed if is_same else Typed(body, "")


def as_written(text: str, mentions: str) -> str:
    """The text with its mentions in full."""
    ids = {name: identity for name, identity in MENTION.findall(mentions) if name}
    if not ids:
        return text
    names = "|".join(re.escape(name) for name in sorted(ids, key=len, reverse=True))
    typed = re.compile(rf"(?<![A-Za-z0-9_])@({names})(?![A-Za-z0-9_])")
    return outside_code(text, partial(typed.sub, lambda match: _notation(match[1], ids[match[1]])))


def _labels(body: str) -> dict[str, str]:
    """How the author sees the mentioned users, by lower-case id. Masked names are often the same: the second is *n(2)."""
    labels: dict[str, str] = {}
    taken: set[str] = set()
    numbers: dict[str, int] = {}  # the last number given, by name
    for name, identity in MENTION.findall(body):
        if not name or identity.lower() in labels:
            continue
        label = name
        while label in taken:
            numbers[name] = numbers.get(name, 1) + 1
            label = f"{name}({numbers[name]})"
        taken.add(label)
        labels[identity.lower()] = label
    return labels


def _notation(name: str, identity: str) -> str:
    return f"@[{name.translate(_NO_BRACKETS)}](user:{identity})"


def ids_in_html(pieces: Sequence[str]) -> set[UUID]:
    """The ids of all users whose names appear in these pieces of stored HTML."""
    found = {UUID(identity) for html in pieces for identity in STORED.findall(html)}
    return found | {
        UUID(identity) for html in pieces if "](user:" in html for _n, identity in _IN_CODE.findall(html)
    }


def html_with_names(html: str, names: Names) -> str:
    def link(match: re.Match[str]) -> str:
        name = _name(names, match[1])
        if UUID(match[1]) not in names:
            return f'<span class="mention">@{escape(name)}</span>'
        title = getattr(name, "badge", "")
        badge = f' <span class="badge">{escape(title)}</span>' if title else ""
        return f'<a class="mention" href="/people/{match[1]}">@{escape(name)}</a>{badge}'

    html = STORED.sub(link, html)
    if "](user:" not in html:
        return html
    return _IN_CODE.sub(lambda match: f"@{escape(_name(names, match[2]))}", html)


def _name(names: Names, identity: str) -> str:
    return names.get(UUID(identity)) or public_name(None)
