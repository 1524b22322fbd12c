from app.board.own.editing import tidy
from app.core.db import session_scope
from app.core.tasks import periodic


@periodic("tidy_board", every=3600)
def tidy_board() -> None:
    """Delete what the board no longer keeps."""
    with session_scope() as session:
        tidy(session)
