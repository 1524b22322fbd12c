"""Every route that may write is requested once, and nothing slow happens while its transaction blocks others."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from PIL import Image
from sqlalchemy import func, select, text

from app import features
from app.accounts import resets
from app.accounts.models import Role, SetupLink, User
from app.accounts.service import open_session, sign_in_handle
from app.board.models import Comment, ModerationAct
from app.checkins.models import CheckIn
from app.classes.models import Announcement, PlanStep
from app.classes.models import Class as CourseClass
from app.core import db, storage
from app.core.clock import now
from app.core.signing import hash_token
from app.core.transactions import is_writing
from app.courses.models import Lesson, LessonDraft, LessonRevision, Module
from app.jobs.models import Job, JobArtefact, JobState, Sweep
from app.moderation.service import as_seen
from app.notes.models import Note
from app.notifications.addresses import confirmation_token, unsubscription_token
from app.notifications.models import MailAddress, Notification
from app.publishing.loader import load_course
from app.recipes.recipe import all_recipes
from app.web.security.cookies import session_cookie_name
from tests.factories import PASSWORD, make_job, make_user
from tests.integration.columns.outside import HeldWhileWriting, nothing_slow_while_writing
from tests.integration.notifications.happenings import due_card
from tests.integration.profiles.rows import HASH
from tests.integration.quizzes.quiz_lesson import KEYS, QUIZ

COLUMN = Path(__file__).parents[2] / "columns" / "line.md"
LESSON = "/courses/tiny/lessons/00-start"
# Routes that only return a page say so by their status.
GOOD = {200, 201, 204, 303}


def writing_routes() -> set[str]:
    found = [route for router in features.routers() for route in router.routes if isinstance(route, APIRoute)]
    return {
        f"{method} {route.path}" for route in found for method in route.methods - {"GET", "HEAD", "OPTIONS"}
    }


class Class:
    """Some members of a class, each with a browser, and what they have created so far."""

    def __init__(self, client: TestClient) -> None:
        self.client, self.asked = client, set()
        with db.session_scope() as session:
            self.people = {
                name: make_user(session, name, role)
                for name, role in (
                    ("student", Role.STUDENT), ("other", Role.STUDENT), ("leaver", Role.STUDENT),
                    ("lecturer", Role.LECTURER), ("admin", Role.ADMIN),
                )
            }  # fmt: skip
            for user in self.people.values():
                user.password_hash = HASH
            self.tokens = {name: open_session(session, user) for name, user in self.people.items()}

    def ask(self, who: str, route: str, **more: Any) -> Any:
        """Send a route what its form sends; `more` has the values of its path and of its fields."""
        method, _, path = route.partition(" ")
        self.asked.add(route)
        address = re.sub(r"{(\w+)(?::path)?}", lambda match: str(more.pop(match[1])), path)
        self.client.cookies.clear()
        if who:
            self.client.cookies.set(session_cookie_name(), self.tokens[who], domain="127.0.0.1", path="/")
        extra = {name: more.pop(name) for name in ("files", "json", "headers") if name in more}
        data = {name: str(value) for name, value in more.pop("fields", {}).items()}
        assert not more, more
        answer = self.client.request(method, address, data=data or None, **extra)
        assert answer.status_code in GOOD, f"{route}: {answer.status_code} {answer.text[-1500:]}"
        return answer


def one(statement: Any) -> Any:
    with db.session_scope(writes=False) as session:
        return session.scalars(statement).first()


def newest(model: Any, *where: Any) -> Any:
    return one(select(model).where(*where).order_by(model.created_at.desc()).limit(1))


@pytest.fixture
def quiz_course(course_folder: Path, database: str) -> None:
    """The tiny course with a lab in its first lesson and questions in its second."""
    second = course_folder / "01-next"
    (second / "quiz.toml").write_text(QUIZ, encoding="utf-8")
    for name in ("zh.md", "en.md"):
        words = (second / name).read_text(encoding="utf-8")
        (second / name).write_text(f"{words}\n::: quiz {' '.join(KEYS)}\n:::\n", encoding="utf-8")
    with db.session_scope() as session:
        load_course(session, course_folder)


@pytest.fixture
def classroom(client: TestClient, quiz_course: None, configure: Callable[..., None]) -> Class:
    configure(rate_limits="true", smtp_url="smtp://127.0.0.1:1", mail_from="sophora@example.org")
    return Class(client)


@pytest.fixture
def held() -> Iterator[list[str]]:
    with nothing_slow_while_writing() as held:
        yield held
    assert held == []


def test_no_route_does_anything_slow_while_it_keeps_others_from_writing(
    classroom: Class, held: list[str]
) -> None:
    for part in (talk, learn, train, teach, settle, moderate, author, administer, come_and_go):
        part(classroom)
    assert writing_routes() - classroom.asked == set(), "a new route needs a request here"


def test_the_guard_sees_what_is_slow(database: str) -> None:
    with nothing_slow_while_writing() as held, db.session_scope(late=True) as session:
        storage.read("nothing")
        session.scalar(select(func.count(User.id)))
        assert not is_writing()
        session.execute(select(User.id).with_for_update())
        assert is_writing()
        with pytest.raises(HeldWhileWriting):
            storage.read("nothing")
        with pytest.raises(HeldWhileWriting):
            Path("/etc/hostname").read_bytes()
    assert len(held) == 2
    assert not is_writing()


def talk(room: Class) -> None:
    fields = {"body": "What does $x^2$ mean, and `code`?", "request_key": "a" * 20}
    room.ask("student", "POST /threads/{key}/comments", key="class", fields=fields)
    room.ask("student", "POST /threads/{key}/comments", key="class", fields={**fields, "act": "preview"})
    comment = newest(Comment)
    mention = {"body": f"As @[x](user:{room.people['student'].id}) says: **a square**."}
    script = {"X-Fragment": "1"}
    reply = {**mention, "reply_to": comment.id}
    room.ask("lecturer", "POST /threads/{key}/comments", key="class", fields=reply, headers=script)
    for on in ("true", "false", "true"):
        room.ask(
            "other",
            "POST /comments/{comment_id}/likes",
            comment_id=comment.id,
            fields={"on": on},
            headers=script,
        )
    room.ask(
        "lecturer",
        "POST /comments/{comment_id}/featuring",
        comment_id=comment.id,
        fields={"on": "true"},
        headers=script,
    )
    room.ask(
        "other",
        "POST /comments/{comment_id}/following",
        comment_id=comment.id,
        fields={"how": "follow"},
        headers=script,
    )
    room.ask(
        "lecturer",
        "POST /threads/{key}/comments",
        key="class",
        fields={**reply, "body": "To all who follow this."},
    )
    room.ask("lecturer", "POST /comments/{comment_id}/pinning", comment_id=comment.id, fields={"on": "true"})
    room.ask(
        "student",
        "POST /board/drafts",
        fields={"thread": "class", "body": "half a sen", "request_key": "b" * 20},
    )
    said = {"body": f"@[x](user:{room.people['other'].id}), this is **what** I meant."}
    room.ask("student", "POST /comments/{comment_id}/edit", comment_id=comment.id, fields=said)
    room.ask(
        "student",
        "POST /comments/{comment_id}/edit",
        comment_id=comment.id,
        fields={**said, "act": "preview"},
        headers=script,
    )
    room.ask(
        "other", "POST /comments/{comment_id}/reports", comment_id=comment.id, fields={"reason": "other"}
    )
    room.ask("student", "POST /comments/{comment_id}/deletion", comment_id=comment.id)
    room.ask("student", "POST /comments/{comment_id}/restoration", comment_id=comment.id)


def learn(room: Class) -> None:
    at = {"course": "tiny", "slug": "00-start"}
    script = {"X-Fragment": "1"}
    room.ask("student", "POST /courses/{course}/lessons/{slug}/reading", **at, headers=script)
    room.ask(
        "student",
        "POST /courses/{course}/lessons/{slug}/place",
        **at,
        fields={"anchor": "end", "fraction": 1},
    )
    lesson = one(select(Lesson).where(Lesson.slug == "01-next"))
    at["slug"] = lesson.slug
    quiz = one(select(LessonRevision.quiz).where(LessonRevision.lesson_id == lesson.id))
    key = next(key for key, question in quiz.items() if question["kind"] == "number")
    answer = {"answer": "1"}
    route = "POST /courses/{course}/lessons/{slug}/questions/{key}/attempts"
    room.ask("student", route, **at, key=key, fields=answer, headers=script)
    card = due_card(room.people["other"], lesson.id, key)
    right = {"answer": quiz[key]["answer"]}
    room.ask("other", "POST /review/cards/{card_id}/answers", card_id=card, fields=right, headers=script)
    room.ask(
        "other",
        "POST /review/cards/{card_id}/rating",
        card_id=card,
        fields={"rating": "easy"},
        headers=script,
    )
    written = {"text": "my own words", "language": "en", "quote": "some"}
    room.ask(
        "student", "POST /lessons/{lesson_id}/notes", lesson_id=lesson.id, fields=written, headers=script
    )
    note = newest(Note)
    room.ask(
        "student", "POST /notes/{note_id}", note_id=note.id, fields={"text": "other words"}, headers=script
    )
    room.ask("student", "POST /notes/{note_id}/deletion", note_id=note.id, headers=script)
    room.ask("student", "POST /notes/{note_id}/restoration", note_id=note.id, headers=script)


def trained(user: User) -> UUID:
    """A finished training that can be continued from."""
    with db.session_scope() as session:
        report = {"outcome": "completed", "weights_sha256": "5" * 64, "metrics": {}}
        job = make_job(session, user, state=JobState.SUCCEEDED, attempt=1, report=report)
        key = f"jobs/{job.id}/1/model.keras"
        session.add(JobArtefact(job_id=job.id, attempt=1, name="model.keras", key=key, size=1))
        return job.id


def train(room: Class) -> None:
    at = {"course": "tiny", "slug": "00-start", "key": "digits"}
    route = "POST /courses/{course}/lessons/{slug}/labs/{key}/jobs"
    recipe = all_recipes()["mnist-mlp"]
    form = {h.name: h.as_text(recipe.defaults[h.name]) for h in recipe.hyperparameters} | {"guess": "0.9"}
    room.ask(
        "",
        "POST /courses/{course}/lessons/{slug}/labs/{key}/trials",
        **at,
        fields={"request_key": "a-key-of-this-page"},
    )
    # The script's way, which also reads the lab again; the plain one is part of it.
    room.ask("student", route, **at, fields=form, headers={"X-Fragment": "1"})
    job = newest(Job)
    room.ask(
        "student",
        "POST /jobs/{job_id}/clones",
        job_id=job.id,
        fields=form,
    )
    room.ask("student", "POST /recipes/{slug}/jobs", slug="mnist-mlp", fields=form)
    ended = trained(room.people["student"])
    again = form | {"learning": "1"}
    room.ask("student", "POST /jobs/{job_id}/continuations", job_id=ended, fields=again)
    room.ask(
        "student", "POST /jobs/{job_id}/cancellation", job_id=newest(Job, Job.continued_from_id == ended).id
    )
    several = form | {"sweep_setting": "learning_rate", "sweep_values": "0.01, 0.1"}
    room.ask("student", "POST /recipes/{slug}/sweeps", slug="mnist-mlp", fields=several)
    room.ask("student", "POST /sweeps/{sweep_id}/cancellation", sweep_id=newest(Sweep).id)
    room.ask("student", "POST /courses/{course}/lessons/{slug}/labs/{key}/sweeps", **at, fields=several)
    room.ask("student", "POST /jobs/{job_id}/sharing", job_id=job.id, fields={"on": "true"})
    room.ask("student", "POST /jobs/{job_id}/words", job_id=job.id, fields={"note": "why", "tags": "first"})
    room.ask("student", "POST /jobs/{job_id}/archiving", job_id=job.id, fields={"on": "true"})
    room.ask("student", "POST /jobs/{job_id}/cancellation", job_id=job.id)
    room.ask(
        "admin", "POST /admin/jobs/{job_id}/cancellation", job_id=newest(Job, Job.state == JobState.QUEUED).id
    )
    with db.session_scope() as session:
        failed = make_job(session, session.merge(room.people["student"]), state=JobState.FAILED, attempt=1)
    room.ask("admin", "POST /admin/jobs/{job_id}/requeuing", job_id=failed.id)
    for route in ("POST /admin/queue/pauses", "POST /admin/queue/pauses/deletion"):
        room.ask("admin", route, fields={"target": "queue:gpu"})
    room.ask("admin", "POST /admin/disk/cleaning", fields={"before": "2026-01-01"})
    room.ask("student", "POST /jobs/{job_id}/link", job_id=job.id)
    room.ask("student", "POST /jobs/{job_id}/link/deletion", job_id=job.id)
    room.ask("student", "POST /settings/results", fields={"on": "true", "next": "/settings"})
    room.ask("student", "POST /jobs/{job_id}/deletion", job_id=job.id)


def settle(room: Class) -> None:
    script = {"X-Fragment": "1"}
    room.ask("student", "POST /check-ins", fields={"note": "Day 1"}, headers=script)
    with db.session_scope() as session:
        session.execute(text("update users set created_at = :early"), {"early": now() - timedelta(days=9)})
    day = one(select(CheckIn.local_date)) - timedelta(days=1)
    room.ask("student", "POST /check-ins/make-ups", fields={"note": "late", "day": day}, headers=script)
    check_in = newest(CheckIn)
    room.ask("other", "POST /check-ins/{check_in_id}/cheers", check_in_id=check_in.id, headers=script)
    room.ask(
        "other", "POST /check-ins/{check_in_id}/cheers/withdrawal", check_in_id=check_in.id, headers=script
    )
    room.ask(
        "lecturer",
        "POST /check-ins/{check_in_id}/words/deletion",
        check_in_id=check_in.id,
        fields={"reason": "unkind"},
    )
    room.ask("student", "POST /check-ins/settings", fields={"weekly_goal": 3, "is_on_class_board": "true"})
    room.ask("student", "POST /check-ins/zone", fields={"zone": "Europe/Berlin"})
    room.ask("student", "POST /check-ins/calendar", fields={"reminder_hour": 20})
    room.ask("student", "POST /check-ins/calendar/deletion")
    room.ask(
        "student",
        "POST /notifications/{notification_id}/reading",
        notification_id=newest(Notification, Notification.user_id == room.people["student"].id).id,
    )
    room.ask("student", "POST /notifications/readings")
    room.ask("student", "POST /settings/notifications", fields={"like": "none"})
    room.ask(
        "student",
        "POST /settings/mail-address",
        fields={"address": "student@example.org", "password": PASSWORD},
    )
    mail = one(select(MailAddress))
    room.ask("", "POST /mail-confirmations/{token}", token=confirmation_token(mail))
    room.ask("", "POST /unsubscriptions/{token}", token=unsubscription_token(mail))
    room.ask("student", "POST /settings/mail-address/deletion")
    room.ask("student", "POST /settings/name", fields={"shown": "yes"})
    renaming = {"name": "another name", "name_password": PASSWORD}
    room.ask("student", "POST /settings/renaming", fields=renaming)
    room.ask(
        "other",
        "POST /settings/password",
        fields={"password": PASSWORD, "new_password": "another sentence of mine"},
    )
    room.ask("", "POST /preferences", fields={"language": "en"})


def teach(room: Class) -> None:
    lessons = (
        one(select(Lesson).where(Lesson.slug == "00-start")),
        one(select(Lesson).where(Lesson.slug == "01-next")),
    )
    dates = {"title": "Monday", "starts_on": "2026-09-01", "ends_on": "2027-01-31"}
    room.ask("lecturer", "POST /classes", fields={**dates, "course_id": lessons[0].course_id})
    here = {"class_id": newest(CourseClass).id}
    room.ask("lecturer", "POST /classes/{class_id}/settings", **here, fields={**dates, "title": "Tuesday"})
    plan = {"first": lessons[0].id, "last": lessons[1].id, "starts_on": "2026-09-01", "due_on": "2026-09-08"}
    room.ask("lecturer", "POST /classes/{class_id}/plan", **here, fields=plan)
    step = one(select(PlanStep.id))
    room.ask("lecturer", "POST /classes/{class_id}/plan/{step_id}/deletion", **here, step_id=step)
    names = {"names": f"name\nother\n{room.people['leaver'].name}", "confirmed": "true"}
    room.ask("lecturer", "POST /classes/{class_id}/invitations", **here, fields=names)
    room.ask("other", "POST /classes/{class_id}/membership", **here, fields={"act": "accept"})
    room.ask("lecturer", "POST /classes/{class_id}/keys", **here, fields={"act": "new-code"})
    room.ask("student", "POST /classes/joining", fields={"key": newest(CourseClass).code})
    room.ask("lecturer", "POST /classes/{class_id}/announcements", **here, fields={"text": "Bring laptops."})
    said = one(select(Announcement.id))
    deletion = "POST /classes/{class_id}/announcements/{announcement_id}/deletion"
    room.ask("lecturer", deletion, **here, announcement_id=said)
    member = {"user_id": room.people["student"].id, "fields": {"act": "remove"}}
    room.ask("lecturer", "POST /classes/{class_id}/members/{user_id}", **here, **member)


def moderate(room: Class) -> None:
    comment = newest(Comment, Comment.parent_id.is_(None))
    script = {"X-Fragment": "1"}
    decision = {"decision": "withhold", "reason": "other", "seen": as_seen(comment)}
    room.ask(
        "lecturer",
        "POST /moderation/comments/{comment_id}/decisions",
        comment_id=comment.id,
        fields=decision,
        headers=script,
    )
    act = newest(ModerationAct, ModerationAct.act == "withhold")
    room.ask("lecturer", "POST /moderation/acts/{act_id}/reversal", act_id=act.id, headers=script)


def author(room: Class) -> None:
    lesson = one(select(Lesson).where(Lesson.slug == "00-start"))
    here = {"lesson_id": lesson.id}
    sources = dict(one(select(LessonRevision.sources).where(LessonRevision.lesson_id == lesson.id)))

    def ask(route: str, **more: Any) -> None:
        room.ask("lecturer", f"POST /authoring/lessons/{{lesson_id}}{route}", **here, **more)

    def version() -> int:
        return one(select(LessonDraft.version).where(LessonDraft.lesson_id == lesson.id)) or 100_000

    def text_of(name: str) -> str:
        return one(select(LessonDraft.sources).where(LessonDraft.lesson_id == lesson.id))[name]

    picture = BytesIO()
    Image.new("RGB", (8, 8)).save(picture, "PNG")
    files = {"picture": ("a.png", picture.getvalue(), "image/png")}
    ask("/pictures", files=files)
    changed = {"en.md": sources["en.md"] + "\nMore.\n"}
    body = {"version": version(), "sources": changed}
    room.ask("lecturer", "PUT /authoring/lessons/{lesson_id}/draft", **here, json=body)
    ask("/draft", fields={"version": version(), "zh.md": sources["zh.md"] + "\n多。\n"})
    ask("/rendering", json={"sources": {}, "language": "en"})
    ask("/preview/{_rest:path}", _rest="place")
    ask("/presence", json={"tab": str(uuid4())})
    question = {
        "kind": "number", "key": "seven", "prompt-zh": "七？", "prompt-en": "Seven?", "answer": "7",
        "why-zh": "七。", "why-en": "Seven.", "place": "on",
    }  # fmt: skip
    ask("/{part}s", part="question", fields=question)
    page = room.client.get(f"/authoring/lessons/{lesson.id}/questions/seven").text
    was = re.search(r'name="was" value="([0-9a-f]+)"', page)[1]
    ask("/{part}s/{key}", part="question", key="seven", fields={**question, "answer": "8", "was": was})
    lesson_is = {"title_zh": "一", "minutes": "5"}
    ask("/about", fields={**lesson_is, "version": version()})
    words = {"file": "en.md", "number": "0", "source": "figures/circle.svg", "words": "A circle again"}
    undescribed = text_of("en.md").replace("![A circle]", "![]")
    room.ask(
        "lecturer",
        "PUT /authoring/lessons/{lesson_id}/draft",
        **here,
        json={"version": version(), "sources": {"en.md": undescribed}},
    )
    ask("/descriptions", fields=words)
    ask("/schedule", fields={"publish_at": (now() + timedelta(days=1)).isoformat()})
    ask("/schedule/cancellation")
    ask("/publication")
    ask("/{part}s/{key}/removal", part="question", key="seven")
    ask("/revisions/{number}/restoration", number=1)
    ask("/restoration/undoing")
    name = next(iter(one(select(LessonDraft.pictures).where(LessonDraft.lesson_id == lesson.id)) or {}), None)
    name = name or _with_picture(ask, files, lesson.id)
    ask("/pictures/removal", fields={"name": name})
    ask("/unpublication")
    titles = {"title_zh": "一", "title_en": "One"}
    at = {"course_id": lesson.course_id}
    room.ask(
        "lecturer",
        "POST /authoring/courses/{course_id}/titles",
        **at,
        fields={**titles, "summary_zh": "一", "summary_en": "One"},
    )
    fresh_course = {**titles, "summary_zh": "一", "slug": "fresh"}
    room.ask("lecturer", "POST /authoring/courses", fields=fresh_course)
    room.ask("lecturer", "POST /authoring/courses/{course_id}/place", **at, fields={"direction": "down"})
    room.ask("lecturer", "POST /authoring/courses/{course_id}/state", **at, fields={"state": "shown"})
    room.ask(
        "lecturer", "POST /authoring/courses/{course_id}/modules", **at, fields={**titles, "slug": "more"}
    )
    more = one(select(Module.id).where(Module.slug == "more"))
    room.ask("lecturer", "POST /authoring/modules/{module_id}/titles", module_id=more, fields=titles)
    fresh = {**titles, "slug": "07-new", "question_zh": "一？", "question_en": "One?"}
    room.ask("lecturer", "POST /authoring/modules/{module_id}/lessons", module_id=more, fields=fresh)
    room.ask(
        "lecturer", "POST /authoring/modules/{module_id}/place", module_id=more, fields={"direction": "up"}
    )
    ask("/place", fields={"direction": "down"})
    ask("/module", fields={"module": more})
    ask("/copies", fields={"module": more})
    copy = one(select(Lesson.id).where(Lesson.slug.endswith("-copy")))
    copied = {"lesson_id": copy}
    fields = {"module": lesson.module_id}
    room.ask("lecturer", "POST /authoring/lessons/{lesson_id}/course", **copied, fields=fields)
    fields = {"typed": one(select(Lesson.slug).where(Lesson.id == copy))}
    room.ask("lecturer", "POST /authoring/lessons/{lesson_id}/deletion", **copied, fields=fields)
    room.ask("lecturer", "POST /authoring/lessons/{lesson_id}/removal/undoing", **copied)
    new = one(select(Lesson.id).where(Lesson.slug == "07-new"))
    room.ask("lecturer", "POST /authoring/lessons/{lesson_id}/removal", lesson_id=new)
    ask("/module", fields={"module": lesson.module_id})
    room.ask("lecturer", "POST /authoring/modules/{module_id}/removal", module_id=more)


def _with_picture(ask: Callable[..., Any], files: dict[str, Any], lesson_id: UUID) -> str:
    ask("/pictures", files=files)
    return next(iter(one(select(LessonDraft.pictures).where(LessonDraft.lesson_id == lesson_id))))


def administer(room: Class) -> None:
    other = {"user_id": room.people["other"].id}
    room.ask("admin", "POST /admin/people/{user_id}/role", **other, fields={"role": "lecturer"})
    why = {"reason": "spam", "days": "7"}
    room.ask("admin", "POST /admin/people/{user_id}/suspension", **other, fields=why)
    room.ask("admin", "POST /admin/people/{user_id}/reinstatement", **other)
    room.ask("admin", "POST /admin/people/{user_id}/reset-links", **other)
    ended = sign_in_handle(hash_token("of a browser that was signed out meanwhile"))
    room.ask("admin", "POST /admin/people/{user_id}/sign-ins/{handle}/deletion", **other, handle=ended)
    room.ask("admin", "POST /admin/people/{user_id}/sign-ins/deletion", **other)
    files = {"files": (COLUMN.name, COLUMN.read_bytes(), "text/markdown")}
    answer = room.ask("admin", "POST /admin/import", files=files)
    token = answer.headers["location"].rpartition("/")[2]
    room.ask("admin", "POST /admin/import/{token}/confirmation", token=token, fields={"course": "column"})


def come_and_go(room: Class) -> None:
    made = {"name": "somebody new", "password": PASSWORD}
    room.ask("", "POST /sign-up", fields=made)
    room.ask("", "POST /sign-in", fields=made)
    room.ask("", "POST /lost-password", fields={"name": made["name"]})
    with db.session_scope() as session:
        token = resets.make_link(session, room.people["other"].id, resets.ADMIN)
    new = {"new_password": "a sentence that is new"}
    room.ask("", "POST /password-resets/{token}", token=token, fields=new)
    room.ask("student", "POST /sign-out")
    ended = sign_in_handle(hash_token("of a browser that was signed out meanwhile"))
    room.ask("lecturer", "POST /settings/sign-ins/{handle}/deletion", handle=ended)
    room.ask("lecturer", "POST /settings/sign-ins/deletion")
    room.ask("leaver", "POST /settings/account-deletion", fields={"deletion_password": PASSWORD})
    with db.session_scope() as session:
        session.execute(text("delete from users where role = 'admin'"))
        session.add(SetupLink(token_hash=hash_token("the first")))
    room.ask("", "POST /setup/{token}", token="the first", fields={"name": "the admin", "password": PASSWORD})
