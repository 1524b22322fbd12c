"""All tables in one place, for migrations and for relationships between features."""

from app.accounts import models as accounts
from app.admin import models as admin
from app.authoring import models as authoring
from app.board import models as board
from app.checkins import models as checkins
from app.courses import models as courses
from app.db import Base
from app.jobs import models as jobs
from app.notes import models as notes
from app.notifications import models as notifications
from app.quizzes import models as quizzes
from app.reviews import models as reviews
from app.search import index as search

__all__ = [
    "accounts",
    "admin",
    "authoring",
    "board",
    "checkins",
    "courses",
    "jobs",
    "metadata",
    "notes",
    "notifications",
    "quizzes",
    "reviews",
    "search",
]

metadata = Base.metadata
