from app.core.db import session_scope
from app.core.housekeeping import make_room
from app.core.tasks import periodic
from app.jobs.guests import forget_trials
from app.jobs.leftovers import forget_checkpoints


@periodic("tidy_jobs", every=1800)
def tidy_jobs() -> None:
    """Delete visitors' trials of a day ago, files of jobs that ended and, if the disk is nearly full, what can be rebuilt."""
    with session_scope() as session:
        forget_trials(session)
    with session_scope() as session:
        forget_checkpoints(session)
    make_room()
