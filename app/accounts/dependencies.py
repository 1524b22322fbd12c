"""Route dependencies that resolve the signed-in user."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request, Response
from fastapi.dependencies.models import Dependant
from limits import parse
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.service import open_session, user_for_token
from app.accounts.visitors_forms import is_first_sending, session_token
from app.core.config import get_settings
from app.core.db import after_commit, session_scope
from app.core.errors import Forbidden, SignInNeeded
from app.core.permissions import Permission, may
from app.core.writers import Sender, TakesLonger, Writers
from app.web.dependencies import Db
from app.web.security.bounds import allow_declared
from app.web.security.cookies import session_cookie_name, set_session_cookie
from app.web.security.proxies import client_network
from app.web.security.rate_limit import hit, is_rate_limit
from app.web.templating import DrawnLater

Prepared = TypeVar("Prepared")
Dependency = TypeVar("Dependency", bound=Callable[..., Any])


def names(permission: Permission) -> Callable[[Dependency], Dependency]:
    """A decorator of a dependency that asks for `permission`: so a route names its own. See `permissions_of`."""

    def name(dependency: Dependency) -> Dependency:
        vars(dependency)["permission"] = permission
        return dependency

    return name


def asks_itself(permission: Permission) -> Any:
    """For `dependencies=`: of a route that resolves its user by itself, or does not have to know who asks."""

    @names(permission)
    async def named() -> None: ...

    return Depends(named)


def permissions_of(dependant: Dependant) -> set[Permission]:
    """What a route asks for, itself and through what it depends on. A role needs all of them."""
    named = getattr(dependant.call, "permission", None)
    inner = (permissions_of(each) for each in dependant.dependencies)
    return set().union({named} if named else set(), *inner)


for_everyone = asks_itself(Permission.READ)
for_members = asks_itself(Permission.LEARN)


def needs(permission: Permission, who: Any) -> Any:
    """Of a route's parameter `who` (CurrentUser or Reader): the user has this permission. Raises SignInNeeded or Forbidden."""

    @names(permission)
    async def permitted(user: who) -> User:
        if not may(user.role, permission):
            raise Forbidden
        return user

    return Depends(permitted, scope="function")


@names(Permission.READ)
def optional_user(request: Request, session: Db) -> User | None:
    """The signed-in user or None; also left in `request.state.user` for templates and rate limits."""
    token = request.cookies.get(session_cookie_name())
    request.state.user = user_for_token(session, token) if token else None
    return request.state.user


@names(Permission.LEARN)
async def reading_user(request: Request) -> User:
    """The signed-in user, for work that takes long before anything is stored: the session is closed on return and no connection is
    held.

    Raises SignInNeeded.
    """
    request.state.user = user = await reader_of(request)
    if user is None:
        raise SignInNeeded
    return user


async def reader_of(request: Request) -> User | None:
    """The signed-in user, for a page that no route renders."""
    token = request.cookies.get(session_cookie_name())
    return await request.app.state.admission.run(_user_for, token) if token else None


def _user_for(token: str) -> User | None:
    with session_scope(writes=False) as session:
        return user_for_token(session, token)


Reader = Annotated[User, Depends(reading_user, scope="function")]
MaybeUser = Annotated[User | None, Depends(optional_user, scope="function")]


@names(Permission.LEARN)
async def required_user(user: MaybeUser) -> User:
    if user is None:
        raise SignInNeeded
    return user


CurrentUser = Annotated[User, Depends(required_user, scope="function")]


Moderator = Annotated[User, needs(Permission.MODERATE, CurrentUser)]
Featurer = Annotated[User, needs(Permission.FEATURE, CurrentUser)]
# Who edits lessons.
StaffUser = Annotated[User, needs(Permission.EDIT, CurrentUser)]
StaffReader = Annotated[User, needs(Permission.EDIT, Reader)]
Teacher = Annotated[User, needs(Permission.TEACH, CurrentUser)]
AdminUser = Annotated[User, needs(Permission.MANAGE, CurrentUser)]
AdminReader = Annotated[User, needs(Permission.MANAGE, Reader)]


def begin_session(request: Request, response: Response, session: Session, user: User) -> str:
    """Start a new session for this browser and return its token; the browser's previous session ends."""
    old_token, user_agent = request.cookies.get(session_cookie_name()), request.headers.get("user-agent", "")
    token = session_token(session)
    if token and not is_first_sending(session):
        # The same form once more, on a slow network: the same sign-in, unless that has ended.
        token = token if user_for_token(session, token) == user else None
        if token is None:
            token = open_session(session, user, old_token, user_agent)
    else:
        token = open_session(session, user, old_token, user_agent, token)
    set_session_cookie(response, token, max_age=get_settings().session_absolute_days * 86400)
    return token


async def with_others(
    request: Request,
    work: Callable[[Session, User, Prepared], Response],
    *,
    limit: Callable[[User], None],
    prepare: Callable[[], Prepared | None],
    prepare_at_length: Callable[[], Awaitable[Prepared]],
) -> Response:
    """Run `work(session, user, prepared)` in a transaction shared with other requests (see `app.core.writers`); it may run twice.

    Anything slow is prepared beforehand, and only for users who may send it, because everyone in the shared transaction waits.
    `prepare` must return within a moment, or return None: then `prepare_at_length` is awaited without holding anyone up.
    Parameters like `CurrentUser` do the same for a single request, at the cost of a thread switch each.
    """
    token = request.cookies.get(session_cookie_name())
    if not token:
        raise SignInNeeded
    sender, prepared = Sender(token), list[Prepared]()

    def prepare_now() -> None:
        request.state.user = sender.user
        limit(sender.user)
        quickly = prepare()
        if quickly is None:
            raise TakesLonger
        prepared.append(quickly)

    def do(session: Session) -> Response:
        request.state.user = sender.user
        response = work(session, sender.user, prepared[0])
        if isinstance(response, DrawnLater):
            after_commit(session, response.draw_ahead)
        return response

    writers: Writers = request.app.state.writers
    try:
        return await writers.together(do, sender=sender, prepare=prepare_now)
    except TakesLonger:
        prepared.append(await prepare_at_length())
        return await writers.together(do, sender=sender)


def user_rate_limit(name: str, limits: str, who: Any = CurrentUser) -> Callable[[User], None]:
    """A dependency: `Depends(user_rate_limit("submit", "30/minute"))`, counted per user.

    `who` is the parameter from which the route itself gets its user, if that is not CurrentUser.
    """
    item = parse(limits)

    def check(user: who) -> None:
        hit(name, item, str(user.id))

    return is_rate_limit(check)


def reader_rate_limit(name: str, limits: str) -> Callable[[Request, User | None], None]:
    """A dependency for actions open to visitors: counted per user, or per address for visitors."""
    item = parse(limits)

    def check(request: Request, user: MaybeUser) -> None:
        hit(name, item, str(user.id) if user else client_network(request.scope))

    return is_rate_limit(check)


async def staff_sends_more(request: Request, _user: StaffReader) -> None:
    """A dependency of a route with its own size limits (`takes`): they apply to lecturers and admins only."""
    allow_declared(request)


async def admin_sends_more(request: Request, _user: AdminReader) -> None:
    allow_declared(request)
