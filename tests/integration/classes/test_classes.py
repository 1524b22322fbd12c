"""Classes: who opens, joins, runs and leaves them, and who finds them at all."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts.models import Role, User
from app.classes.models import Announcement, Class, MemberState
from app.core import db
from app.core.clock import now
from app.core.permissions import ClassRole
from tests.integration.classes.conftest import School, lesson_ids
from tests.integration.people import kinds
from tests.integration.statements import statements

pytestmark = pytest.mark.usefixtures("redis")


def test_a_lecturer_opens_a_class_and_a_student_does_not(school: School) -> None:
    form = {
        "course_id": school.course.id,
        "title": "Friday",
        "starts_on": "2026-09-01",
        "ends_on": "2027-01-31",
    }
    assert school.send(school.person("Ming"), "/classes", **form) == 403
    assert school.send(school.lecturer, "/classes", **form | {"ends_on": "2026-08-01"}) == 422
    assert school.send(school.lecturer, "/classes", **form) == 303
    assert "Friday" in school.reads(school.lecturer, "/classes")[1]


def test_people_join_by_link_and_by_code_until_these_are_revoked(school: School) -> None:
    ming, hao, mei = (school.person(name) for name in ("Ming", "Hao", "Mei"))
    assert school.send(school.lecturer, f"{school.here}/keys", act="new-link") == 303
    shown = school.reads(school.lecturer, f"{school.here}/settings")[1]
    key = shown.partition("/classes/joining?key=")[2].partition('"')[0]
    status, before = school.reads(ming, f"/classes/joining?key={key}")
    assert status == 200 and "in full" in before and school.state_of(ming) is None
    assert school.send(ming, "/classes/joining", key=key) == 303
    assert school.state_of(ming) == MemberState.IN
    school.send(school.lecturer, f"{school.here}/keys", act="new-link")
    assert school.send(hao, "/classes/joining", key=key) == 404, "a new link ends the one before"
    school.send(school.lecturer, f"{school.here}/keys", act="new-code")
    code = school.stored().code
    assert school.send(hao, "/classes/joining", key=f"{code[:4].lower()}-{code[4:]}") == 303
    school.send(school.lecturer, f"{school.here}/keys", act="no-code")
    assert school.send(mei, "/classes/joining", key=code) == 404
    assert school.send(mei, "/classes/joining", key="") == 404
    assert school.state_of(mei) is None


def test_a_list_is_reported_line_by_line_before_anybody_is_invited(school: School) -> None:
    ming, inside = school.person("Ming"), school.member("Inside")
    names = "name,points\nMing,3\nnobody here\nming\nInside\n"
    status, shown = 0, ""
    answer = school.sits(school.lecturer).post(f"{school.here}/invitations", data={"names": names})
    status, shown = answer.status_code, answer.text
    assert status == 200
    for words in (
        "will be invited",
        "no account has this name",
        "stands above already",
        "is in the class already",
    ):
        assert words in shown
    assert school.state_of(ming) is None, "nothing is written before it is confirmed"
    school.send(school.lecturer, f"{school.here}/invitations", names=names, confirmed="true")
    assert (school.state_of(ming), school.state_of(inside)) == (MemberState.INVITED, MemberState.IN)
    assert kinds(ming) == ["class"]
    assert school.reads(ming, school.here)[0] == 404, "who is invited is not in it yet"
    assert school.send(ming, f"{school.here}/membership", act="accept") == 303
    assert school.reads(ming, school.here)[0] == 200


def test_who_was_removed_comes_back_by_invitation_only(school: School) -> None:
    ming = school.member("Ming")
    school.send(school.lecturer, f"{school.here}/keys", act="new-code")
    assert school.send(school.lecturer, f"{school.here}/members/{ming.id}", act="remove") == 303
    assert school.reads(ming, school.here)[0] == 404
    assert school.send(ming, "/classes/joining", key=school.stored().code) == 403
    assert school.send(ming, f"{school.here}/membership", act="accept") == 404
    school.send(school.lecturer, f"{school.here}/invitations", names="Ming", confirmed="true")
    assert school.send(ming, f"{school.here}/membership", act="accept") == 303
    assert school.state_of(ming) == MemberState.IN


def test_a_class_is_found_by_its_own_people_only(school: School, open_class: Callable[[User], Class]) -> None:
    """Another lecturer, another class's student, an assistant of the site, a visitor: none finds it by any address."""
    other = school.person("Another lecturer", Role.LECTURER)
    elsewhere = open_class(other)
    member = school.member("Ming")
    strangers = (other, school.person("Hao"), school.person("An assistant", Role.ASSISTANT))
    pages = ("", "/members", "/settings")
    acts = {
        "/settings": {"title": "Mine", "starts_on": "2026-09-01", "ends_on": "2027-01-31"},
        "/keys": {"act": "new-code"},
        "/announcements": {"text": "Hello"},
        "/invitations": {"names": "Hao", "confirmed": "true"},
        f"/members/{member.id}": {"act": "remove"},
        "/membership": {"act": "accept"},
    }
    for stranger in strangers:
        assert [school.reads(stranger, school.here + page)[0] for page in pages] == [404] * len(pages)
        assert {
            path: school.send(stranger, school.here + path, **form) for path, form in acts.items()
        } == dict.fromkeys(acts, 404)
    assert school.send(other, f"/classes/{elsewhere.id}/members/{member.id}", act="remove") == 404
    assert school.state_of(member) == MemberState.IN
    assert school.stored().title == "Monday"


