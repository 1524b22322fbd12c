"""All tables in one place, for migrations and for relationships between features."""

from app.accounts import models as accounts
from app.courses import models as courses
from app.db import Base
from app.jobs import models as jobs
from app.quizzes import models as quizzes

__all__ = ["accounts", "courses", "jobs", "metadata", "quizzes"]

metadata = Base.metadata
