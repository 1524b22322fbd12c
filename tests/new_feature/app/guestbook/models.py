from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.clock import now
from app.core.db import Base
from app.core.owned import Owned

LONGEST = 200


class Entry(Base):
    __tablename__ = "guestbook_entries"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    written_at: Mapped[datetime] = mapped_column(default=now)
    line: Mapped[str] = mapped_column(String(LONGEST))


OWNED = (Owned("guestbook", Entry, "user_id"),)
