"""The form that imports a column."""

from app.core.text import Slug
from app.web.forms import Form


class ImportForm(Form):
    """The slug of the course that takes the lessons; a new course is created if none has it."""

    course: Slug
