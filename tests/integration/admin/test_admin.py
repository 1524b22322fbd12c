"""What an admin does with people and trainings, and nobody else may."""

import csv
import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.accounts.models import Role, User, UserSession
from app.accounts.service import live_tokens, open_session, sign_in_handle
from app.admin import service
from app.admin.queries import Sort
from app.board import places
from app.board.service import post
from app.classes.models import Class, ClassMember
from app.core.clock import now
from app.core.db import session_scope
from app.core.errors import Forbidden
from app.core.signing import hash_token
from app.courses.models import Course, ImportedComment, Lesson, LessonDraft
from app.jobs.models import Job, JobState
from app.journal.models import Act
from app.web.security.cookies import session_cookie_name
from tests.factories import make_job, make_user
from tests.integration.conftest import ON_SQLITE, enter


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
    assert {client.get(f"/admin/{page}").status_code for page in ("people", "jobs", "journal", "import")} == {
        403
    }
    assert client.post(f"/admin/people/{other.id}/role", data={"role": "admin"}).status_code == 403
    assert client.post(f"/admin/people/{other.id}/suspension").status_code == 403
    assert client.post(f"/admin/people/{other.id}/sign-ins/deletion").status_code == 403
    assert client.get("/admin/people.csv").status_code == 403
    assert one(select(User.role).where(User.name == "Hao")) == Role.STUDENT


def test_people_are_found_by_a_part_of_their_name_whatever_its_case(
    client: TestClient, admin: User, person: Callable[..., User]
) -> None:
    for name in ("Wang Hao", "HAOYU", "Ming", "100%"):
        person(name)
    assert_names(client, "text=hao", ["HAOYU", "Wang Hao"])
    assert_names(client, "text=%25", ["100%"])
    assert_names(client, "text=_", [])


def test_people_are_filtered_by_role_and_by_whether_their_account_is_open(
    client: TestClient, admin: User, person: Callable[..., User]
) -> None:
    person("Lin Hua", Role.LECTURER)
    client.post(f"/admin/people/{person('Ming').id}/suspension", data={"reason": "spam"})
    assert_names(client, "role=lecturer", ["Lin Hua"])
    assert_names(client, "state=suspended", ["Ming"])


def test_an_admin_finds_a_masked_name_by_what_readers_see(
    client: TestClient, admin: User, person: Callable[..., User], session: Session
) -> None:
    masked, shown = person("Wang Hao"), person("HAOYU")
    shown.shows_name = True
    session.merge(shown)
    session.commit()
    assert_names(client, "text=*o", ["Wang Hao"])
    assert_names(client, "text=*u", [])
    make_job(session, masked)
    session.commit()
    assert f'href="/admin/people/{masked.id}"' in client.get("/admin/jobs?name=*o").text


