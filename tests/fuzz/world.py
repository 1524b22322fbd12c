"""A small class with one of everything, for random requests: the actors, and objects to ask for."""

import json
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.accounts.passwords import hash_password
from app.accounts.service import open_session
from app.board import service as board
from app.board.models import ModerationAct
from app.board.places import CLASS, job_place, lesson_place
from app.checkins import service as checkins
from app.checkins.models import CheckIn, Source
from app.classes.keys import new_code
from app.classes.models import Announcement, Class, ClassMember, PlanStep
from app.core import db
from app.core.clock import now
from app.core.signing import hash_token
from app.courses.models import Course, Lesson, Module, open_to_readers
from app.jobs import sharing as jobs_sharing
from app.jobs.models import Job
from app.notes import service as notes
from app.notes.service import Passage
from app.reviews.models import ReviewCard
from tests.factories import PASSWORD, make_job, make_sweep, make_user
from tests.fuzz.rare_pages import rare_scene

ROLES = {
    "student": Role.STUDENT,
    "other": Role.STUDENT,
    "lecturer": Role.LECTURER,
    "admin": Role.ADMIN,
}
# Their sessions are used; "other" owns what is foreign to the student.
ACTORS = ("visitor", "student", "lecturer", "admin")

TALK = (
    "学习率 0.1 比 0.01 快这么多，可是最后反而更差，为什么？",
    "The loss falls for three epochs and then stays. Is the network too small, or did I stop too early?",
    "I drew a seven with a bar, and it says 1. Who else?",
    "With `epochs = 9` it gets there: the last three epochs still gain half a per cent.",
    "我的也是。把“训练图片数”调大以后，验证损失就不再往上走了。",
)


@dataclass
class World:
    users: dict[str, UUID] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    # By the name of a path parameter: what exists, and what is private to somebody else.
    known: dict[str, list[str]] = field(default_factory=dict)
    foreign: dict[str, str] = field(default_factory=dict)

    def scene(self) -> dict[str, str]:
        """One example for each parameter."""
        return {name: values[0] for name, values in self.known.items()}

    def enter(self) -> None:
        """Restore everybody, in their role, with a session: earlier requests may have changed any of it."""
        with db.session_scope() as session:
            for name, user_id in self.users.items():
                values = {"disabled_at": None, "role": ROLES[name]}
                session.execute(update(User).where(User.id == user_id).values(values))
                if (user := session.get(User, user_id)) is None:
                    user = _person(session, name)
                    self.users[name] = user.id
                self.tokens[name] = open_session(session, user)


def make_world() -> World:
    """In the database of the settings, which has the tiny course."""
    world = World()
    with db.session_scope() as session:
        people = {name: _person(session, name) for name in ROLES}
        world.users = {name: user.id for name, user in people.items()}
        # In a shared classroom there may be other courses, made by hand.
        in_order = (Course.loaded_digest.is_(None), Course.position, Module.position, Lesson.position)
        readable = select(Lesson).join(Lesson.module).join(Module.course).where(open_to_readers())
        lesson = session.scalars(readable.order_by(*in_order)).first()
        lesson.course = session.get_one(Course, lesson.course_id)
        owned = {name: _belongings(session, people[name], lesson) for name in ("student", "other")}
        shared = _job(session, people["other"], lesson)
        jobs_sharing.share(session, people["other"], shared.id, on=True)
        comment = _comments(session, people, lesson, shared)
        world.known = _known(
            session, people, lesson, {**owned["student"], "comment_id": str(comment)}, shared
        )
        world.foreign = owned["other"]
    world.enter()
    return world


def _person(session: Session, name: str) -> User:
    user = make_user(session, f"{name} {uuid4().hex[:6]}", ROLES[name])
    user.password_hash = _hash()
    return user


_hashes: list[str] = []


def _hash() -> str:
    """The same for all, as hashing takes a while."""
    if not _hashes:
        _hashes.append(hash_password(PASSWORD))
    return _hashes[0]


