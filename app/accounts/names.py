"""Names as readers see them: masked, unless their owner chose to show them."""

from app.accounts.models import User
from app.accounts.spelling import characters
from app.core.i18n import gettext as _

MASK = "*"


class PublicName(str):
    """A name as readers see it; `is_staff` says whether to show a badge beside it. Templates render it with
    accounts/_person.html.
    """

    is_staff: bool

    def __new__(cls, name: str, *, is_staff: bool = False) -> "PublicName":
        made = super().__new__(cls, name)
        made.is_staff = is_staff
        return made


def masked(name: str) -> str:
    """小昊 becomes *昊: one star replaces everything but the last character, so that the length stays hidden."""
    return MASK + "".join(characters(name)[-1:])


def public_name(user: User | None) -> PublicName:
    """What every output shows for `user`: page, API, feed, mail, search, export. Staff are always shown by name.

    None stands for a deleted account.
    """
    if user is None:
        return PublicName(_("deleted account"))
    is_shown = user.shows_name or user.is_staff
    return PublicName(user.name if is_shown else masked(user.name), is_staff=user.is_staff)


def titled(name: str) -> str:
    """The name for running text, in a mail for example, where no badge can stand beside it: Lin (lecturer)."""
    return _("{name} (lecturer)").format(name=name) if getattr(name, "is_staff", False) else name
