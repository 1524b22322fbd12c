"""One-use and limited things, requested twenty times at the same moment, on both databases."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import anyio
import httpx
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts import resets
from app.accounts.models import Role, SetupLink, User, UserSession
from app.accounts.service import open_session
from app.board import following
from app.board.models import Comment, CommentFollow, CommentLike, CommentReport, ModerationAct
from app.checkins.models import CheckIn, Cheer, Source
from app.checkins.streaks import REAL_DAYS_PER_FREEZE, Kind
from app.classes import service as classes
from app.classes.models import Class, ClassMember
from app.columns.column_import import read_column
from app.core import db
from app.core.clock import now
from app.core.config import ROOT, get_settings
from app.core.signing import hash_token
from app.courses.models import Course, ImportedComment, Lesson, LessonDraft, LessonRevision
from app.jobs.models import Job, JobArtefact, Sweep
from app.journal.models import Act as JournalEntry
from app.main import create_app
from app.moderation.service import as_seen
from app.notes import service as notes
from app.notes.models import Note
from app.notifications.models import MailAddress
from app.recipes.recipe import all_recipes
from app.reviews.models import ReviewCard
from app.runs.models import JobLink
from app.web.security.cookies import session_cookie_name
from tests import loops
from tests.factories import PASSWORD, make_job, make_user
from tests.integration.board.written import say
from tests.integration.notifications.happenings import due_card
from tests.integration.profiles.rows import HASH

TWENTY = range(20)
pytestmark = pytest.mark.usefixtures("redis", "slow_hashing")


@pytest.fixture(autouse=True)
def patient(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is stored matters here, not how long the twentieth waits on a slow machine."""
    monkeypatch.setattr(db, "BUSY_SECONDS", 120)
    db.get_engine().dispose()
    db.get_engine.cache_clear()


class Server:
    """One server, and its readers' browsers."""

    def __init__(self, session: Session) -> None:
        self.session, self._transport = (
            session,
            httpx.ASGITransport(app=create_app(), raise_app_exceptions=False),
        )

    def browser(self, user: User | None = None) -> httpx.AsyncClient:
        cookies = {session_cookie_name(): open_session(self.session, user)} if user else {}
        self.session.commit()
        return httpx.AsyncClient(
            transport=self._transport,
            base_url=get_settings().public_url,
            cookies=cookies,
            headers={"Sec-Fetch-Site": "same-origin"},
            timeout=120,
        )

    def at_once(self, requests: Iterable[tuple[httpx.AsyncClient, str, dict[str, Any]]]) -> list[int]:
        """The statuses, sorted. None is a server error."""
        states: list[int] = []

        async def send(browser: httpx.AsyncClient, address: str, fields: dict[str, Any]) -> None:
            states.append((await browser.post(address, data=fields)).status_code)

        async def all_of_them() -> None:
            async with anyio.create_task_group() as tasks:
                for request in requests:
                    tasks.start_soon(send, *request)

        loops.run(all_of_them)
        assert max(states) < 500, states
        return sorted(states)


@pytest.fixture
def server(session: Session) -> Server:
    return Server(session)


@pytest.fixture
def student(session: Session) -> User:
    return make_user(session, "Ming")


def count(model: type, *where: Any) -> int:
    with db.session_scope(writes=False) as session:
        return session.scalar(select(func.count()).select_from(model).where(*where)) or 0


def lesson_of(course: Course, slug: str = "00-start") -> Lesson:
    with db.session_scope(writes=False) as session:
        return session.scalars(select(Lesson).where(Lesson.course_id == course.id, Lesson.slug == slug)).one()


def test_a_set_up_link_makes_one_admin(server: Server, session: Session) -> None:
    session.add(SetupLink(token_hash=hash_token("once")))
    fields = [{"name": f"admin {number}", "password": PASSWORD} for number in TWENTY]
    states = server.at_once((server.browser(), "/setup/once", each) for each in fields)
    assert states == [303] + [404] * 19
    assert count(User) == count(User, User.role == Role.ADMIN) == 1


def test_a_name_is_given_once(server: Server) -> None:
    states = server.at_once(
        (server.browser(), "/sign-up", {"name": "Hao", "password": PASSWORD}) for _ in TWENTY
    )
    assert states == [303] + [422] * 19
    assert count(User) == 1


