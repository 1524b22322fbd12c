"""A visitor tries one training without an account: who sees it, when it is its turn, and what becomes of it."""

import base64
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.core import db, storage
from app.core.clock import now
from app.courses.models import Course
from app.jobs.guests import KEPT_FOR, forget_trials
from app.jobs.models import Job, JobArtefact, JobEpoch, JobState
from app.jobs.queue.fairness import GUESTS_TURN
from app.web.security.guests import guest_cookie_name
from tests.factories import PASSWORD, make_job, make_user
from tests.integration.conftest import enter
from worker import claim

LESSON = "/courses/tiny/lessons/00-start"
TRIAL = f"{LESSON}/labs/digits/trials"
KEY = {"request_key": "a-key-of-this-page"}


def start(client: TestClient) -> str:
    """The address of a fresh visitor's training."""
    client.cookies.clear()
    answer = client.post(TRIAL, data={"request_key": uuid4().hex})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def job_at(address: str) -> Job:
    with db.session_scope(writes=False) as session:
        return session.get_one(Job, UUID(address.removeprefix("/jobs/")))


def test_a_visitor_starts_the_first_lab_from_the_home_page_and_from_its_lesson_and_watches_it(
    client: TestClient, course: Course
) -> None:
    client.cookies.set("language", "en")
    for page in ("/", LESSON):
        assert f'action="{TRIAL}"' in client.get(page).text
    assert "It trains as it stands" in client.get("/").text, (
        "the lab's task speaks of a guess, which a trial does not ask for"
    )
    assert "/trials" not in client.get("/courses/tiny/lessons/01-next").text
    before = client.get("/").headers["etag"]
    answer = client.post(TRIAL, data=KEY)
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie
    address = answer.headers["location"]
    page = client.get(address).text
    assert "This is yours for a day" in page and f"{address}/cancellation" not in page
    assert client.get(f"{address}/status").status_code == 200
    job = job_at(address)
    assert job.user_id is None and job.guess is None
    assert client.post(TRIAL, data={"epochs": "9"}).headers["location"] == address
    assert client.get("/").headers["etag"] == before, "what all visitors see is the same for all"


def test_nobody_else_sees_a_visitors_training_and_the_visitor_sees_and_changes_nothing_else(
    client: TestClient, course: Course, session: Session
) -> None:
    address = start(client)
    own = client.cookies.get(guest_cookie_name())
    assert own is not None
    others = make_job(session, make_user(session))
    session.commit()
    assert client.get(f"/jobs/{others.id}").status_code in {303, 401}
    assert client.get(f"/live?topics=job:{others.id}").status_code in {303, 401}
    for act in ("cancellation", "sharing", "clones"):
        assert client.post(f"{address}/{act}", data={"on": "true"}).status_code == 401
    raw = base64.urlsafe_b64decode(own + "=" * (-len(own) % 4))
    forged = base64.urlsafe_b64encode(raw[:-1] + bytes([raw[-1] ^ 1])).decode().rstrip("=")
    for cookie in (forged, own + "=", "", "x" * 2000):
        client.cookies.clear()
        client.cookies.set(guest_cookie_name(), cookie)
        for part in ("", "/status", "/events", "/files/model.tflite"):
            assert client.get(f"{address}{part}").status_code in {303, 401}, (cookie, part)
    enter(client, session, make_user(session))
    assert client.get(address).status_code == 404
    enter(client, session, make_user(session, role=Role.ADMIN))
    assert client.get(address).status_code == 200
    assert client.get("/admin/jobs").status_code == 200
    assert client.post(f"/admin/jobs/{job_at(address).id}/cancellation").status_code == 303
    assert job_at(address).state == JobState.CANCELLED


def test_a_visitors_training_is_never_before_a_members(
    client: TestClient, course: Course, session: Session
) -> None:
    trials = [job_at(start(client)).id for _ in range(2)]
    member = make_user(session)
    first, second = make_job(session, member), make_job(session, member)
    session.commit()
    order = []
    for _ in range(4):
        with db.session_scope() as change:
            taken = claim.claim_next(change, "cpu")
            assert taken is not None
            claim.finish(change, taken.job_id, taken.attempt, JobState.SUCCEEDED)
            order.append(taken.job_id)
    assert order == [first.id, second.id, *trials]
    assert make_job(session, make_user(session)).turn < GUESTS_TURN


