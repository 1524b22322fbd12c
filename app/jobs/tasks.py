from app.core.db import session_scope
from app.core.housekeeping import make_room
from app.core.tasks import periodic
from app.jobs.leftovers import forget_checkpoints


@periodic("tidy_jobs", every=1800)
def tidy_jobs() -> None:
    """Remove files of jobs that ended, and on a disk with little room what can be made again."""
    with session_scope() as session:
        forget_checkpoints(session)
    make_room()
