import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, Field

from app.accounts.forms import TypedPassword
from app.core.i18n import gettext as _
from app.notifications.models import Kind, Way
from app.web.forms import Form

# Whether an address exists only its mail can say. This keeps out what would break a mail's headers.
_ADDRESS = re.compile(
    r"^[\w.!#$%&'*+/=?^`{|}~-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$", re.I | re.A
)


def _mailable(address: str) -> str:
    if not _ADDRESS.match(address) or ".." in address:
        raise ValueError(_("Please enter an email address, such as name@example.org."))
    return address


class MailForm(Form):
    address: Annotated[str, Field(max_length=254), AfterValidator(_mailable)]
    # A way to a new password goes there: whoever finds a browser signed in shall not make it their own.
    password: TypedPassword


def chosen_ways(fields: Mapping[str, str], *, has_mail: bool) -> dict[Kind, Way]:
    """The ways in a posted form. A kind whose way is missing or cannot be had is left as it is."""
    ways = {Way.PAGE, Way.NONE} | ({Way.MAIL} if has_mail else set())
    return {kind: Way(fields[kind]) for kind in Kind if fields.get(kind) in ways}
