"""What a visitor has trained goes with them into their account."""

from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.events import GuestSignedIn
from app.core.events import on
from app.jobs.guests import adopt


@on(GuestSignedIn)
def _guest_signed_in(session: Session, *, user_id: UUID, guest_key: str) -> None:
    adopt(session, user_id, guest_key)
