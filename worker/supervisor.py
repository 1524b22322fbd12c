"""Supervises one job's child process: lease, cancellation, limits, and what its death means."""

import multiprocessing
import signal
import threading
import time
from collections.abc import Callable
from multiprocessing.process import BaseProcess

import psutil
from sqlalchemy.orm import Session
from structlog import get_logger

from app.core.config import get_settings
from app.core.db import session_scope
from app.jobs.models import JobState
from app.jobs.result.reasons import OUT_OF_MEMORY, TOO_LONG
from app.jobs.service import announce_state
from app.recipes.recipe import Limits, all_recipes
from worker import child
from worker.channel import AttemptSuperseded, JobSpec, Start
from worker.claim import Claim, Failure, finish, give_back, interrupt, renew_lease
from worker.faults import KINDS, kind_of
from worker.readiness import Readiness

LOOK_EVERY = 0.25
ASK_DATABASE_EVERY = 1.0
GRACE = 3.0

log = get_logger()
_context = multiprocessing.get_context("forkserver")


class SpareChild:
    """A child waiting for the next job. At most one per slot; each trains one job and ends."""

    def __init__(self, threads: int) -> None:
        self.threads = threads
        receiving, self._jobs = _context.Pipe(duplex=False)
        self.process = _context.Process(target=child.run, args=(receiving, threads), daemon=True)
        self.process.start()
        receiving.close()

    def train(self, spec: JobSpec) -> BaseProcess:
        self._jobs.send(spec)
        self._jobs.close()
        return self.process


_spares: list[SpareChild] = []
_spares_lock = threading.Lock()


def prepare_child() -> None:
    """Prepare a child. The first call starts the fork server, which imports TensorFlow."""
    _context.set_forkserver_preload(child.PRELOAD)
    with _spares_lock:
        if not _spares:
            _spares.append(SpareChild(get_settings().threads_of_a_job))


def take_child(threads: int) -> SpareChild:
    """The prepared child, or a new one if it died while waiting, or was set up for another number of threads."""
    with _spares_lock:
        spare = _spares.pop() if _spares else None
    if spare and spare.process.is_alive():
        if spare.threads == threads:
            return spare
        spare.process.terminate()
    return SpareChild(threads)


