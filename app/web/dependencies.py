"""What routes of every feature depend on."""

from typing import Annotated

from fastapi import Depends
from sqlalchemy.orm import Session

from app.core.db import get_session

Db = Annotated[Session, Depends(get_session, scope="function")]
