"""The digest of a form submission, by which a repeated one is recognised; see app/accounts/sent_forms.py."""

import re
from collections.abc import Iterable
from hashlib import sha256

_KEY = re.compile(r"[0-9A-Za-z_-]{8,40}")


def digest_of(path: str, fields: Iterable[tuple[str, object]]) -> str | None:
    """The digest of a submission: the same form with other values differs. None if the form has no key."""
    values = sorted((name, str(value)) for name, value in fields if name != "csrf_token")
    key = dict(values).get("request_key", "")
    return sha256(repr((path, values)).encode()).hexdigest() if _KEY.fullmatch(key) else None
