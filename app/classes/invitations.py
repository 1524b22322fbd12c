"""A list of account names, as CSV: what each line would do, then the invitations. Nothing here commits."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.service import name_key
from app.classes import queries
from app.classes.events import PeopleInvited
from app.classes.models import ClassMember, MemberState
from app.classes.service import MOST_PLACES, enter
from app.core import events
from app.core.clock import now
from app.core.errors import Conflict, Invalid
from app.core.i18n import N_
from app.core.i18n import gettext as _
from app.core.permissions import ClassPermission, ClassRole, Permission

MOST_LINES = 1000
# Names of the first column, which spreadsheets put above it.
_HEADS = {"name", "names", "account", "user", "姓名", "名字", "账号", "用户名"}


class Finding(StrEnum):
    NEW = "new"
    INVITED = "invited"
    IN = "in"
    TWICE = "twice"
    UNKNOWN = "unknown"
    NO_LECTURER = "no-lecturer"


@dataclass(frozen=True)
class Line:
    number: int
    name: str
    finding: Finding
    user_id: UUID | None = None


def read_list(session: Session, user: User, class_id: UUID, text: str, role: str) -> list[Line]:
    """What each line would do; nothing is written. Raises Invalid for what is no list."""
    return _read(session, user, class_id, _names(text), role)


def _read(
    session: Session, user: User, class_id: UUID, names: Sequence[tuple[int, str]], role: str
) -> list[Line]:
    enter(session, user, class_id, ClassPermission.RUN)
    found = queries.users_by_name(session, {name_key(name) for _number, name in names})
    places = queries.places_of(session, class_id, [person.id for person in found.values()])
    lines, seen = [], set[str]()
    for number, name in names:
        person = found.get(name_key(name))
        finding = _finding(person, places.get(person.id) if person else None, role)
        if name_key(name) in seen:
            finding = Finding.TWICE
        seen.add(name_key(name))
        lines.append(Line(number, name, finding, person.id if person else None))
    return lines


def invite(session: Session, user: User, class_id: UUID, text: str, role: str) -> list[Line]:
    """Whoever is invited decides; an invitation of before, and a removal, give way to it. Idempotent. Raises Conflict beyond MOST_PLACES."""
    names = _names(text)
    queries.locked(session, class_id)
    lines = _read(session, user, class_id, names, role)
    wanted = [line.user_id for line in lines if line.finding == Finding.NEW and line.user_id]
    places = queries.places_of(session, class_id, wanted)
    added = [user_id for user_id in wanted if user_id not in places]
    if queries.count_places(session, class_id) + len(added) > MOST_PLACES:
        raise Conflict(N_("This class is full."))
    for place in places.values():
        place.state, place.role, place.changed_at = MemberState.INVITED, role, now()
    session.add_all(
        ClassMember(class_id=class_id, user_id=user_id, role=role, state=MemberState.INVITED)
        for user_id in added
    )
    session.flush()
    if wanted:
        found = enter(session, user, class_id, ClassPermission.RUN).course_class
        events.send(session, PeopleInvited(found, user.id, wanted))
    return lines


def _finding(person: User | None, place: ClassMember | None, role: str) -> Finding:
    if person is None:
        return Finding.UNKNOWN
    if place is not None and place.state == MemberState.IN:
        return Finding.IN
    if role == ClassRole.LECTURER and not person.may(Permission.TEACH):
        return Finding.NO_LECTURER
    if place is not None and place.state == MemberState.INVITED and place.role == role:
        return Finding.INVITED
    return Finding.NEW


def _names(text: str) -> Sequence[tuple[int, str]]:
    """(number of the line, name) of the first column."""
    try:
        rows = list(csv.reader(io.StringIO(text.lstrip("\ufeff"))))
    except csv.Error:
        raise Invalid({"names": _("This is no list: one name a line is expected.")}) from None
    names = [(number, row[0].strip()) for number, row in enumerate(rows, start=1) if row and row[0].strip()]
    if names and names[0][1].lower() in _HEADS:
        names = names[1:]
    if not names or len(names) > MOST_LINES:
        raise Invalid(
            {"names": _("Please give between 1 and {most} names, one a line.").format(most=MOST_LINES)}
        )
    return names
