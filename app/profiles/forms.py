from typing import Literal

from app.accounts.forms import Name, NewPassword, TypedPassword
from app.web.forms import Form


class NameForm(Form):
    shown: Literal["yes", "no"]


class RenamingForm(Form):
    name: Name
    name_password: TypedPassword


class PasswordForm(Form):
    password: TypedPassword
    new_password: NewPassword


class DeletionForm(Form):
    deletion_password: TypedPassword
