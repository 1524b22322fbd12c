"""Password checks done before a request has a session: hashing takes longer than storing a hundred comments.

A request waiting for one of the two hashing slots holds neither a thread nor a connection.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, TypeVar

from anyio import CapacityLimiter, to_thread
from fastapi import Depends, Request

from app.accounts import queries, resets
from app.accounts.dependencies import Reader
from app.accounts.forms import ResetForm, SignInForm, SignUpForm
from app.accounts.passwords import AT_ONCE, hash_password, verify_password
from app.accounts.service import check_name, check_setup_link, name_key
from app.core.db import session_scope
from app.core.errors import AppError, Invalid, NotFound
from app.web.fields import Token
from app.web.forms import Form, Submission, Submitted, submitted

Result = TypeVar("Result")


@dataclass(frozen=True)
class Proof:
    """Whether the typed password matches `password_hash` (None: there is no such account)."""

    matches: bool
    password_hash: str | None

    def holds_for(self, password_hash: str) -> bool:
        """False if the password has changed since."""
        return self.matches and self.password_hash == password_hash


async def signing_in(request: Request, form: Submitted[SignInForm]) -> Proof | None:
    """Dependency: the proof for a sign-in; None if the form is invalid, which its route reports."""
    data = _checked(form)
    if data is None:
        return None
    known = await request.app.state.admission.run(_stored_hash, data.name)
    return Proof(await _in_line(verify_password, data.password, known), known)


async def new_password(request: Request, form: Submitted[SignUpForm]) -> str | Invalid | None:
    """Dependency: the hash of a new account's password, or the reason to refuse it; None if the form is invalid."""
    data = _checked(form)
    if data is None:
        return None
    try:
        await request.app.state.admission.run(_reading, partial(check_name, name=data.name))
    except Invalid as error:
        return error
    return await _in_line(hash_password, data.password)


async def admins_password(
    request: Request,
    token: Token,
    form: Submitted[SignUpForm],
) -> str | AppError | None:
    """Dependency: the same for the first admin; or that the link does not hold."""
    try:
        await request.app.state.admission.run(_reading, partial(check_setup_link, token=token))
    except NotFound as error:
        return error
    return await new_password(request, form)


async def reset_password(
    token: Token,
    request: Request,
    form: Submitted[ResetForm],
) -> str | None:
    """Dependency: the hash of the password that a reset link sets; None where the form is at fault, or the link does not hold."""
    try:
        await request.app.state.admission.run(_reading, partial(resets.check_link, token=token))
    except NotFound:
        return None
    data = _checked(form)
    return await _in_line(hash_password, data.new_password) if data else None


def own_password(form: type[Form], field: str) -> Callable[..., Awaitable[Proof | None]]:
    """Dependency: whether `field` of the form is the current user's password."""

    async def dependency(
        user: Reader, submission: Annotated[Submission[Any], Depends(submitted(form))]
    ) -> Proof | None:
        data = _checked(submission)
        if data is None:
            return None
        typed = getattr(data, field)
        return Proof(await _in_line(verify_password, typed, user.password_hash), user.password_hash)

    return dependency


def hashed(form: type[Form], field: str) -> Callable[..., Awaitable[str | None]]:
    """Dependency: the hash of the new password in `field`, for a signed-in user."""

    async def dependency(
        _user: Reader, submission: Annotated[Submission[Any], Depends(submitted(form))]
    ) -> str | None:
        data = _checked(submission)
        return await _in_line(hash_password, getattr(data, field)) if data else None

    return dependency


def _checked(form: Submission[Any]) -> Any:
    try:
        return form.data()
    except Invalid:
        return None


def _stored_hash(name: str) -> str | None:
    with session_scope(writes=False) as session:
        user = queries.user_by_name(session, name_key(name))
        return user.password_hash if user else None


def _reading(look: Callable[..., object]) -> None:
    with session_scope(writes=False) as session:
        look(session)


_line = CapacityLimiter(AT_ONCE)


async def _in_line(work: Callable[..., Result], *arguments: Any) -> Result:
    return await to_thread.run_sync(work, *arguments, limiter=_line)
