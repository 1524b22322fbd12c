"""Lecturers and admins, for routes that open transactions themselves: what takes long must not hold SQLite's one write lock."""

from typing import Annotated

from fastapi import Depends, Request

from app.accounts.dependencies import Reader, required_admin, required_staff
from app.accounts.models import User
from app.security.bounds import allow_declared


async def reading_staff(user: Reader) -> User:
    return await required_staff(user)


async def reading_admin(user: Reader) -> User:
    return await required_admin(user)


StaffReader = Annotated[User, Depends(reading_staff, scope="function")]
AdminReader = Annotated[User, Depends(reading_admin, scope="function")]


async def staff_sends_more(request: Request, _user: StaffReader) -> None:
    """A dependency of a route with bounds of its own (`takes`): they hold for lecturers and admins only."""
    allow_declared(request)


async def admin_sends_more(request: Request, _user: AdminReader) -> None:
    allow_declared(request)
