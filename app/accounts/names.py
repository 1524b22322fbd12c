"""Names as readers see them: masked, unless their owner chose to show them."""

from app.accounts.models import User
from app.accounts.spelling import characters
from app.core.i18n import gettext as _

MASK = "*"


class PublicName(str):
    """A name as readers see it; `is_staff` says whether a badge belongs beside it. Templates show it with components/person.html."""

    is_staff: bool

    def __new__(cls, name: str, *, is_staff: bool = False) -> "PublicName":
        made = super().__new__(cls, name)
        made.is_staff = is_staff
        return made


def masked(name: str) -> str:
    """小昊 becomes *昊: a star for all but the last character, whatever the length, so that the length stays hidden."""
    return MASK + "".join(characters(name)[-1:])


def public_name(user: User | None) -> PublicName:
    """What every output shows for `user`: page, API, feed, mail, search, export. Staff speak under their names.

    None stands for an account that was deleted.
    """
    if user is None:
        return PublicName(_("deleted account"))
    is_shown = user.shows_name or user.is_staff
    return PublicName(user.name if is_shown else masked(user.name), is_staff=user.is_staff)


def titled(name: str) -> str:
    """For where a name stands in a sentence, in mail say, and nothing can stand beside it: Lin (lecturer)."""
    return _("{name} (lecturer)").format(name=name) if getattr(name, "is_staff", False) else name
