"""The beginning of a comment in plain text: for a list of notifications, a mail, a profile."""

from markupsafe import Markup

from app.board.text.mentions import Names, html_with_names, without_quotations

LONGEST = 140


def excerpt(html: str, names: Names) -> str:
    """From a stored comment's HTML, without quotations; `names` of the users it mentions, as readers may see them."""
    text = Markup(html_with_names(without_quotations(html), names)).striptags()
    return text if len(text) <= LONGEST else text[:LONGEST].rstrip() + "…"
