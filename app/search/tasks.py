from datetime import datetime, timedelta

from app.core.clock import now
from app.core.tasks import periodic
from app.search import comments

# No transaction takes longer to be seen.
SLACK = timedelta(minutes=10)
_looked: dict[str, datetime] = {}


@periodic("index_new_comments", every=3)
def index_new_comments() -> None:
    """Make new comments findable. A process looks at all of them once, then at those since it looked last."""
    moment, before = now(), _looked.get("at")
    comments.index_new_comments(before - SLACK if before else None)
    _looked["at"] = moment
