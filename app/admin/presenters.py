"""Presenters of the admin's pages."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.names import public_name
from app.accounts.queries import former_names
from app.admin import queries
from app.admin.pages import JobsPage, JournalEntry, JournalPage, PeoplePage, PersonPage
from app.admin.queries import JobFilter, PeopleFilter
from app.core.errors import NotFound
from app.core.i18n import N_
from app.journal.journal import KINDS
from app.journal.models import Act
from app.recipes.recipe import all_recipes
from app.web.pagination import page_of

ON_A_PAGE = 50
ON_A_PERSON = 10


def people_page(session: Session, wanted: PeopleFilter, number: int) -> PeoplePage:
    total = queries.count_people(session, wanted)
    number, pages, offset = page_of(number, total, ON_A_PAGE)
    people = queries.people(session, wanted, limit=ON_A_PAGE, offset=offset)
    last_seen = queries.last_seen(session, [person.id for person in people])
    return PeoplePage(people, last_seen, wanted, number, pages, total)


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
