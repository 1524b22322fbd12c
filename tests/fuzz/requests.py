"""Random requests, the same for the same seed: every route, its own fields, and boundary values for parsers."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant

from app.web.forms import Form
from tests.fuzz.world import ACTORS, World

Header = tuple[bytes, bytes]

EDGES = [
    "", " ", "0", "-1", "1", "2", "1e309", "nan", "inf", "-inf", "1e-320", "0x10", "1_0", "٣", "²", "½", "十", "true", "on", "null", "[]", "{}", "x",
    *(str(2**bits + more) for bits in (15, 31, 32, 53, 63, 64, 127) for more in (-1, 0, 1)), str(-(2**63) - 1), "9" * 30, "9" * 5000, "-" + "9" * 400,
    "0001-01-01", "9999-12-31", "10000-01-01", "2024-02-30", "-0001-01-01", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999-23:59",
    "0001-01-01T00:00:00+23:59", "9999-12-31T23:59", "0001-01-01T00:00", "2026-01-01T00:00:00", "2026-11-30T10:00:00+00:00", "1e18", "99999999999999999999-0",
    "0-0", "18446744073709551615-18446744073709551615", "1-1-1", "00000000-0000-0000-0000-000000000004", "0" * 32, "{00000000-0000-0000-0000-000000000004}",
    "urn:uuid:00000000-0000-0000-0000-000000000004", "../../etc/passwd", "..%2f..%2f", "//evil.example", "http://[", "javascript:1", "/\\evil", "a/b", ".", "..",
    "\x00", "a\x00b", "\ufeff", "\u202e", "\U0001f600" * 50, "\ud7ff\ue000\uffff", "e\u0301" * 300, "\ufdfa" * 40, "ﬀ", "\r\nX: y", "\n" * 50, "\t", "'", '"', "%", "%%", "%s",
    "{0.__class__}", "{{7*7}}", "<b>x</b>", "$$x$$", "`" * 60, "[" * 200, "> " * 200, "* " * 200, "a" * 300, "a" * 5000, "槐" * 2000, "1." + "0" * 400, "1.1.1",
    ".".join(["0", "1", "0", "9" * 30, "0" * 32]), ".".join(["0", "9" * 4999, "0", "1", "0" * 32]), f"{'9' * 20}.{'0' * 32}", f"{'9' * 40}-{'0' * 32}",
    "place:class,user", "wall:9999-99-99", "wall:0001-01-01", "user,user,user", "place:lesson:x", "place:", ":", ",", "UTC", "Asia/Shanghai", "../zone", "single", "mnist-mlp",
]  # fmt: skip
FIELD_NAMES = [
    "next", "name", "password", "language", "theme", "version", "zh.md", "en.md", "lesson.toml", "quiz.toml", "place", "answer", "order-1", "order-2", "choice", "act", "body",
    "mentions", "reply_to", "request_key", "stamp", "thread", "on", "goal", "goal-conditions-0-metric", "goal-conditions-0-equals", "options-0-text-zh", "options-0",
    "options-0-correct", "options-9999999999999999999999-text-zh", "key", "kind", "recipe", "values-epochs", "modes-epochs", "title-zh", "prompt-zh", "epochs", "batch_size",
    "learning_rate", "seed", "train_size", "rating", "csrf_token", "0", "1", "comment-reply", "page", "file",
]  # fmt: skip
# Valid values, so that a request gets as far as its invalid field.
GOOD = {
    "title_zh": "题目", "title_en": "A title", "summary_zh": "一句话", "summary_en": "A sentence", "question_zh": "为什么？", "question_en": "Why?",
    "publish_at": "2027-01-01T10:00", "offset": "-480", "direction": "up", "day": "2026-11-01", "note": "why it learns", "zone": "Asia/Shanghai", "weekly_goal": "3",
    "reminder_hour": "8", "body": "what happens when the rate is large", "act": "send", "on": "true", "reason": "spam", "decision": "approve", "seen": "x",
    "reported_until": "2026-11-01T10:00:00+00:00", "language": "zh", "text": "a thought", "quote": "a passage", "anchor": "top", "fraction": "0.5", "shown": "yes",
    "password": "a sentence of my own!", "new_password": "another sentence of mine", "deletion_password": "not this one", "address": "ming@example.org", "course": "column",
    "role": "student", "thread": "class", "since": "2026-01-01T00:00:00Z", "topics": "place:class,user", "page": "1", "year": "2026", "key": "new-part", "kind": "number",
    "recipe": "mnist-mlp", "prompt-zh": "多少？", "prompt-en": "How many?", "answer": "1", "before": "1767225600000000.00000000000000000000000000000004", "limit": "5",
    "after": "0.3.0.1767225600000000.00000000000000000000000000000004", "epochs": "1", "batch_size": "16", "learning_rate": "0.01", "seed": "7", "train_size": "500",
    "title-zh": "实验", "title-en": "A lab", "goal-conditions-0-metric": "test_accuracy", "goal-conditions-0-equals": "1",
    "starts_on": "2026-09-01", "ends_on": "2027-01-31", "due_on": "2026-09-08", "names": "student", "confirmed": "true",
    "state": "shown", "slug": "fresh", "number": "0", "source": "figures/circle.svg", "words": "A circle",
}  # fmt: skip
QUERY_NAMES = [
    "after",
    "before",
    "order",
    "limit",
    "page",
    "since",
    "year",
    "day",
    "q",
    "fresh",
    "quote",
    "comment",
]
CHARACTER_SETS = [
    "utf-8",
    "idna",
    "unicode_escape",
    "punycode",
    "utf-7",
    "raw_unicode_escape",
    "rot13",
    "zlib",
    "undefined",
    "utf-16",
    "mbcs",
    "x" * 300,
    "\x00",
]
ACCEPTS = ["text/html", "application/json", "*/*", "text/event-stream", "", ";q=", "application/json;q=x"]


@dataclass(frozen=True)
class Route:
    method: str
    path: str
    path_names: tuple[str, ...]
    query_names: tuple[str, ...]
    form_names: tuple[str, ...]


@dataclass
class Made:
    """A request, and what is known about it beforehand."""

    actor: str
    route: Route
    path: str
    query: str
    headers: list[Header]
    body: bytes = b""
    is_forged: bool = False
    is_foreign: bool = False

    def __str__(self) -> str:
        target = self.path + (f"?{self.query}" if self.query else "")
        return f"{self.actor}: {self.route.method} {target[:300]} ({self.route.path}) {self.headers!r:.600} {self.body[:600]!r}"


def routes_of(app: FastAPI) -> list[Route]:
    """Every route of the application, including future ones."""
    found = []
    for included in app.routes:
        if not hasattr(included, "effective_candidates"):
            continue
        for route in included.effective_candidates():
            names = tuple(
                tuple(dict.fromkeys(found_in(route.dependant)))
                for found_in in (_path_names, _query_names, _form_names)
            )
            found += [Route(method, route.path_format, *names) for method in sorted(route.methods)]
    return found


def dependants(dependant: Dependant) -> Iterator[Dependant]:
    """A route's own and all that it depends on."""
    yield dependant
    for inner in dependant.dependencies:
        yield from dependants(inner)