def test_a_sign_up_that_is_sent_twenty_times_is_one_account_and_one_sign_in(server: Server) -> None:
    fields = {"name": "Hao", "password": PASSWORD, "request_key": uuid4().hex}
    assert server.at_once((server.browser(), "/sign-up", fields) for _ in TWENTY) == [303] * 20
    assert count(User) == count(UserSession) == 1


def test_visitors_train_no_more_at_once_than_they_may_and_three_clicks_are_one(
    configure: Callable[..., None], server: Server, course: Course
) -> None:
    configure(guest_jobs_active=3, rate_limits="false")
    address, same = "/courses/tiny/lessons/00-start/labs/digits/trials", {"request_key": uuid4().hex}
    assert server.at_once((server.browser(), address, same) for _ in TWENTY) == [303] * 20
    assert count(Job) == 1
    states = server.at_once((server.browser(), address, {"request_key": uuid4().hex}) for _ in TWENTY)
    assert states == [303] * 2 + [409] * 18
    assert count(Job) == 3


def test_a_quota_of_trainings_lets_no_more_through(server: Server, course: Course, student: User) -> None:
    browser, quota = server.browser(student), get_settings().job_quota_active
    recipe = all_recipes()["mnist-mlp"]
    fields = {h.name: h.as_text(recipe.defaults[h.name]) for h in recipe.hyperparameters} | {"guess": "0.9"}
    address = "/courses/tiny/lessons/00-start/labs/digits/jobs"
    states = server.at_once((browser, address, fields) for _ in TWENTY)
    assert states == [303] * quota + [422] * (20 - quota)
    assert count(Job) == quota


def test_a_student_has_one_sweep_at_a_time_and_it_is_cancelled_once(server: Server, student: User) -> None:
    browser, recipe = server.browser(student), all_recipes()["mnist-mlp"]
    fields = {h.name: h.as_text(recipe.defaults[h.name]) for h in recipe.hyperparameters}
    several = fields | {"sweep_setting": "learning_rate", "sweep_values": "0.01, 0.1"}
    states = server.at_once((browser, "/recipes/mnist-mlp/sweeps", several) for _ in TWENTY)
    assert states == [303] + [422] * 19
    assert (count(Sweep), count(Job)) == (1, 2)
    with db.session_scope(writes=False) as session:
        address = f"/sweeps/{session.scalars(select(Sweep.id)).one()}/cancellation"
    assert server.at_once((browser, address, {}) for _ in TWENTY) == [303] + [409] * 19


def test_a_training_has_one_link_and_is_deleted_once(server: Server, session: Session, student: User) -> None:
    job = make_job(session, student, state="failed", attempt=1, finished_at=now())
    browser, here = server.browser(student), f"/jobs/{job.id}"
    assert server.at_once((browser, f"{here}/link", {}) for _ in TWENTY) == [200] * 20
    assert count(JobLink) == 1
    states = server.at_once((browser, f"{here}/deletion", {}) for _ in TWENTY)
    assert set(states) <= {303, 404} and 303 in states
    assert count(Job) == count(JobLink) == 0


def test_a_lesson_holds_no_more_notes_than_it_may(
    server: Server, course: Course, student: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notes, "NOTES_PER_LESSON", 5)
    browser, address = server.browser(student), f"/lessons/{lesson_of(course).id}/notes"
    states = server.at_once((browser, address, {"text": "a note", "language": "en"}) for _ in TWENTY)
    assert states == [303] * 5 + [422] * 15
    assert count(Note) == 5


def test_a_comment_that_is_sent_twenty_times_is_stored_once(server: Server, student: User) -> None:
    browser = server.browser(student)
    fields = {"body": "A very nervous finger", "request_key": "n" * 20}
    assert server.at_once((browser, "/threads/class/comments", fields) for _ in TWENTY) == [303] * 20
    assert count(Comment) == 1


def test_the_same_words_are_taken_once(server: Server, student: User) -> None:
    browser = server.browser(student)
    fields = [{"body": "The same words again", "request_key": uuid4().hex} for _ in TWENTY]
    states = server.at_once((browser, "/threads/class/comments", each) for each in fields)
    assert states == [303] + [422] * 19
    assert count(Comment) == 1


