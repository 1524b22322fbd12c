from app.accounts.models import Role
from app.web.forms import Form


class RoleForm(Form):
    role: Role
