from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints, ValidationInfo, field_validator

from app.accounts.passwords import (
    GUESSED_FIRST,
    MAXIMUM_LENGTH,
    MINIMUM_LENGTH,
    is_blank,
    is_common,
    says_name,
)
from app.accounts.service import name_key
from app.accounts.spelling import MAXIMUM_LENGTH as LONGEST_NAME
from app.accounts.spelling import MINIMUM_LENGTH as SHORTEST_NAME
from app.accounts.spelling import characters, composed, is_plainly_written
from app.core.i18n import gettext as _
from app.web.forms import Form, too_long


def _plain(name: str) -> str:
    """The name in its stored form. Some characters expand to a whole phrase, more than the stored key has room for."""
    name = composed(name)
    if not is_plainly_written(name) or len(name_key(name)) > 80:
        raise ValueError(_("Some of these characters cannot be used here."))
    if len(characters(name)) < SHORTEST_NAME:
        raise ValueError(_("Please use at least {min_length} characters.").format(min_length=SHORTEST_NAME))
    if len(name) > LONGEST_NAME:
        raise ValueError(too_long(LONGEST_NAME, len(name)))
    return name


def _uncommon(password: str) -> str:
    if is_common(password):
        raise ValueError(_("Too many people use this password. Please choose another."))
    if is_blank(password):
        raise ValueError(_("Please choose a password with visible letters, digits or symbols."))
    return password


Name = Annotated[str, Field(min_length=SHORTEST_NAME, max_length=LONGEST_NAME), AfterValidator(_plain)]
NewPassword = Annotated[
    str,
    StringConstraints(strip_whitespace=False, min_length=MINIMUM_LENGTH, max_length=MAXIMUM_LENGTH),
    AfterValidator(_uncommon),
]
# An existing password.
TypedPassword = Annotated[
    str, StringConstraints(strip_whitespace=False, min_length=1, max_length=MAXIMUM_LENGTH)
]


class SignUpForm(Form):
    name: Name
    password: NewPassword

    @field_validator("password")
    @classmethod
    def is_not_the_name(cls, password: str, info: ValidationInfo) -> str:
        if says_name(password, info.data.get("name", "")):
            raise ValueError(_(GUESSED_FIRST))
        return password


class SignInForm(Form):
    name: Annotated[str, Field(min_length=1, max_length=200)]
    password: TypedPassword


class LostPasswordForm(Form):
    name: Annotated[str, Field(min_length=1, max_length=200)]


class ResetForm(Form):
    new_password: NewPassword