def test_a_students_rights_in_a_class_are_those_of_a_student(school: School) -> None:
    ming = school.member("Ming")
    assert school.reads(ming, school.here)[0] == 200
    assert [school.reads(ming, school.here + page)[0] for page in ("/members", "/settings")] == [403, 403]
    assert school.send(ming, f"{school.here}/announcements", text="Hello") == 403
    assert school.send(ming, f"{school.here}/members/{school.lecturer.id}", act="remove") == 403


def test_an_assistant_sees_and_announces_and_a_lecturer_who_is_none_any_more_is_a_student(
    school: School,
) -> None:
    helper = school.member("Helper", ClassRole.ASSISTANT)
    assert school.reads(helper, f"{school.here}/members")[0] == 200
    assert school.reads(helper, f"{school.here}/settings")[0] == 403
    assert school.send(helper, f"{school.here}/announcements", text="Hello") == 303
    school.session.get_one(User, school.lecturer.id).role = Role.STUDENT
    school.session.commit()
    assert school.reads(school.lecturer, f"{school.here}/members")[0] == 403


def test_a_class_keeps_a_lecturer_whom_the_site_has_as_one(school: School) -> None:
    ming = school.member("Ming")
    assert school.send(school.lecturer, f"{school.here}/membership", act="leave") == 409
    assert school.send(school.lecturer, f"{school.here}/members/{school.lecturer.id}", act="student") == 409
    assert school.send(school.lecturer, f"{school.here}/members/{ming.id}", act="lecturer") == 409


def test_an_announcement_is_a_notice_for_everybody_in_the_class(school: School) -> None:
    ming, invited = school.member("Ming"), school.member("Hao", state=MemberState.INVITED)
    school.send(school.lecturer, f"{school.here}/announcements", text="Bring <b>laptops</b>.")
    assert kinds(ming) == ["class"] and kinds(invited) == [] and kinds(school.lecturer) == []
    assert "Bring &lt;b&gt;laptops" in school.reads(ming, school.here)[1]
    assert "Bring &lt;b&gt;laptops" in school.reads(ming, "/notifications")[1]
    with db.session_scope(writes=False) as session:
        announced = session.scalars(select(Announcement.id)).one()
    assert school.send(school.lecturer, f"{school.here}/announcements/{announced}/deletion") == 303
    assert kinds(ming) == [] and "laptops" not in school.reads(ming, "/notifications")[1]
    with db.session_scope(writes=False) as session:
        assert session.get_one(User, ming.id).unread == 0


def test_what_an_announcement_costs_does_not_grow_with_the_class(school: School) -> None:
    members = [school.member(f"Student {number}") for number in range(3)]
    browser, address = school.sits(school.lecturer), f"{school.here}/announcements"

    def announcing(text: str) -> int:
        with statements() as found:
            assert browser.post(address, data={"text": text}, follow_redirects=False).status_code == 303
        return len(found)

    few = announcing("First")
    members += [school.member(f"Reader {number}") for number in range(9)]
    assert announcing("Second") == few
    with db.session_scope(writes=False) as session:
        unread = [session.get_one(User, member.id).unread for member in members]
    assert unread == [2] * 3 + [1] * 9


def test_the_plan_says_what_this_week_brings_and_closes_nothing(school: School) -> None:
    ming, (first, second) = school.member("Ming"), lesson_ids(school)[:2]
    day = now().date()
    plan = {
        "first": first,
        "last": second,
        "starts_on": day - timedelta(days=2),
        "due_on": day - timedelta(days=1),
    }
    assert (
        school.send(school.lecturer, f"{school.here}/plan", **plan | {"first": second, "last": first}) == 422
    )
    assert school.send(school.lecturer, f"{school.here}/plan", **plan) == 303
    shown = school.reads(ming, school.here)[1]
    assert "This week: lessons 1 to 2" in " ".join(shown.split())
    assert school.reads(ming, "/courses/tiny/lessons/00-start")[0] == 200


def test_staff_see_names_in_full_and_classmates_see_a_number(school: School) -> None:
    ming, hao = school.member("Zwiebelfisch"), school.member("Hao")
    shown = school.reads(school.lecturer, f"{school.here}/members")[1]
    assert "Zwiebelfisch" in shown
    theirs = school.reads(hao, school.here)[1]
    assert "2 students" in theirs and "Zwiebelfisch" not in theirs and str(ming.id) not in theirs