@pytest.mark.parametrize("sort", Sort)
def test_a_long_list_of_people_has_pages_that_keep_filter_and_order(
    client: TestClient, admin: User, session: Session, sort: Sort
) -> None:
    begun = now() - timedelta(days=9)
    for number in range(120):
        # Two each were created, and seen, at the same moment; some are signed in nowhere.
        moment = begun + timedelta(minutes=number // 2)
        student = make_user(session, f"student {(number * 7) % 120:03}")
        student.created_at = moment
        if number % 3:
            session.add(
                UserSession(
                    token_hash=f"{number:064}", user_id=student.id, created_at=moment, last_seen_at=moment
                )
            )
    session.commit()
    address, names = f"/admin/people?text=student&sort={sort}", []
    while address:
        page = client.get(address).text
        names += re.findall(r'">(student \d+)</a>', page)
        further = re.search(r'rel="next" href="([^"]+)"', page)
        address = unescape(further[1]) if further else ""
        # Whoever joins meanwhile moves nobody to another page.
        make_user(session, f"late student {len(names)}")
        session.commit()
    assert len(names) == len(set(names)) == 120, "nobody twice, nobody left out"
    sheet = client.get(f"/admin/people.csv?text=student&sort={sort}").text
    assert re.findall(r"(?<!late )student \d+", sheet) == names
    if sort == Sort.NAME:
        assert names == sorted(names)


@pytest.mark.parametrize("place", ["junk", "1~junk", "99999999999999999999~" + "0" * 32, "~" + "0" * 32])
def test_a_place_in_the_list_that_none_has_is_not_found(client: TestClient, admin: User, place: str) -> None:
    assert client.get("/admin/people", params={"after": place}).status_code == 404
    for sort in Sort:
        answer = client.get("/admin/people", params={"after": f"1{place}", "sort": sort})
        assert answer.status_code in {200, 404}


def test_people_are_filtered_by_class_and_exported_with_their_classes(
    client: TestClient, admin: User, course: Course, person: Callable[..., User], session: Session
) -> None:
    day = now().date()
    monday = Class(course_id=course.id, title="Monday", starts_on=day, ends_on=day)
    session.add(monday)
    session.flush()
    person("Lin Hua", Role.LECTURER)
    for name, state in (("Wang Hao", "in"), ("Ming", "invited"), ("=HAOYU", "in")):
        session.add(ClassMember(class_id=monday.id, user_id=person(name).id, state=state))
    session.commit()
    assert_names(client, f"class_id={monday.id}", ["Wang Hao"])
    answer = client.get(f"/admin/people.csv?class_id={monday.id}&sort=name")
    assert answer.headers["content-type"].startswith("text/csv")
    head, *rows = csv.reader(answer.text.removeprefix("\ufeff").splitlines())
    assert head == ["Name", "Role", "Account", "Since", "Last here", "Classes"]
    assert [row[0] for row in rows] == ["'=HAOYU", "Wang Hao"], "no cell is a formula"
    assert [row[1:3] + row[4:] for row in rows] == [["student", "active", "", "Monday"]] * 2
    assert client.get("/admin/people?class_id=nonsense").status_code in {404, 422}


def test_an_admin_changes_a_role_and_the_journal_says_so(
    client: TestClient, admin: User, person: Callable[..., User]
) -> None:
    hao = person("Hao")
    assert client.post(f"/admin/people/{hao.id}/role", data={"role": "lecturer"}).status_code == 303
    assert one(select(User.role).where(User.id == hao.id)) == Role.LECTURER
    act = one(select(Act))
    assert (act.actor_name, act.kind, act.subject, act.details) == (
        "Teacher",
        "role",
        "Hao",
        {"before": "student", "after": "lecturer"},
    )
    assert "changed the role of" in client.get("/admin/journal").text


def test_who_is_no_longer_a_lecturer_no_longer_speaks_by_name_on_kept_pages(
    client: TestClient, admin: User, person: Callable[..., User], course: Course
) -> None:
    lin = person("Lecturer Lin", Role.LECTURER)
    with session_scope() as writing:
        lesson = writing.scalar(select(Lesson).where(Lesson.slug == "00-start"))
        place = places.find_place(writing, None, f"lesson:{lesson.id}")
        post(writing, writing.get_one(User, lin.id), place, "Welcome to you all", "", 60)
    for _ in range(3):
        assert "Lecturer Lin" in client.get(place.address).text
    client.post(f"/admin/people/{lin.id}/role", data={"role": "student"})
    page = client.get(place.address).text
    assert "*n" in page and "Lecturer Lin" not in page


def test_a_role_that_does_not_exist_is_refused(
    client: TestClient, admin: User, person: Callable[..., User]
) -> None:
    hao = person("Hao")
    assert client.post(f"/admin/people/{hao.id}/role", data={"role": "owner"}).status_code == 422
    assert one(select(User.role).where(User.id == hao.id)) == Role.STUDENT


def test_suspending_ends_every_session_at_once_and_reinstating_lets_one_in_again(
    client: TestClient, admin: User, person: Callable[..., User], session: Session
) -> None:
    hao = person("Hao")
    token = open_session(session, hao)
    session.commit()
    assert client.post(f"/admin/people/{hao.id}/suspension", data={"reason": "spam"}).status_code == 303
    own = client.cookies.get(session_cookie_name(), domain="127.0.0.1")
    client.cookies.set(session_cookie_name(), token, domain="127.0.0.1", path="/")
    assert client.get("/progress").status_code == 303
    client.cookies.set(session_cookie_name(), own, domain="127.0.0.1", path="/")
    assert client.post(f"/admin/people/{hao.id}/reinstatement").status_code == 303
    assert one(select(User.disabled_at).where(User.id == hao.id)) is None
    assert hash_token(token)


def test_an_admin_sees_where_somebody_is_signed_in_and_ends_one_or_all(
    client: TestClient, admin: User, person: Callable[..., User], session: Session
) -> None:
    hao, other = person("Hao"), person("Ming")
    lost = open_session(session, hao, user_agent="Firefox on Windows")
    kept = open_session(session, hao, user_agent="MicroMessenger on Android")
    foreign = open_session(session, other)
    session.commit()
    page = client.get(f"/admin/people/{hao.id}").text
    assert "Firefox on Windows" in page and "WeChat on Android" in page
    assert not any(secret in page for token in (lost, kept, foreign) for secret in (token, hash_token(token)))

    def end(handle: str = "") -> None:
        address = f"/admin/people/{hao.id}/sign-ins/{handle}deletion"
        assert client.post(address).headers["location"] == f"/admin/people/{hao.id}#sign-ins"

    for _ in range(2):
        end(f"{sign_in_handle(hash_token(lost))}/")
    end(f"{sign_in_handle(hash_token(foreign))}/")
    assert live_tokens([lost, kept, foreign]) == {kept, foreign}
    assert "Firefox on Windows" not in client.get(f"/admin/people/{hao.id}").text
    for _ in range(2):
        end()
    assert live_tokens([kept, foreign]) == {foreign}
    with session_scope(writes=False) as reading:
        acts = reading.execute(select(Act.kind, Act.subject, Act.details)).all()
    assert acts == [("signing-out", "Hao", {"number": 1})] * 2, "only what ended something"
    assert "is signed in nowhere" in client.get(f"/admin/people/{hao.id}").text


@pytest.mark.parametrize(
    ("act", "form"),
    [("role", {"role": "student"}), ("suspension", {"reason": "spam"}), ("sign-ins/deletion", {})],
)
def test_an_admin_cannot_lock_themselves_out(
    client: TestClient, admin: User, act: str, form: dict[str, str]
) -> None:
    assert client.post(f"/admin/people/{admin.id}/{act}", data=form).status_code == 409
    assert client.get("/admin/people").status_code == 200


def test_an_admin_who_has_just_lost_the_role_takes_it_from_nobody(
    session: Session, person: Callable[..., User]
) -> None:
    first, second = person("First", Role.ADMIN), person("Second", Role.ADMIN)
    service.change_role(session, first, second.id, Role.STUDENT)
    session.flush()
    with pytest.raises(Forbidden):
        service.change_role(session, second, first.id, Role.STUDENT)


def test_all_jobs_are_listed_with_their_students_and_filtered(
    client: TestClient, admin: User, session: Session
) -> None:
    hao, ming = make_user(session, "Hao"), make_user(session, "Ming")
    make_job(session, hao)
    make_job(session, ming, "line", state=JobState.FAILED)
    session.commit()
    everything = client.get("/admin/jobs").text
    assert ">Hao</a></td>" in everything and ">Ming</a></td>" in everything
    for query, shown in (("state=failed", "Ming"), ("recipe=mnist-mlp", "Hao"), ("name=min", "Ming")):
        text = client.get(f"/admin/jobs?{query}").text
        assert [name for name in ("Hao", "Ming") if f">{name}</a></td>" in text] == [shown]


def test_an_admin_cancels_anybodys_job_once(client: TestClient, admin: User, session: Session) -> None:
    job = make_job(session, make_user(session, "Hao"))
    session.commit()
    answer = client.post(
        f"/admin/jobs/{job.id}/cancellation", data={"next": "/admin/jobs?state=queued&page=1"}
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/admin/jobs?state=queued&page=1")
    assert one(select(Job.state)) == JobState.CANCELLED
    assert client.post(f"/admin/jobs/{job.id}/cancellation").status_code == 409
    assert one(select(Act.subject)) == "Hao"


@ON_SQLITE
@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/sign-out", "/admin/people/../../x"]
)
def test_the_way_back_leads_to_the_list_only(
    client: TestClient, admin: User, session: Session, target: str
) -> None:
    job = make_job(session, make_user(session, "Hao"))
    session.commit()
    assert (
        client.post(f"/admin/jobs/{job.id}/cancellation", data={"next": target}).headers["location"]
        == "/admin/jobs"
    )


def test_who_or_what_does_not_exist_is_a_404(client: TestClient, admin: User) -> None:
    nobody = "00000000-0000-0000-0000-000000000000"
    assert client.get(f"/admin/people/{nobody}").status_code == 404
    assert client.post(f"/admin/people/{nobody}/suspension", data={"reason": "x"}).status_code == 404
    assert client.post(f"/admin/jobs/{nobody}/cancellation").status_code == 404


def assert_names(client: TestClient, query: str, expected: list[str]) -> None:
    text = client.get(f"/admin/people?{query}").text
    known = ["Wang Hao", "HAOYU", "Ming", "100%", "Lin Hua"]
    assert sorted(name for name in known if f'">{name}</a>' in text) == sorted(expected)


COLUMN = """<p data-nodeid="1" class="">第一段 <b onclick="x()">粗</b> 字。</p>
<h3 data-nodeid="2">小标题</h3>
<script>alert(1)</script>

---

##### **昊：
> 打卡

 ###### &nbsp;&nbsp;&nbsp; 讲师回复：
> &nbsp;&nbsp;&nbsp; 加油
"""


def upload(client: TestClient, name: str = "03-line.md", content: str = COLUMN) -> str:
    answer = client.post("/admin/import", files=[("files", (name, content.encode(), "text/markdown"))])
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def test_an_uploaded_column_is_reported_before_anything_is_written(client: TestClient, admin: User) -> None:
    report = client.get(upload(client))
    assert "小标题" in report.text and "打卡" in report.text and "加油" in report.text
    assert "<script>alert(1)" not in report.text
    assert "script" in report.text, "what did not fit is listed"
    assert one(select(Course)) is None and one(select(LessonDraft)) is None


def test_a_confirmed_column_is_a_draft_with_its_comments_and_twice_is_once(
    client: TestClient, admin: User
) -> None:
    address = upload(client)
    for _ in range(2):
        assert client.post(f"{address}/confirmation", data={"course": "column"}).status_code == 303
    assert one(select(func.count(LessonDraft.lesson_id))) == 1
    assert one(select(func.count(ImportedComment.id))) == 1
    assert one(select(Lesson.published_revision_id)) is None
    done = client.get(address).text
    assert f"/authoring/lessons/{one(select(Lesson.id))}" in done
    assert "小标题" in client.get(f"/authoring/lessons/{one(select(Lesson.id))}").text


def test_what_was_edited_after_an_import_is_kept_when_the_column_is_brought_in_again(
    client: TestClient, admin: User
) -> None:
    client.post(f"{upload(client)}/confirmation", data={"course": "column"})
    lesson_id = one(select(Lesson.id))
    body = {"version": one(select(LessonDraft.version)), "sources": {"zh.md": "改过了。"}}
    assert client.put(f"/authoring/lessons/{lesson_id}/draft", json=body).status_code == 200
    again = upload(client)
    client.post(f"{again}/confirmation", data={"course": "column"})
    assert "it was edited or published here" in client.get(again).text
    assert one(select(LessonDraft.sources))["zh.md"] == "改过了。"


def test_another_admins_upload_is_not_found(client: TestClient, admin: User, session: Session) -> None:
    address = upload(client)
    enter(client, session, make_user(session, "Second", Role.ADMIN))
    assert client.get(address).status_code == 404
    assert client.post(f"{address}/confirmation", data={"course": "column"}).status_code == 404


def test_an_upload_without_files_or_with_a_huge_one_gets_a_sentence(client: TestClient, admin: User) -> None:
    assert "Please choose a file first." in client.post("/admin/import", files=[("other", b"x")]).text
    answer = client.post("/admin/import", files=[("files", ("a.md", b"x" * 5_000_001))])
    assert answer.status_code == 422
    assert 'id="files-error"' in answer.text
