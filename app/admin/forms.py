from app.accounts.models import Role
from app.forms import Form
from app.text import Slug


class RoleForm(Form):
    role: Role


class ImportForm(Form):
    """The short name of the course that takes the lessons; a new one is made where there is none of this name."""

    course: Slug
