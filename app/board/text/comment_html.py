"""A comment's HTML, rendered in a sandboxed process: no text can block other requests (see `app.core.sandbox`)."""

import threading
from collections import OrderedDict
from html import escape
from typing import cast

from app.board.text.mention_rule import MENTION
from app.core import sandbox
from app.core.errors import AppError
from app.core.i18n import N_
from app.core.i18n import gettext as _
from app.core.sandbox import AllBusy, LimitExceeded, Limits

RENDER = "app.board.text.rendering:render_comment"
# Comments take milliseconds, the worst runs of marks a third of a second. Anybody gets a first try, the full time only users
# who may write.
QUICK = Limits(cpu_seconds=0.03, wall_seconds=5)
FULL = Limits(cpu_seconds=1, wall_seconds=10)
# A new comment's HTML is requested a few times: whether it is visible, what is stored, whom it mentions.
_KEPT = 256
_kept: OrderedDict[str, str] = OrderedDict()
_lock = threading.Lock()

sandbox.preload("app.board.text.rendering")


class Busy(AppError):
    status = 503
    message = N_(
        "Many texts are waiting to be formatted right now. Yours is kept; please send it again in a moment."
    )


def rendered(body: str) -> str:
    """Sanitised HTML; plain text with a note below if rendering takes too long. Raises Busy."""
    html = _known(body)
    if html is not None:
        return html
    try:
        return _keep(body, _render(body, FULL))
    except LimitExceeded:
        return _keep(body, _plain(body))


def rendered_quickly(body: str) -> bool:
    """Prepare the HTML for `rendered` if that takes milliseconds; False if it does not. Raises Busy."""
    if _known(body) is None:
        try:
            _keep(body, _render(body, QUICK))
        except LimitExceeded:
            return False
    return True


def _render(body: str, limits: Limits) -> str:
    try:
        return cast(str, sandbox.run(RENDER, body, limits=limits))
    except AllBusy:
        raise Busy from None


def _plain(body: str) -> str:
    """The typed text, and why it looks so, in its author's language."""
    text = escape(MENTION.sub(lambda match: f"@{match[1]}", body)).replace("\n", "<br>\n")
    sentence = _("Formatting this text took too long, so it is shown as it was typed.")
    return f"<p>{text}</p>\n<p><em>{escape(sentence)}</em></p>\n"


def _known(body: str) -> str | None:
    with _lock:
        return _kept.get(body)


def _keep(body: str, html: str) -> str:
    with _lock:
        _kept[body] = html
        while len(_kept) > _KEPT:
            _kept.popitem(last=False)
    return html
