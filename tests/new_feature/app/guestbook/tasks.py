from app.guestbook.models import Entry
from sqlalchemy import delete

from app.core.db import session_scope
from app.core.tasks import periodic


@periodic("tidy_guestbook", every=3600)
def tidy_guestbook() -> None:
    with session_scope() as session:
        session.execute(delete(Entry).where(Entry.line == ""))
