"""Form input that could not be accepted yet, carried along until it can be: through sign-in, or an infrastructure failure.

It travels in the pages themselves, as fields: nothing is stored, and only its author sees it. Passwords are never carried.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.datastructures import FormData

from app.web.redirects import safe_target

# More than any of our forms has.
MOST_FIELDS = 300
LONGEST = 200_000

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Typed:
    """`address` is the form's action; `had_files`: it had files, which cannot be carried."""

    address: str
    pairs: Pairs
    had_files: bool = False

    @property
    def text(self) -> str:
        """For one hidden field."""
        return json.dumps([list(pair) for pair in self.pairs], ensure_ascii=False)


def typed_in(form: FormData, address: str) -> Typed | None:
    """None if a password is included: those users go back to the form."""
    pairs = form.multi_items()
    if any("password" in name for name, _ in pairs):
        return None
    texts = [(name, value) for name, value in pairs if isinstance(value, str) and name != "csrf_token"]
    return Typed(address, texts, had_files=len(texts) < sum(name != "csrf_token" for name, _ in pairs))


def carried(fields: dict[str, str]) -> Typed | None:
    """What one of our pages has put into its form; None if it is malformed. Its address must be on this site."""
    address, text = fields.get("typed_for", ""), fields.get("typed", "")
    if not address or not text or len(text) > LONGEST or safe_target(address) != address:
        return None
    try:
        pairs = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(pairs, list) or len(pairs) > MOST_FIELDS:
        return None
    if not all(
        isinstance(pair, list) and len(pair) == 2 and all(isinstance(part, str) for part in pair)
        for pair in pairs
    ):
        return None
    return Typed(address, [(name, value) for name, value in pairs])
