"""Lecturers and admins, for routes that open transactions themselves: what takes long must not hold SQLite's one write lock."""

from typing import Annotated

from fastapi import Depends

from app.accounts.dependencies import Reader, required_admin, required_staff
from app.accounts.models import User


async def reading_staff(user: Reader) -> User:
    return await required_staff(user)


async def reading_admin(user: Reader) -> User:
    return await required_admin(user)


StaffReader = Annotated[User, Depends(reading_staff, scope="function")]
AdminReader = Annotated[User, Depends(reading_admin, scope="function")]