def test_likes_reports_and_marks_count_once(server: Server, session: Session, student: User) -> None:
    comment = say(session, make_user(session))
    reader, staff = server.browser(student), server.browser(make_user(session, role=Role.LECTURER))
    here = f"/comments/{comment.id}"
    server.at_once((reader, f"{here}/likes", {"on": "true"}) for _ in TWENTY)
    server.at_once((reader, f"{here}/reports", {"reason": "other"}) for _ in TWENTY)
    server.at_once((staff, f"{here}/featuring", {"on": "true"}) for _ in TWENTY)
    with db.session_scope(writes=False) as reading:
        assert reading.get_one(Comment, comment.id).likes == count(CommentLike) == 1
    assert count(CommentReport) == 1
    assert count(ModerationAct, ModerationAct.act == "feature") == 1


def test_nobody_follows_more_discussions_than_one_may(
    server: Server, session: Session, student: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "MOST_FOLLOWED", 5)
    author, browser = make_user(session), server.browser(student)
    topics = [say(session, author) for _ in TWENTY]
    session.commit()
    states = server.at_once(
        (browser, f"/comments/{topic.id}/following", {"how": "follow"}) for topic in topics
    )
    assert states == [303] * 5 + [409] * 15
    assert count(CommentFollow) == 5


def test_a_decision_is_made_once(server: Server, session: Session) -> None:
    comment = say(session, make_user(session))
    staff = server.browser(make_user(session, role=Role.LECTURER))
    fields = {"decision": "withhold", "reason": "other", "seen": as_seen(comment)}
    address = f"/moderation/comments/{comment.id}/decisions"
    assert server.at_once((staff, address, fields) for _ in TWENTY) == [303] + [409] * 19
    assert count(ModerationAct) == 1


def test_a_day_is_checked_in_once_and_cheered_once(server: Server, session: Session, student: User) -> None:
    browser = server.browser(student)
    server.at_once((browser, "/check-ins", {"note": "Day 1"}) for _ in TWENTY)
    assert count(CheckIn) == 1
    identity = session.scalar(select(CheckIn.id))
    other = server.browser(make_user(session))
    server.at_once((other, f"/check-ins/{identity}/cheers", {}) for _ in TWENTY)
    assert count(Cheer) == 1


def test_two_days_are_made_up_and_no_third(server: Server, session: Session, student: User) -> None:
    student.created_at = now() - timedelta(days=9)
    browser, today = server.browser(student), (now() + timedelta(hours=8)).date()
    fields = [
        {"note": "late", "day": (today - timedelta(days=1 + number % 3)).isoformat()} for number in TWENTY
    ]
    server.at_once((browser, "/check-ins/make-ups", each) for each in fields)
    assert count(CheckIn, CheckIn.kind == Kind.MAKE_UP) == 2


def test_a_freeze_covers_a_missed_day_once(server: Server, session: Session, student: User) -> None:
    today = (now() + timedelta(hours=8)).date()
    earned = [today - timedelta(days=days) for days in range(2, 2 + REAL_DAYS_PER_FREEZE)]
    session.add_all(
        CheckIn(
            user_id=student.id, local_date=day, kind=Kind.REAL, source=Source.BUTTON, zone="Asia/Shanghai"
        )
        for day in earned
    )
    browser = server.browser(student)
    assert server.at_once((browser, "/check-ins", {"note": "Day 8"}) for _ in TWENTY) == [303] * 20
    assert count(CheckIn, CheckIn.kind == Kind.FREEZE) == 1
    assert count(CheckIn) == len(earned) + 2


def test_a_training_is_shared_and_taken_back_by_its_owner_alone(
    server: Server, session: Session, student: User
) -> None:
    job = make_job(session, student)
    owner, other = server.browser(student), server.browser(make_user(session))
    address = f"/jobs/{job.id}/sharing"
    states = server.at_once(
        (owner if number % 2 else other, address, {"on": "1"}) for number, _ in enumerate(TWENTY)
    )
    assert states == [303] * 10 + [404] * 10
    assert count(Job, Job.shared_at.is_not(None)) == 1


