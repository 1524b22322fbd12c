"""A thread's comments as a part of another page. Features above use it: `render_discussion(request, session, user, place)`."""

from uuid import UUID

from fastapi import Request
from markupsafe import Markup
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.board.discussion import presenters
from app.board.discussion.cursors import Order
from app.board.discussion.pages import Discussion
from app.board.places import ThreadHost
from app.web.templating import render


def render_discussion(request: Request, session: Session, user: User | None, place: ThreadHost) -> Markup:
    """The comments, form and links of `place`, as requested by the page's query (?order, ?after, ?comment)."""
    page = asked_discussion(request, session, user, place)
    return Markup(bytes(render(request, "board/_discussion.html", page=page).body).decode())


def asked_discussion(
    request: Request,
    session: Session,
    user: User | None,
    place: ThreadHost,
    *,
    limit: int = presenters.COMMENTS_PER_PAGE,
) -> Discussion:
    asked = request.query_params
    order = Order(asked["order"]) if asked.get("order") in set(Order) else Order.LIKES
    return presenters.discussion(
        session,
        user,
        place,
        order=order,
        after=asked.get("after", ""),
        linked=_uuid(asked.get("comment", "")),
        limit=limit,
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
