from app.guestbook.events import LineWritten
from app.guestbook.models import Entry
from sqlalchemy.orm import Session

from app.checkins.models import Source
from app.checkins.service import check_in
from app.core.events import on


@on(LineWritten)
def make_a_day_of_it(session: Session, *, entry: Entry) -> None:
    check_in(session, entry.user_id, Source.BUTTON, entry.line)
