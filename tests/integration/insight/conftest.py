import pytest

from app.core import db
from app.courses.models import Course
from tests.integration.classes.conftest import open_class, school  # noqa: F401


@pytest.fixture
def course(lessons: None) -> Course:
    """The tiny course with its questions."""
    with db.session_scope(writes=False) as session:
        return session.query(Course).one()
