"""What a link in a mail proves: that whoever opens it got that mail. Nothing is stored; an HMAC keyed by the installation's secret."""

from uuid import UUID

from app.core.signing import is_same, signature


def make_token(purpose: str, user_id: UUID, *facts: str) -> str:
    """For `purpose` ("confirmation", "unsubscription"); `facts` that no longer hold make it void."""
    return f"{user_id.hex}.{_mac(purpose, user_id, *facts)}"


def user_in(token: str) -> UUID | None:
    """Whom a token names. Whether it is genuine, `is_genuine` says."""
    try:
        return UUID(token.partition(".")[0])
    except ValueError:
        return None


def is_genuine(token: str, purpose: str, user_id: UUID, *facts: str) -> bool:
    return is_same(token, make_token(purpose, user_id, *facts))


def _mac(*parts: object) -> str:
    text = "|".join(str(part) for part in ("mail", *parts))
    return signature(text).hex()[:40]
