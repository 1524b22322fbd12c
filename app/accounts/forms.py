import unicodedata
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from app.accounts.passwords import MAXIMUM_LENGTH, MINIMUM_LENGTH, is_common
from app.accounts.service import name_key
from app.forms import Form
from app.i18n import gettext as _


def _printable(name: str) -> str:
    # A few characters unfold to many (a whole phrase in one sign), more than the stored key has room for.
    if len(name_key(name)) > 80 or any(unicodedata.category(character).startswith("C") for character in name):
        raise ValueError(_("Some of these characters cannot be used here."))
    return name


def _uncommon(password: str) -> str:
    if is_common(password):
        raise ValueError(_("Too many people use this password. Please choose another."))
    return password


Name = Annotated[str, Field(min_length=2, max_length=40), AfterValidator(_printable)]
NewPassword = Annotated[
    str,
    StringConstraints(strip_whitespace=False, min_length=MINIMUM_LENGTH, max_length=MAXIMUM_LENGTH),
    AfterValidator(_uncommon),
]


class SignUpForm(Form):
    name: Name
    password: NewPassword


class SignInForm(Form):
    name: Annotated[str, Field(min_length=1, max_length=200)]
    password: Annotated[
        str, StringConstraints(strip_whitespace=False, min_length=1, max_length=MAXIMUM_LENGTH)
    ]
