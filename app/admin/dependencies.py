"""Lecturers and admins, for routes that open transactions themselves: what takes long must not hold SQLite's one write lock."""

from typing import Annotated

from fastapi import Depends, Request

from app.accounts.dependencies import required_admin, required_staff
from app.accounts.models import User
from app.accounts.service import user_for_token
from app.db import session_scope
from app.errors import SignInNeeded
from app.security.bounds import allow_declared
from app.security.cookies import session_cookie_name


async def reading_user(request: Request) -> User:
    """Who asks. No transaction is open afterwards, and no place held. Raises SignInNeeded."""
    token = request.cookies.get(session_cookie_name())
    user = await request.app.state.admission.run(_user_for, token) if token else None
    request.state.user = user
    if user is None:
        raise SignInNeeded
    return user


def _user_for(token: str) -> User | None:
    with session_scope(writes=False) as session:
        return user_for_token(session, token)


async def reading_staff(user: Annotated[User, Depends(reading_user, scope="function")]) -> User:
    return await required_staff(user)


async def reading_admin(user: Annotated[User, Depends(reading_user, scope="function")]) -> User:
    return await required_admin(user)


StaffReader = Annotated[User, Depends(reading_staff, scope="function")]
AdminReader = Annotated[User, Depends(reading_admin, scope="function")]


def staff_sends_more(request: Request, _user: StaffReader) -> None:
    """A dependency of a route with bounds of its own (`takes`): they hold for lecturers and admins only."""
    allow_declared(request)


def admin_sends_more(request: Request, _user: AdminReader) -> None:
    allow_declared(request)
