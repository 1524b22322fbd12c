"""Names as readers see them: masked, unless their owner chose to show them."""

from app.accounts.models import Role, User
from app.i18n import gettext as _

MASK = "*"


def masked(name: str) -> str:
    """小昊 becomes *昊: a star for all but the last character, whatever the length, so that the length stays hidden."""
    return MASK + name[-1:]


def public_name(user: User | None) -> str:
    """What every output shows for `user`: page, API, feed, mail, search, export. Staff speak under their names.

    None stands for an account that was deleted.
    """
    if user is None:
        return _("deleted account")
    if user.shows_name or user.role in {Role.LECTURER, Role.ADMIN}:
        return user.name
    return masked(user.name)
