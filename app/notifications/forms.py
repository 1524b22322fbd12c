import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, Field

from app.accounts.forms import TypedPassword
from app.core.i18n import gettext as _
from app.notifications.models import Kind, Way
from app.web.forms import Form

# Only a mail can tell whether an address exists. This rejects what would break a mail's headers.
_ADDRESS = re.compile(
    r"^[\w.!#$%&'*+/=?^`{|}~-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$", re.I | re.A
)


def _mailable(address: str) -> str:
    if not _ADDRESS.match(address) or ".." in address:
        raise ValueError(_("Please enter an email address, such as name@example.org."))
    return address


class MailForm(Form):
    address: Annotated[str, Field(max_length=254), AfterValidator(_mailable)]
    # Password resets go to this address: nobody who finds a signed-in browser may take over the account with their own.
    password: TypedPassword


def chosen_ways(fields: Mapping[str, str], *, has_mail: bool) -> dict[Kind, Way]:
    """The channels in a posted form. A kind whose channel is missing or unavailable stays unchanged."""
    ways = {Way.PAGE, Way.NONE} | ({Way.MAIL} if has_mail else set())
    return {kind: Way(fields[kind]) for kind in Kind if fields.get(kind) in ways}
