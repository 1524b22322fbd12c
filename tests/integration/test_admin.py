"""What an admin does with people and trainings, and what nobody else may."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.accounts.service import hash_token, open_session
from app.admin import service
from app.admin.models import Act
from app.db import session_scope
from app.errors import Forbidden
from app.jobs.models import Job, JobState
from app.security.cookies import session_cookie_name
from tests.factories import make_job, make_user
from tests.integration.conftest import enter


@pytest.fixture
def admin(client: TestClient, session: Session) -> User:
    user = make_user(session, "Teacher", Role.ADMIN)
    enter(client, session, user)
    client.cookies.set("language", "en")
    return user


@pytest.fixture
def person(session: Session) -> Callable[..., User]:
    def make(name: str, role: Role = Role.STUDENT) -> User:
        user = make_user(session, name, role)
        session.commit()
        return user

    return make


def one(statement: Select[Any]) -> Any:
    with session_scope(writes=False) as session:
        return session.scalar(statement)


@pytest.mark.parametrize("role", [Role.STUDENT, Role.LECTURER])
def test_only_an_admin_administers(client: TestClient, session: Session, role: Role) -> None:
    other = make_user(session, "Hao")
    enter(client, session, make_user(session, "Not an admin", role))
    assert {client.get(f"/admin/{page}").status_code for page in ("people", "jobs", "journal", "import")} == {403}
    assert client.post(f"/admin/people/{other.id}/role", data={"role": "admin"}).status_code == 403
    assert client.post(f"/admin/people/{other.id}/suspension").status_code == 403
    assert one(select(User.role).where(User.name == "Hao")) == Role.STUDENT


def test_people_are_found_by_a_part_of_their_name_whatever_its_case(client: TestClient, admin: User, person: Callable[..., User]) -> None:
    for name in ("Wang Hao", "HAOYU", "Ming", "100%"):
        person(name)
    assert_names(client, "text=hao", ["HAOYU", "Wang Hao"])
    assert_names(client, "text=%25", ["100%"])
    assert_names(client, "text=_", [])


def test_people_are_filtered_by_role_and_by_whether_their_account_is_open(client: TestClient, admin: User, person: Callable[..., User]) -> None:
    person("Lin Hua", Role.LECTURER)
    client.post(f"/admin/people/{person('Ming').id}/suspension")
    assert_names(client, "role=lecturer", ["Lin Hua"])
    assert_names(client, "state=suspended", ["Ming"])


def test_a_long_list_of_people_has_pages_that_keep_the_filter(client: TestClient, admin: User, session: Session) -> None:
    for number in range(60):
        make_user(session, f"student {number:02}")
    session.commit()
    first = client.get("/admin/people?text=student").text
    assert 'href="/admin/people?text=student&amp;page=2"' in first
    second = client.get("/admin/people?text=student&page=2").text
    shown = [f"student {number:02}" for number in range(60)]
    assert sorted(name for name in shown if name in first) != sorted(name for name in shown if name in second)
    assert all((f">{name}<" in first) != (f">{name}<" in second) for name in shown)
    assert client.get("/admin/people?page=99").status_code == 200


def test_an_admin_changes_a_role_and_the_journal_says_so(client: TestClient, admin: User, person: Callable[..., User]) -> None:
    hao = person("Hao")
    assert client.post(f"/admin/people/{hao.id}/role", data={"role": "lecturer"}).status_code == 303
    assert one(select(User.role).where(User.id == hao.id)) == Role.LECTURER
    act = one(select(Act))
    assert (act.actor_name, act.kind, act.subject, act.details) == ("Teacher", "role", "Hao", {"before": "student", "after": "lecturer"})
    assert "changed the role of" in client.get("/admin/journal").text


def test_a_role_that_does_not_exist_is_refused(client: TestClient, admin: User, person: Callable[..., User]) -> None:
    hao = person("Hao")
    assert client.post(f"/admin/people/{hao.id}/role", data={"role": "owner"}).status_code == 422
    assert one(select(User.role).where(User.id == hao.id)) == Role.STUDENT


def test_suspending_ends_every_session_at_once_and_reinstating_lets_one_in_again(client: TestClient, admin: User, person: Callable[..., User], session: Session) -> None:
    hao = person("Hao")
    token = open_session(session, hao)
    session.commit()
    assert client.post(f"/admin/people/{hao.id}/suspension").status_code == 303
    own = client.cookies.get(session_cookie_name(), domain="127.0.0.1")
    client.cookies.set(session_cookie_name(), token, domain="127.0.0.1", path="/")
    assert client.get("/progress").status_code == 303
    client.cookies.set(session_cookie_name(), own, domain="127.0.0.1", path="/")
    assert client.post(f"/admin/people/{hao.id}/reinstatement").status_code == 303
    assert one(select(User.disabled_at).where(User.id == hao.id)) is None
    assert hash_token(token)


@pytest.mark.parametrize(("act", "form"), [("role", {"role": "student"}), ("suspension", {})])
def test_an_admin_cannot_lock_themselves_out(client: TestClient, admin: User, act: str, form: dict[str, str]) -> None:
    assert client.post(f"/admin/people/{admin.id}/{act}", data=form).status_code == 409
    assert client.get("/admin/people").status_code == 200


def test_an_admin_who_has_just_lost_the_role_takes_it_from_nobody(session: Session, person: Callable[..., User]) -> None:
    first, second = person("First", Role.ADMIN), person("Second", Role.ADMIN)
    service.change_role(session, first, second.id, Role.STUDENT)
    session.flush()
    with pytest.raises(Forbidden):
        service.change_role(session, second, first.id, Role.STUDENT)


def test_all_jobs_are_listed_with_their_students_and_filtered(client: TestClient, admin: User, session: Session) -> None:
    hao, ming = make_user(session, "Hao"), make_user(session, "Ming")
    make_job(session, hao)
    make_job(session, ming, "line", state=JobState.FAILED)
    session.commit()
    everything = client.get("/admin/jobs").text
    assert "<td>Hao</td>" in everything and "<td>Ming</td>" in everything
    for query, shown in (("state=failed", "Ming"), ("recipe=mnist-mlp", "Hao"), ("name=min", "Ming")):
        text = client.get(f"/admin/jobs?{query}").text
        assert [name for name in ("Hao", "Ming") if f"<td>{name}</td>" in text] == [shown]


def test_an_admin_cancels_anybodys_job_once(client: TestClient, admin: User, session: Session) -> None:
    job = make_job(session, make_user(session, "Hao"))
    session.commit()
    answer = client.post(f"/admin/jobs/{job.id}/cancellation", data={"next": "/admin/jobs?state=queued&page=1"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/admin/jobs?state=queued&page=1")
    assert one(select(Job.state)) == JobState.CANCELLED
    assert client.post(f"/admin/jobs/{job.id}/cancellation").status_code == 409
    assert one(select(Act.subject)) == "Hao"


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/sign-out", "/admin/people/../../x"])
def test_the_way_back_leads_to_the_list_only(client: TestClient, admin: User, session: Session, target: str) -> None:
    job = make_job(session, make_user(session, "Hao"))
    session.commit()
    assert client.post(f"/admin/jobs/{job.id}/cancellation", data={"next": target}).headers["location"] == "/admin/jobs"


def test_who_or_what_does_not_exist_is_a_404(client: TestClient, admin: User) -> None:
    nobody = "00000000-0000-0000-0000-000000000000"
    assert client.post(f"/admin/people/{nobody}/suspension").status_code == 404
    assert client.post(f"/admin/jobs/{nobody}/cancellation").status_code == 404


def assert_names(client: TestClient, query: str, expected: list[str]) -> None:
    text = client.get(f"/admin/people?{query}").text
    known = ["Wang Hao", "HAOYU", "Ming", "100%", "Lin Hua"]
    assert sorted(name for name in known if f'<th scope="row">{name}' in text) == sorted(expected)
