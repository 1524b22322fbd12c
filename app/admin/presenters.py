"""Presenters of the admin's pages."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.names import public_name
from app.accounts.queries import former_names
from app.accounts.service import sign_ins
from app.admin import queries
from app.admin.pages import JobsPage, JournalEntry, JournalPage, PeoplePage, PersonPage
from app.admin.queries import NEVER, Cursor, JobFilter, PeopleFilter, Sort
from app.core.csv_text import csv_text
from app.core.errors import NotFound
from app.core.i18n import N_
from app.core.i18n import gettext as _
from app.journal.journal import KINDS
from app.journal.models import Act
from app.recipes.recipe import all_recipes
from app.web.fields import moment_from
from app.web.pagination import page_of

ON_A_PAGE = 50
ON_A_PERSON = 10
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def people_page(session: Session, wanted: PeopleFilter, after: str) -> PeoplePage:
    """Raises NotFound for an invalid place in the list."""
    cursor = _cursor(wanted.sort, after) if after else None
    found = queries.people(session, wanted, cursor, ON_A_PAGE + 1)
    shown = [(person, None if seen == NEVER else seen) for person, seen in found[:ON_A_PAGE]]
    return PeoplePage(
        shown,
        wanted,
        queries.count_people(session, wanted),
        queries.classes(session),
        wanted.address(after=after),
        wanted.address(after=_place(wanted.sort, *found[ON_A_PAGE - 1])) if len(found) > ON_A_PAGE else "",
        is_first=not after,
    )


def people_csv(session: Session, wanted: PeopleFilter) -> str:
    """Everybody who matches the filter, in its order."""
    classes = queries.classes_of_people(session, wanted)
    head = [_("Name"), _("Role"), _("Account"), _("Since"), _("Last here"), _("Classes")]
    rows = [
        [
            name,
            # Roles are called what templates/admin/_roles.html calls them.
            _(role),
            _("active") if is_open else _("suspended"),
            _minute(since),
            "" if seen == NEVER else _minute(seen),
            "; ".join(classes.get(user_id, ())),
        ]
        for user_id, name, role, is_open, since, seen in queries.all_people(session, wanted)
    ]
    return csv_text([head, *rows])


def _minute(moment: datetime) -> str:
    return moment.isoformat(timespec="minutes")


def _place(sort: Sort, person: User, seen: datetime) -> str:
    """As in an address: the folded name, or microseconds since 1970, then the id."""
    if sort == Sort.NAME:
        return f"{person.name_key}~{person.id.hex}"
    moment = seen if sort == Sort.SEEN else person.created_at
    return f"{(moment - _EPOCH) // timedelta(microseconds=1)}~{person.id.hex}"


def _cursor(sort: Sort, text: str) -> Cursor:
    value, _tilde, identity = text.rpartition("~")
    try:
        return value if sort == Sort.NAME else moment_from(value), UUID(identity)
    except ValueError:
        raise NotFound from None


def person_page(
    session: Session,
    admin: User,
    user_id: UUID,
    *,
    link: str = "",
    reason: str = "",
    errors: Mapping[str, str] | None = None,
) -> PersonPage:
    """Raises NotFound for an unknown user."""
    person = queries.person(session, user_id)
    if person is None:
        raise NotFound(N_("There is no such person."))
    return PersonPage(
        person,
        person.id == admin.id,
        queries.last_seen(session, [person.id]).get(person.id),
        sign_ins(session, person),
        former_names(session, person.id),
        queries.jobs_of(session, person.id, ON_A_PERSON),
        [_entry(act) for act in queries.acts_on(session, person.id, ON_A_PERSON)],
        all_recipes(),
        KINDS,
        link,
        reason,
        errors or {},
    )


def jobs_page(session: Session, wanted: JobFilter, number: int) -> JobsPage:
    total = queries.count_jobs(session, wanted)
    number, pages, offset = page_of(number, total, ON_A_PAGE)
    jobs = queries.jobs(session, wanted, limit=ON_A_PAGE, offset=offset)
    return JobsPage(jobs, all_recipes(), wanted, number, pages, total)


def journal_page(session: Session, number: int) -> JournalPage:
    number, pages, offset = page_of(number, queries.count_acts(session), ON_A_PAGE)
    entries = [_entry(act) for act in queries.acts(session, limit=ON_A_PAGE, offset=offset)]
    return JournalPage(entries, KINDS, number, pages)


def _entry(act: Act) -> JournalEntry:
    subject = act.subject or public_name(None)
    return JournalEntry(act.happened_at, act.actor_name, act.kind, subject, act.details, act.subject_id)
