"""The name of one sending of a form, by which a second one is known; see app/accounts/sent_forms.py."""

import re
from collections.abc import Iterable
from hashlib import sha256

_KEY = re.compile(r"[0-9A-Za-z_-]{8,40}")


def digest_of(path: str, fields: Iterable[tuple[str, object]]) -> str | None:
    """The name of a sending: the same form with other values is another one. None where the form has no key."""
    values = sorted((name, str(value)) for name, value in fields if name != "csrf_token")
    key = dict(values).get("request_key", "")
    return sha256(repr((path, values)).encode()).hexdigest() if _KEY.fullmatch(key) else None
