"""Presenters of the profile pages."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.names import masked, public_name
from app.accounts.service import sign_ins
from app.board.text.excerpts import excerpt
from app.board.text.mentions import ids_in_html, names_of
from app.checkins.records import record_of
from app.core.errors import NotFound
from app.core.i18n import N_
from app.profiles import queries
from app.profiles.pages import CommentLink, LessonLink, ProfilePage, SettingsPage, SignInsPage

COMMENTS = 10
JOBS = 10


def profile_page(session: Session, reader: User, user_id: UUID) -> ProfilePage:
    """Raises NotFound for an unknown user."""
    person = session.get(User, user_id)
    if person is None:
        raise NotFound(N_("There is no such person."))
    summary = record_of(session, person.id).summary
    comments = queries.featured_comments(session, person.id, COMMENTS)
    names = names_of(session, ids_in_html([comment.html for comment in comments]))
    return ProfilePage(
        id=person.id,
        name=public_name(person),
        is_own=person.id == reader.id,
        shows_name=person.shows_name or is_always_shown(person),
        days=summary.total,
        longest=summary.longest,
        lessons=[
            LessonLink(row.title, f"/courses/{row.course}/lessons/{row.slug}")
            for row in queries.lessons_read(session, person.id)
        ],
        comments=[
            CommentLink(excerpt(comment.html, names), f"/comments/{comment.id}", comment.likes)
            for comment in comments
        ],
        jobs=queries.shared_jobs(session, person.id, JOBS),
    )


def settings_page(
    user: User,
    *,
    has_changed_password: bool = False,
    has_changed_name: bool = False,
    errors: Mapping[str, str] | None = None,
    typed_name: str = "",
) -> SettingsPage:
    return SettingsPage(
        masked(user.name),
        is_always_shown(user),
        has_changed_password,
        errors or {},
        has_changed_name,
        typed_name or user.name,
    )


def sign_ins_page(session: Session, user: User, token: str) -> SignInsPage:
    """`token` is that of the current sign-in."""
    return SignInsPage(sign_ins(session, user, token))


def is_always_shown(user: User) -> bool:
    """Staff are always shown by name."""
    return user.is_staff