def test_a_column_is_brought_in_once(server: Server, session: Session) -> None:
    admin = server.browser(make_user(session, role=Role.ADMIN))
    column = (ROOT / "tests" / "columns" / "line.md").read_bytes()

    async def upload() -> str:
        answer = await admin.post("/admin/import", files={"files": ("line.md", column, "text/markdown")})
        return str(answer.headers["location"])

    address = f"{loops.run(upload)}/confirmation"
    assert server.at_once((admin, address, {"course": "column"}) for _ in TWENTY) == [303] * 20
    assert (count(Lesson), count(LessonDraft)) == (1, 1)
    assert count(JournalEntry, JournalEntry.kind == "import") == 1
    assert count(ImportedComment) == len(read_column("line.md", column).comments) > 0


def test_a_card_is_reviewed_once(server: Server, lessons: None, session: Session, student: User) -> None:
    lesson = session.scalar(select(Lesson.id).where(Lesson.slug == "00-start"))
    browser = server.browser(student)
    card = due_card(student, lesson, "third")
    with db.session_scope(writes=False) as reading:
        before = reading.get_one(ReviewCard, card).reviews
    server.at_once((browser, f"/review/cards/{card}/answers", {"answer": "0.3333"}) for _ in TWENTY)
    with db.session_scope(writes=False) as reading:
        assert reading.get_one(ReviewCard, card).reviews == before + 1


def test_a_course_is_made_once(server: Server, session: Session) -> None:
    staff = server.browser(make_user(session, role=Role.LECTURER))
    fields = {"slug": "art", "title_zh": "新课", "summary_zh": "一句话"}
    states = server.at_once((staff, "/authoring/courses", fields) for _ in TWENTY)
    assert sorted(states) == [303] + [422] * 19
    assert (count(Course), count(JournalEntry, JournalEntry.kind == "new-course")) == (1, 1)