def test_what_a_visitor_trained_is_gone_with_its_files_after_a_day(
    client: TestClient, course: Course, session: Session
) -> None:
    old, fresh, running, kept = (job_at(start(client)).id for _ in range(4))
    signed = client.post("/sign-up", data={"name": "Lin", "password": PASSWORD})
    assert signed.status_code == 303
    session.add(
        JobEpoch(
            job_id=old, epoch=1, attempt=1, metrics={}, seconds=1.0, points=[], extra={}, checkpoint_key="",
            stream_id="0-0",
        )
    )  # fmt: skip
    session.add(
        JobArtefact(job_id=old, attempt=1, name="model.tflite", key=f"jobs/{old}/1/model.tflite", size=1)
    )
    storage.write(f"jobs/{old}/1/model.tflite", b"x")
    session.execute(
        update(Job).where(Job.id != fresh).values(created_at=now() - KEPT_FOR - timedelta(minutes=1))
    )
    values = {"state": JobState.RUNNING, "lease_expires_at": now()}
    session.execute(update(Job).where(Job.id == running).values(**values))
    session.commit()
    with db.session_scope() as change:
        assert forget_trials(change) == 1
    assert set(session.scalars(select(Job.id))) == {fresh, running, kept}
    assert session.scalar(select(func.count()).select_from(JobEpoch)) == 0
    assert not storage.has(f"jobs/{old}/1/model.tflite")


@pytest.mark.parametrize("way", ["/sign-up", "/sign-in"])
def test_whoever_signs_up_or_in_in_that_browser_keeps_the_training(
    client: TestClient, course: Course, way: str
) -> None:
    account = {"name": "Lin Daiyu", "password": PASSWORD}
    if way == "/sign-in":
        client.post("/sign-up", data=account)
    address = start(client)
    assert client.post(way, data=account).status_code == 303
    assert guest_cookie_name() not in client.cookies
    job = job_at(address)
    with db.session_scope(writes=False) as reading:
        owner = reading.scalars(select(User.id)).one()
    assert job.user_id == owner and job.guest_key is None and job.turn < GUESTS_TURN
    assert address in client.get("/jobs").text
    assert client.post(f"{address}/cancellation").status_code == 303
    assert client.post(TRIAL).headers["location"] == f"{LESSON}#lab-digits"


def test_three_clicks_without_a_cookie_yet_are_one_training(client: TestClient, course: Course) -> None:
    addresses = set()
    for _ in range(3):
        client.cookies.clear()
        addresses.add(client.post(TRIAL, data=KEY).headers["location"])
    assert len(addresses) == 1


def test_three_clicks_without_script_are_one_training_and_none_without_a_cookie(
    client: TestClient, course: Course
) -> None:
    client.cookies.clear()
    form = {"request_key": ""}
    without_answer = [client.post(TRIAL, data=form) for _ in range(3) if not client.cookies.clear()]
    assert {answer.status_code for answer in without_answer} == {307}
    again = without_answer[0].headers["location"]
    client.cookies.clear()
    refused = client.post(again, data=form, headers={"Accept-Language": "en"})
    assert refused.status_code == 409 and "Allow cookies" in refused.text
    with db.session_scope(writes=False) as session:
        assert session.scalar(select(func.count(Job.id))) == 0
    answers = [client.post(TRIAL, data=form, follow_redirects=False) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [307, 303]
    assert client.post(again, data=form).headers["location"] == answers[1].headers["location"]


def test_so_many_visitors_train_at_once_and_the_next_reads_what_to_do(
    client: TestClient, course: Course, configure: Callable[..., None]
) -> None:
    configure(guest_jobs_active=2)
    client.cookies.set("language", "en")
    start(client), start(client)
    client.cookies.clear()
    refused = client.post(TRIAL, data=KEY, headers={"Accept-Language": "en"})
    assert refused.status_code == 409 and "sign up" in refused.text
    configure(guest_jobs_active=0)
    assert client.post(TRIAL).status_code == 404