def _job(session: Session, user: User, lesson: Lesson) -> Job:
    times = {"started_at": now(), "finished_at": now()}
    return make_job(session, user, state="succeeded", lesson_id=lesson.id, attempt=1, **times)


def _belongings(session: Session, user: User, lesson: Lesson) -> dict[str, str]:
    """Objects private to one user, by the name of their path parameter."""
    job = _job(session, user, lesson)
    note = notes.add_note(session, user, lesson.id, "zh", Passage("a passage", "", "", "top"), "a thought")
    card = ReviewCard(
        user_id=user.id,
        lesson_id=lesson.id,
        question_key="largest",
        due_at=now(),
        rating=3,
        memory={},
        memory_before={},
    )
    session.add(card)
    checkins.check_in(session, user.id, Source.BUTTON, "why it learns")
    session.flush()
    sweep = make_sweep(session, user)
    return {
        "job_id": str(job.id),
        "note_id": str(note.id),
        "card_id": str(card.id),
        "sweep_id": str(sweep.id),
    }


def _comments(session: Session, people: dict[str, User], lesson: Lesson, shared: Job) -> UUID:
    asked, said = TALK[:3], TALK[3:]
    for place, words in zip((CLASS, lesson_place(lesson), job_place(shared)), asked, strict=True):
        comment = board.post(session, people["student"], place, words, uuid4().hex, 60)
    for name, words in zip(("student", "other"), said, strict=True):
        board.post(session, people[name], CLASS, words, uuid4().hex, 60, reply_to_id=None)
    return comment.id


def _class_of(session: Session, lesson: Lesson, people: dict[str, User]) -> dict[str, list[str]]:
    """A class of the lecturer's, with the student in it."""
    day = now().date()
    found = Class(course_id=lesson.course_id, title="Monday", starts_on=day, ends_on=day, code=new_code())
    session.add(found)
    session.flush()
    step = PlanStep(
        class_id=found.id, first_lesson_id=lesson.id, last_lesson_id=lesson.id, starts_on=day, due_on=day
    )
    said = Announcement(class_id=found.id, author_id=people["lecturer"].id, text="Bring your laptops.")
    session.add_all([step, said])
    for name, role in (("lecturer", "lecturer"), ("student", "student")):
        session.add(ClassMember(class_id=found.id, user_id=people[name].id, role=role))
    session.flush()
    return {
        "class_id": [str(found.id)],
        "class_code": [str(found.code)],
        "step_id": [str(step.id)],
        "announcement_id": [str(said.id)],
    }


def _known(
    session: Session, people: dict[str, User], lesson: Lesson, own: dict[str, str], shared: Job
) -> dict[str, list[str]]:
    check_in = session.scalars(select(CheckIn.id)).first()
    act = session.scalars(select(ModerationAct.id)).first()
    course = lesson.course
    return {
        **{name: [identity] for name, identity in own.items()},
        **_class_of(session, lesson, people),
        "job_id": [own["job_id"], str(shared.id)],
        "lesson_id": [str(lesson.id)],
        "course_id": [str(course.id)],
        "module_id": [str(session.scalars(select(Module.id)).first())],
        "check_in_id": [str(check_in)],
        "act_id": [str(act or uuid4())],
        "user_id": [str(user_id) for user_id in session.scalars(select(User.id))],
        "thread_id": [str(uuid4())],
        "notification_id": [str(uuid4())],
        "course": [course.slug],
        "slug": [lesson.slug],
        "kind": ["overfitting"],
        "key": ["class", f"lesson:{lesson.id}", f"job:{shared.id}", "largest", "odd", "third", "mnist"],
        "handle": [hash_token("a sign-in")[:32]],
        "token": [hash_token("nothing")[:32]],
        "name": ["model.tflite", "report.json"],
        "number": ["1", "2"],
        "part": ["question", "lab"],
        "_rest": ["place", "questions/largest/attempts"],
    }


if __name__ == "__main__":
    # For tests of a running classroom, whose settings this process has.
    world = make_world()
    print(json.dumps({"scene": world.scene() | rare_scene(world.users), "tokens": world.tokens}))  # noqa: T201