def test_a_class_has_a_place_for_each_once_no_more_than_it_may_and_keeps_a_lecturer(
    server: Server, course: Course, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(classes, "MOST_PLACES", 4)
    lecturers = [make_user(session, f"lecturer {number}", Role.LECTURER) for number in range(2)]
    day = now().date()
    found = Class(course_id=course.id, title="Monday", starts_on=day, ends_on=day, code="ABCDEFGH")
    session.add(found)
    session.flush()
    session.add_all(ClassMember(class_id=found.id, user_id=user.id, role="lecturer") for user in lecturers)
    students = [server.browser(make_user(session, f"student {number}")) for number in range(5)]
    states = server.at_once((students[n % 5], "/classes/joining", {"key": "ABCDEFGH"}) for n in TWENTY)
    assert states.count(303) == 8 and states.count(409) == 12, "two of them, four times each"
    leaving = [server.browser(user) for user in lecturers]
    act = f"/classes/{found.id}/membership", {"act": "leave"}
    states = server.at_once((leaving[n % 2], *act) for n in TWENTY)
    assert states.count(303) == 1
    assert count(ClassMember, ClassMember.state == "in") == 3


def test_a_draft_is_published_once(server: Server, course: Course, session: Session) -> None:
    staff, lesson = server.browser(make_user(session, role=Role.LECTURER)), lesson_of(course)
    here = f"/authoring/lessons/{lesson.id}"
    with db.session_scope(writes=False) as reading:
        text = reading.scalar(select(LessonRevision.sources).where(LessonRevision.lesson_id == lesson.id))[
            "en.md"
        ]
    saved = {"version": "100000", "en.md": text + "\nMore.\n"}
    assert server.at_once((staff, f"{here}/draft", saved) for _ in TWENTY)[0] == 303
    states = server.at_once((staff, f"{here}/publication", {}) for _ in TWENTY)
    assert states == [303] + [409] * 19
    assert count(LessonRevision, LessonRevision.lesson_id == lesson.id) == 2
    assert count(JournalEntry, JournalEntry.kind == "publication") == 1


def test_of_twenty_texts_written_on_the_same_one_is_saved(
    server: Server, course: Course, session: Session
) -> None:
    staff, lesson = server.browser(make_user(session, role=Role.LECTURER)), lesson_of(course)
    texts = [{"version": "100000", "en.md": f"Text number {number}.\n"} for number in TWENTY]
    states = server.at_once((staff, f"/authoring/lessons/{lesson.id}/draft", each) for each in texts)
    assert states == [303] + [409] * 19


def test_an_address_is_kept_once(configure: Callable[..., None], server: Server, student: User) -> None:
    configure(smtp_url="smtp://127.0.0.1:1", mail_from="sophora@example.org")
    student.password_hash = HASH
    browser = server.browser(student)
    fields = [{"address": f"ming{number}@example.org", "password": PASSWORD} for number in TWENTY]
    server.at_once((browser, "/settings/mail-address", each) for each in fields)
    assert count(MailAddress) == 1


def test_a_password_is_changed_once(server: Server, session: Session, student: User) -> None:
    student.password_hash = HASH
    browser = server.browser(student)
    fields = [{"password": PASSWORD, "new_password": f"another sentence {number}"} for number in TWENTY]
    states = server.at_once((browser, "/settings/password", each) for each in fields)
    # The others come with an outdated password, or from a session that the change has ended.
    assert states.count(303) == 1
    assert set(states) <= {303, 401, 422}


def test_a_reset_link_sets_one_password(server: Server, session: Session, student: User) -> None:
    token = resets.make_link(session, student.id, resets.ADMIN)
    fields = [{"new_password": f"another sentence {number}"} for number in TWENTY]
    states = server.at_once((server.browser(), f"/password-resets/{token}", each) for each in fields)
    assert states == [303] + [404] * 19


def test_a_new_name_is_given_once(server: Server, session: Session) -> None:
    people = [make_user(session) for _ in TWENTY]
    for person in people:
        person.password_hash = HASH
    names = [f"Hao{' ' * (number % 2)}Yu" for number in TWENTY]
    states = server.at_once(
        (server.browser(person), "/settings/renaming", {"name": name, "name_password": PASSWORD})
        for person, name in zip(people, names, strict=True)
    )
    assert states == [303] + [422] * 19
    assert count(User, User.name.in_(names)) == 1


def test_twenty_admins_pause_requeue_and_clean_up_once(
    server: Server, session: Session, student: User
) -> None:
    admin, long_ago = make_user(session, "Teacher", Role.ADMIN), now() - timedelta(days=40)
    failed = make_job(session, student, state="failed", attempt=1, finished_at=long_ago)
    old = make_job(session, student, state="succeeded", attempt=1, finished_at=long_ago)
    session.add(JobArtefact(job_id=old.id, attempt=1, name="model.keras", key=f"jobs/{old.id}", size=1))
    browser = server.browser(admin)
    cleaning = {"before": (now() - timedelta(days=9)).date().isoformat()}
    server.at_once((browser, "/admin/queue/pauses", {"target": "queue:cpu"}) for _ in TWENTY)
    states = server.at_once((browser, f"/admin/jobs/{failed.id}/requeuing", {}) for _ in TWENTY)
    server.at_once((browser, "/admin/disk/cleaning", cleaning) for _ in TWENTY)
    assert states == [303] + [409] * 19
    for kind in ("pause", "requeuing", "cleaning"):
        assert count(JournalEntry, JournalEntry.kind == kind) == 1, kind


def test_a_suspension_is_written_down_once(server: Server, session: Session, student: User) -> None:
    admin = server.browser(make_user(session, role=Role.ADMIN))
    for act in ("suspension", "reinstatement"):
        server.at_once((admin, f"/admin/people/{student.id}/{act}", {"reason": "spam"}) for _ in TWENTY)
        assert count(JournalEntry, JournalEntry.kind == act) == 1


def test_that_an_admin_ended_sign_ins_is_written_down_once(
    server: Server, session: Session, student: User
) -> None:
    admin = server.browser(make_user(session, role=Role.ADMIN))
    server.browser(student)
    server.at_once((admin, f"/admin/people/{student.id}/sign-ins/deletion", {}) for _ in TWENTY)
    assert count(UserSession, UserSession.user_id == student.id) == 0
    assert count(JournalEntry, JournalEntry.kind == "signing-out") == 1


def test_whoever_leaves_while_sending_trainings_leaves_none_behind(
    server: Server, course: Course, session: Session, student: User
) -> None:
    student.password_hash = HASH
    browser = server.browser(student)
    recipe = all_recipes()["mnist-mlp"]
    fields = {h.name: h.as_text(recipe.defaults[h.name]) for h in recipe.hyperparameters} | {"guess": "0.9"}
    address = "/courses/tiny/lessons/00-start/labs/digits/jobs"
    leaving = (browser, "/settings/account-deletion", {"deletion_password": PASSWORD})
    server.at_once([leaving if number == 3 else (browser, address, fields) for number in TWENTY])
    assert (count(User), count(Job)) == (0, 0)