class Supervisor:
    """Runs a claimed job to its end. `shutdown` asks it to give the job back; `readiness` is told the outcome."""

    def __init__(self, claim: Claim, shutdown: threading.Event, readiness: Readiness) -> None:
        self.claim = claim
        self.shutdown = shutdown
        self.readiness = readiness
        self.log = log.bind(job=str(claim.job_id), attempt=claim.attempt, recipe=claim.recipe)
        self._stop_reason: str | None = None
        self._stopped_at = 0.0
        self._peak_mb = 0.0

    def run(self) -> None:
        recipe = all_recipes().get(self.claim.recipe)
        if recipe is None:  # its folder appeared after this process had started; another worker may know it
            self._store(lambda session: self._give_back(session, "recipe"))
            self.readiness.has_faulted("recipe", self.claim.recipe)
            return
        announce_state(self.claim.job_id, JobState.RUNNING)
        claim = self.claim
        spec = JobSpec(
            str(claim.job_id),
            claim.attempt,
            claim.recipe,
            claim.hyperparameters,
            claim.threads,
            claim.recipe_digest,
            recipe.limits.memory_mb,
            Start(**claim.start) if claim.start else None,
        )
        try:
            process = take_child(claim.threads).train(spec)
        except (OSError, EOFError) as error:  # out of processes or files, or the child had just died
            self.log.error("no child could be started", error=repr(error))
            self._store(lambda session: self._give_back(session, "part"))
            self.readiness.has_faulted("part")
            return
        self.log.info("job started", pid=process.pid)
        try:
            self._watch(process, recipe.limits)
        finally:
            if process.is_alive():
                process.kill()
            process.join()
        self._settle(process.exitcode)

    def _watch(self, process: BaseProcess, limits: Limits) -> None:
        """Until the child has ended: renew the lease, handle cancellation, shutdown and limits."""
        ends_at, ask_at = time.monotonic() + limits.seconds, 0.0
        while process.is_alive():
            if time.monotonic() >= ask_at:
                self._ask_database(process)
                ask_at = time.monotonic() + ASK_DATABASE_EVERY
            if self.shutdown.is_set():
                self._stop(process, "shutdown")
            elif time.monotonic() > ends_at:
                self._stop(process, "time")
            elif self._memory_mb(process) > limits.memory_mb:
                self._stop(process, "memory")
            if self._stop_reason and time.monotonic() > self._stopped_at + GRACE:
                process.kill()
            process.join(LOOK_EVERY)

    def _ask_database(self, process: BaseProcess) -> None:
        try:
            with session_scope() as session:
                if renew_lease(session, self.claim.job_id, self.claim.attempt):
                    self._stop(process, "cancel")
        except AttemptSuperseded:
            # It has just succeeded, or another attempt owns the job: either way this child must write nothing more.
            self._stop(process, "superseded")
        except Exception as error:
            if kind_of(error) is None:
                raise
            self.log.warning("lease not renewed", error=str(error))

    def _stop(self, process: BaseProcess, reason: str) -> None:
        """Ask the child to end; kill it after a grace period."""
        if self._stop_reason is None:
            self._stop_reason, self._stopped_at = reason, time.monotonic()
            process.terminate()

    def _settle(self, exit_code: int | None) -> None:
        """Record the outcome of the child's end."""
        self.log.info("job ended", exit_code=exit_code, stop_reason=self._stop_reason)
        if exit_code == child.DONE:
            self.readiness.has_succeeded()
        if exit_code in (child.DONE, child.SUPERSEDED, child.FAILED) or self._stop_reason == "superseded":
            return
        if self._stop_reason == "cancel":
            self._finish(JobState.CANCELLED)
        elif self._stop_reason == "shutdown":
            self._store(lambda session: self._give_back(session))
        elif exit_code in KINDS:
            kind = KINDS[exit_code]
            self._store(lambda session: self._give_back(session, kind))
            self.readiness.has_faulted(kind, self.claim.recipe)
        elif self._stop_reason == "time":
            minutes = round(all_recipes()[self.claim.recipe].limits.seconds / 60)
            self._finish(JobState.FAILED, Failure(TOO_LONG, {"minutes": minutes}))
        elif self._stop_reason == "memory" or self._has_met_its_limit(exit_code):
            self._finish(JobState.FAILED, Failure(OUT_OF_MEMORY, self._memory_values()))
        else:
            reason = f"its process ended with {exit_code}"
            self._store(lambda session: interrupt(session, self.claim.job_id, self.claim.attempt, reason))

    def _finish(self, state: JobState, failure: Failure | None = None) -> None:
        def end(session: Session) -> JobState:
            finish(session, self.claim.job_id, self.claim.attempt, state, failure)
            return state

        self._store(end)

    def _give_back(self, session: Session, held_by: str | None = None) -> JobState:
        give_back(session, self.claim.job_id, self.claim.attempt, held_by)
        return JobState.QUEUED

    def _store(self, write: Callable[[Session], JobState]) -> None:
        """Record how the attempt ended, as soon as the database accepts it; during shutdown retry only briefly."""
        pause = 0.25
        while True:
            try:
                with session_scope() as session:
                    state = write(session)
                break
            except AttemptSuperseded:
                return
            except Exception as error:
                if kind_of(error) is None or (self.shutdown.is_set() and pause > GRACE):
                    raise
                self.log.error("the end of an attempt is not stored yet", error=str(error), again_in=pause)
            time.sleep(pause)
            pause = min(2 * pause, 5.0)
        announce_state(self.claim.job_id, state)

    def _memory_mb(self, process: BaseProcess) -> float:
        try:
            now = psutil.Process(process.pid).memory_info().rss / 2**20
        except psutil.NoSuchProcess:
            now = 0.0
        self._peak_mb = max(self._peak_mb, now)
        return now

    def _memory_values(self) -> dict[str, int]:
        limit = all_recipes()[self.claim.recipe].limits.memory_mb
        return {"limit_mb": limit} | ({"needed_mb": round(self._peak_mb)} if self._peak_mb > limit else {})

    def _has_met_its_limit(self, exit_code: int | None) -> bool:
        """Native code aborts when out of memory. An abort far below the limit had another cause."""
        limit = all_recipes()[self.claim.recipe].limits.memory_mb
        return exit_code == -signal.SIGABRT and self._peak_mb > limit / 2
