"""Factories for test objects, with as few arguments as possible."""

from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.accounts.service import name_key
from app.core.clock import now
from app.jobs.models import Job, JobState, Sweep
from app.jobs.queue.fairness import next_turn
from app.recipes.recipe import all_recipes

# Two lessons with every feature a lesson may have; written for tests, never loaded by Sophora.
TINY_COURSE = Path(__file__).parent / "tiny-course"

# An id of nothing. It appears in test names, which parallel test processes compare, so it must not be random.
NO_ID = UUID(int=4)
PASSWORD = "a sentence of my own"
_numbers = count(1)


def make_user(session: Session, name: str | None = None, role: Role = Role.STUDENT) -> User:
    """A user who cannot sign in (no real password hash): fast to create."""
    name = name or f"student {next(_numbers)}"
    user = User(name=name, name_key=name_key(name), password_hash="-", role=role)
    session.add(user)
    session.flush()
    return user


def make_job(session: Session, user: User, recipe: str = "mnist-mlp", **values: Any) -> Job:
    hyperparameters = all_recipes()[recipe].defaults | values.pop("hyperparameters", {})
    values.setdefault("turn", next_turn(session, user.id, values.get("queue", "cpu")))
    if report := values.get("report"):
        values.setdefault("test_accuracy", report["metrics"].get("test_accuracy"))
    job = Job(user_id=user.id, recipe=recipe, hyperparameters=hyperparameters, **values)
    session.add(job)
    session.flush()
    return job


def make_sweep(session: Session, user: User, **values: Any) -> Sweep:
    """Two trainings that have ended, with two learning rates."""
    sweep = Sweep(
        user_id=user.id, recipe="mnist-mlp", axes=[{"setting": "learning_rate", "values": [0.01, 0.1]}]
    )
    session.add(sweep)
    session.flush()
    for rate in (0.01, 0.1):
        ended = {"state": JobState.FAILED, "attempt": 1, "started_at": now(), "finished_at": now()}
        changed = {"hyperparameters": {"learning_rate": rate}, "sweep_id": sweep.id}
        make_job(session, user, **{**ended, **changed, **values})
    return sweep


def sign_up(client: TestClient, name: str | None = None) -> str:
    """Sign up through the form and stay signed in; returns the name."""
    name = name or f"reader {next(_numbers)}"
    answer = client.post("/sign-up", data={"name": name, "password": PASSWORD})
    assert answer.status_code == 303, answer.text
    return name
