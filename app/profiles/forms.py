from typing import Annotated, Literal

from pydantic import StringConstraints

from app.accounts.forms import NewPassword
from app.accounts.passwords import MAXIMUM_LENGTH
from app.web.forms import Form

TypedPassword = Annotated[
    str, StringConstraints(strip_whitespace=False, min_length=1, max_length=MAXIMUM_LENGTH)
]


class NameForm(Form):
    shown: Literal["yes", "no"]


class PasswordForm(Form):
    password: TypedPassword
    new_password: NewPassword


class DeletionForm(Form):
    deletion_password: TypedPassword
