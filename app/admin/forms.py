from app.accounts.models import Role
from app.forms import Form


class RoleForm(Form):
    role: Role
