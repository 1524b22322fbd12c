"""How a comment begins, in plain text: for a list of notifications, a mail, a profile."""

import re

from markupsafe import Markup

from app.board.mentions import Names, html_with_names

LONGEST = 140
# One that holds no other.
_QUOTATION = re.compile(r"<blockquote>(?:(?!</?blockquote>).)*</blockquote>", re.DOTALL)


def excerpt(html: str, names: Names) -> str:
    """From a stored comment's HTML, without what it quotes; `names` of those it mentions, as readers may see them."""
    quotations = 1
    while quotations:
        html, quotations = _QUOTATION.subn(" ", html)
    text = Markup(html_with_names(html, names)).striptags()
    return text if len(text) <= LONGEST else text[:LONGEST].rstrip() + "…"
