"""The form that brings in a column."""

from app.core.text import Slug
from app.web.forms import Form


class ImportForm(Form):
    """The short name of the course that takes the lessons; a new one is made where there is none of this name."""

    course: Slug
