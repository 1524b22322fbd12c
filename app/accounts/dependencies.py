"""Who is asking: dependencies for routes."""

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from anyio import to_thread
from fastapi import Depends, Request, Response
from limits import parse
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.accounts.service import hash_token, name_key, user_for_token
from app.db import get_session, session_scope
from app.errors import Forbidden, SignInNeeded
from app.forms import posted_fields
from app.security.cookies import session_cookie_name
from app.security.rate_limit import client_address, hit

# Sign-ins from one address; those with one name, from one address and from all.
A_CLASS_AT_ONCE = parse("300/minute")
TRIES_FROM_ADDRESS = parse("60/hour")
TRIES = parse("300/hour")

Prepared = TypeVar("Prepared")
Db = Annotated[Session, Depends(get_session, scope="function")]


def optional_user(request: Request, session: Db) -> User | None:
    """The signed-in user or None; also left in `request.state.user` for templates and rate limits."""
    token = request.cookies.get(session_cookie_name())
    request.state.user = user_for_token(session, token) if token else None
    return request.state.user


def reading_user(request: Request) -> User:
    """Who asks, for what takes long before anything is stored: no session is open afterwards. Raises SignInNeeded."""
    with session_scope(writes=False) as session:
        user = optional_user(request, session)
    if user is None:
        raise SignInNeeded
    return user


Reader = Annotated[User, Depends(reading_user, scope="function")]
MaybeUser = Annotated[User | None, Depends(optional_user, scope="function")]


async def required_user(user: MaybeUser) -> User:
    if user is None:
        raise SignInNeeded
    return user


CurrentUser = Annotated[User, Depends(required_user, scope="function")]


async def required_staff(user: CurrentUser) -> User:
    if user.role not in {Role.LECTURER, Role.ADMIN}:
        raise Forbidden
    return user


async def required_admin(user: CurrentUser) -> User:
    if user.role != Role.ADMIN:
        raise Forbidden
    return user


StaffUser = Annotated[User, Depends(required_staff, scope="function")]
AdminUser = Annotated[User, Depends(required_admin, scope="function")]


async def with_others(
    request: Request,
    work: Callable[[Session, User, Prepared], Response],
    *,
    limit: Callable[[User], None],
    prepare: Callable[[], Prepared],
) -> Response:
    """The answer of `work(session, user, prepare())`, for what many send at the same moment (see `app.writers`); it may run twice.

    What takes long is prepared before, for who may send it: others wait for the transaction that `work` shares with theirs.
    Parameters like `CurrentUser` do the same for one request, with a change of threads each.
    """

    def before() -> Prepared:
        limit(reading_user(request))
        return prepare()

    prepared = await to_thread.run_sync(before)

    def do(session: Session) -> Response:
        user = optional_user(request, session)
        if user is None:
            raise SignInNeeded
        return work(session, user, prepared)

    return await request.app.state.writers.together(do)


def user_rate_limit(name: str, limits: str, who: Any = CurrentUser) -> Callable[[User], None]:
    """A dependency: `Depends(user_rate_limit("submit", "30/minute"))`, counted by user.

    `who` is the parameter by which the route itself learns who asks, where that is not CurrentUser.
    """
    item = parse(limits)

    def check(user: who) -> None:  # type: ignore[valid-type]
        hit(name, item, str(user.id))

    return check


def reader_rate_limit(name: str, limits: str) -> Callable[[Request, User | None], None]:
    """A dependency for what visitors may do too: counted by user, and by address for visitors."""
    item = parse(limits)

    def check(request: Request, user: MaybeUser) -> None:
        hit(name, item, str(user.id) if user else client_address(request))

    return check


def sign_in_limit(request: Request, fields: Annotated[dict[str, str], Depends(posted_fields)]) -> None:
    """A dependency: a class may sign in from one address; the tries at one name are few, from wherever they come.

    A try that is refused counts no further, so that one address alone does not lock a name for all the others.
    """
    address, name = client_address(request), hash_token(name_key(fields.get("name", "").strip()))
    hit("sign-in", A_CLASS_AT_ONCE, address)
    hit("sign-in-from-address", TRIES_FROM_ADDRESS, f"{address} {name}")
    hit("sign-in-name", TRIES, name)
