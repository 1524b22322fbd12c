"""Names as readers see them: masked, unless their owner chose to show them."""

from app.accounts.models import Role, User
from app.accounts.spelling import characters
from app.core.i18n import N_
from app.core.i18n import gettext as _

MASK = "*"
_TITLES: dict[str, str] = {
    Role.ASSISTANT: N_("Assistant"),
    Role.LECTURER: N_("Lecturer"),
    Role.MODERATOR: N_("Moderator"),
    Role.ADMIN: N_("Lecturer"),
}
_TITLED: dict[str, str] = {
    Role.ASSISTANT: N_("{name} (assistant)"),
    Role.LECTURER: N_("{name} (lecturer)"),
    Role.MODERATOR: N_("{name} (moderator)"),
    Role.ADMIN: N_("{name} (lecturer)"),
}


class PublicName(str):
    """A name as readers see it; staff have a badge with their title beside it. Templates render it with accounts/_person.html."""

    role: str

    def __new__(cls, name: str, role: str = Role.STUDENT) -> "PublicName":
        made = super().__new__(cls, name)
        made.role = role
        return made

    @property
    def is_staff(self) -> bool:
        return self.role in _TITLES

    @property
    def badge(self) -> str:
        """In the reader's language; empty for students."""
        return _(_TITLES[self.role]) if self.is_staff else ""


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
    return PublicName(user.name if is_shown else masked(user.name), user.role)


def titled(name: str) -> str:
    """The name for running text, in a mail for example, where no badge can stand beside it: Lin (lecturer)."""
    role = getattr(name, "role", None)
    return _(_TITLED[role]).format(name=name) if role in _TITLED else name
