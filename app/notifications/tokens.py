"""Tokens in mail links, which prove that whoever opens one received the mail. Nothing is stored; an HMAC keyed by the secret."""

from uuid import UUID

from app.core.signing import is_same, signature


def make_token(purpose: str, user_id: UUID, *facts: str) -> str:
    """For `purpose` ("confirmation", "unsubscription"); changed `facts` invalidate it."""
    return f"{user_id.hex}.{_mac(purpose, user_id, *facts)}"


def user_in(token: str) -> UUID | None:
    """The user a token names, unverified: see `is_genuine`."""
    try:
        return UUID(token.partition(".")[0])
    except ValueError:
        return None


def is_genuine(token: str, purpose: str, user_id: UUID, *facts: str) -> bool:
    return is_same(token, make_token(purpose, user_id, *facts))


def _mac(*parts: object) -> str:
    text = "|".join(str(part) for part in ("mail", *parts))
    return signature(text).hex()[:40]