def _path_names(dependant: Dependant) -> Iterator[str]:
    return (field.alias for each in dependants(dependant) for field in each.path_params)


def _query_names(dependant: Dependant) -> Iterator[str]:
    return (field.alias for each in dependants(dependant) for field in each.query_params)


def forms_of(dependant: Dependant) -> Iterator[type[Form]]:
    """The forms that a route reads: `submitted(form)` closes over its form."""
    for each in dependants(dependant):
        for cell in getattr(each.call, "__closure__", None) or ():
            if isinstance(cell.cell_contents, type) and issubclass(cell.cell_contents, Form):
                yield cell.cell_contents


def _form_names(dependant: Dependant) -> Iterator[str]:
    return (name for form in forms_of(dependant) for name in form.model_fields)


@dataclass
class Maker:
    """Makes requests for a world, in an order of its own."""

    world: World
    routes: list[Route]
    chance: random.Random

    def requests(self, count: int) -> Iterator[Made]:
        """Round-robin over routes and actors, until there are enough."""
        while count > 0:
            pairs = [(route, actor) for route in self.routes for actor in ACTORS]
            self.chance.shuffle(pairs)
            for route, actor in pairs[:count]:
                yield self.make(route, actor)
            count -= len(pairs)

    def make(self, route: Route, actor: str) -> Made:
        is_foreign = actor == "student" and self.chance.random() < 0.5 and self._has_foreign(route)
        path = route.path
        for name in route.path_names:
            path = path.replace(f"{{{name}}}", quote(self._path_value(name, is_foreign), safe=":"))
        made = Made(actor, route, path, self._query(route), self._headers(actor), is_foreign=is_foreign)
        made.is_forged = self._forge(made)
        if route.method != "GET" or self.chance.random() < 0.05:
            content_type, made.body = self._body(route)
            made.headers.append((b"content-type", content_type))
            if self.chance.random() < 0.9:
                made.headers.append((b"content-length", str(len(made.body)).encode()))
        return made

    def _has_foreign(self, route: Route) -> bool:
        return any(name in self.world.foreign for name in route.path_names)

    def _path_value(self, name: str, is_foreign: bool) -> str:
        if is_foreign and name in self.world.foreign:
            return self.world.foreign[name]
        known = self.world.known.get(name)
        chance = self.chance.random()
        if known and (chance < 0.7 or is_foreign):
            return self.chance.choice(known)
        if chance < 0.8:
            return str(UUID(int=self.chance.getrandbits(128), version=4))
        return self.chance.choice(EDGES) or "x"

    def _value_of(self, name: str) -> str:
        """One in three fields is wrong."""
        return GOOD[name] if name in GOOD and self.chance.random() < 0.66 else self._value()

    def _value(self) -> str:
        chance = self.chance.random()
        if chance < 0.15:
            return self.chance.choice([one for known in self.world.known.values() for one in known])
        if chance < 0.2:
            return self.chance.choice(EDGES)[:1000] * 3
        return self.chance.choice(EDGES)

    def _query(self, route: Route) -> str:
        names = [name for name in route.query_names if self.chance.random() < 0.8]
        if self.chance.random() < 0.2:
            names.append(self.chance.choice(QUERY_NAMES))
        return urlencode([(name, self._value_of(name)) for name in names])

    def _headers(self, actor: str) -> list[Header]:
        cookies = [f"language={self.chance.choice(['zh', 'en', 'x', '', 'zh' * 90])}"]
        if actor != "visitor":
            cookies.append(f"sophora_session={self.world.tokens[actor]}")
        elif self.chance.random() < 0.3:
            cookies.append(f"sophora_session={quote(self._value())[:2000]}")
        if self.chance.random() < 0.2:
            cookies.append(f"theme={quote(self._value())[:500]}")
        headers = {
            "host": "127.0.0.1:8000",
            "cookie": "; ".join(cookies),
            "accept": self.chance.choice(ACCEPTS),
        }
        if self.chance.random() < 0.4:
            headers["x-fragment"] = "1"
        if self.chance.random() < 0.1:
            headers["last-event-id"] = self._value()
        if self.chance.random() < 0.1:
            headers["if-none-match"] = self._value()
        return [(name.encode(), _header(text)) for name, text in headers.items()]

    def _forge(self, made: Made) -> bool:
        """One in ten comes from another site."""
        is_forged = self.chance.random() < 0.1
        if not is_forged:
            made.headers.append((b"sec-fetch-site", b"same-origin"))
        else:
            forged = [
                (b"sec-fetch-site", b"cross-site"),
                (b"origin", b"https://evil.example"),
                (b"sec-fetch-site", b"same-site"),
            ]
            if self.chance.random() < 0.8:
                made.headers.append(self.chance.choice(forged))
        return is_forged

    def _fields(self, route: Route) -> list[tuple[str, str]]:
        names = [name for name in route.form_names if self.chance.random() < 0.85]
        names += self.chance.sample(FIELD_NAMES, self.chance.randrange(0 if names else 3, 8))
        return [(name, self._value_of(name)) for name in names]

    def _body(self, route: Route) -> tuple[bytes, bytes]:
        fields = self._fields(route)
        match self.chance.randrange(12):
            case 0 | 1 | 2:
                return self._multipart(fields)
            case 3 | 4:
                return b"application/json", self._json(fields)
            case 5:
                return self.chance.choice(
                    [b"text/plain", b"", b"application/x-www-form-urlencoded", b"multipart/form-data"]
                ), self.chance.randbytes(200)
            case 6:
                name = (
                    "-".join(["a"] * self.chance.choice([30, 3000]))
                    if self.chance.random() < 0.7
                    else "n" * 9000
                )
                return b"application/x-www-form-urlencoded", urlencode([*fields, (name, "x")]).encode()
            case 7 if self.chance.random() < 0.3:
                return b"application/x-www-form-urlencoded", b"a=b&" * self.chance.choice([400, 3000])
            case _:
                return b"application/x-www-form-urlencoded", urlencode(fields).encode()

    def _multipart(self, fields: list[tuple[str, str]]) -> tuple[bytes, bytes]:
        charset = self.chance.choice(CHARACTER_SETS)
        content_type = (
            "multipart/form-data; boundary=槐x"
            if self.chance.random() < 0.1
            else "multipart/form-data; boundary=b"
        )
        if self.chance.random() < 0.5:
            content_type += f"; charset={charset}"
        parts = []
        for name, text in fields:
            is_file = self.chance.random() < 0.1
            head = f'--b\r\nContent-Disposition: form-data; name="{quote(name)}"' + (
                '; filename="f"' if is_file else ""
            )
            raw = self.chance.choice(
                [text.encode("utf-8", "replace"), b"\\ud800 \\N{x}", b"xn--\xff" * 9, b"+2AA-", b"\xff\xfe"]
            )
            parts.append(head.encode() + b"\r\n\r\n" + raw + b"\r\n")
        return _header(content_type), b"".join(parts) + (b"--b--\r\n" if self.chance.random() < 0.9 else b"")

    def _json(self, fields: list[tuple[str, str]]) -> bytes:
        known: dict[str, Any] = {
            "version": self._value(),
            "sources": {"zh.md": self._value(), "quiz.toml": self._value()},
            "language": "zh",
        }
        values: list[Any] = [
            known, {**known, "version": self.chance.choice([0, 1, -1, 2**31, 2**63, 10**30, 1e309, None, True])}, dict(fields), [], None, 7,
            {"tab": "0" * 36, "leaves": self.chance.random() < 0.5}, {"tab": self._value(), "leaves": self._value()},
        ]  # fmt: skip
        odd = [
            b"[" * 3000,
            b'{"version":' + b"9" * 5000 + b"}",
            b'{"sources":{"zh.md":"\\ud800"},"version":0}',
            b"\xff",
            b"",
            b'{"a":1,"a":2}',
            b"NaN",
        ]
        if self.chance.random() < 0.3:
            return self.chance.choice(odd)
        return json.dumps(self.chance.choice(values)).encode()


def _header(text: str) -> bytes:
    """As passed on by a server: requests that Uvicorn itself rejects are not made."""
    raw = text.encode("utf-8", "replace")
    return bytes(byte for byte in raw if byte >= 32 and byte != 127)
