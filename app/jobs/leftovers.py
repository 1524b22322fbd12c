"""Files of jobs that are no longer needed."""

from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.core import storage
from app.core.clock import now
from app.core.db import after_commit
from app.jobs.models import ENDED, Job, JobEpoch

# A reader may still be loading one for this long.
KEPT_FOR = timedelta(hours=1)
AT_ONCE = 500


def forget_checkpoints(session: Session) -> int:
    """Delete the checkpoints of jobs that ended: a failed or cancelled job never resumes. Returns how many there were."""
    ended = select(Job.id).where(Job.state.in_(ENDED), Job.finished_at < now() - KEPT_FOR)
    found = session.execute(
        select(JobEpoch.job_id, JobEpoch.epoch, JobEpoch.checkpoint_key)
        .where(JobEpoch.checkpoint_key != "", JobEpoch.job_id.in_(ended))
        .limit(AT_ONCE)
    ).all()
    for job_id, epoch, _ in found:
        session.execute(
            update(JobEpoch)
            .where(JobEpoch.job_id == job_id, JobEpoch.epoch == epoch)
            .values(checkpoint_key="")
            .execution_options(synchronize_session=False)
        )
    after_commit(session, lambda: storage.delete(*(key for _, _, key in found)))
    return len(found)
