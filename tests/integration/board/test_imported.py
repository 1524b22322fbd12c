"""The comments of an imported column."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.authoring.publication import publish
from app.board import places
from app.board.importing import import_comments
from app.board.models import Comment
from app.columns.column_import import column_course, read_column, save_column
from app.courses.models import ImportedComment, Lesson
from tests.integration.board.talk import shown

pytestmark = pytest.mark.usefixtures("redis")


def test_the_comments_of_a_column_come_with_its_lesson(
    client: TestClient, session: Session, lin: User, redis: None
) -> None:
    text = (
        "# 一条线\n\n我们只做一件事：画一条直线。\n\n---\n\n### 精选评论\n\n##### **青：\n\n"
        "讲得很清楚，打卡第一天。\n\n###### &nbsp;&nbsp;&nbsp; 讲师回复：\n\n> 谢谢，坚持下去。\n\n##### *昊：\n\n第二条评论在这里。\n"
    )
    column = read_column("01 一条线.md", text.encode())
    column.sources["en.md"] = "We do one thing only: we draw a straight line.\n"
    course = column_course(session)
    save_column(session, course, "01 一条线.md", column)
    session.flush()
    lesson = session.scalar(select(Lesson).where(Lesson.slug == column.slug))
    stored = session.scalars(select(ImportedComment).order_by(ImportedComment.position)).all()
    assert stored, "the column has comments"
    publish(session, lin, lesson.id)
    session.commit()
    place = places.find_place(session, None, f"lesson:{lesson.id}")
    page = shown(session, place)
    assert [entry.name for entry in page.entries] == [one.name for one in stored]
    assert all(entry.is_featured and entry.is_imported for entry in page.entries)
    assert page.entries[0].replies[0].is_answer
    assert "讲得很清楚" in client.get(f"/courses/{course.slug}/lessons/{lesson.slug}").text


def test_importing_comments_again_changes_nothing(
    place: places.ThreadHost, session: Session, hao: User
) -> None:
    lesson = session.scalar(select(Lesson).where(Lesson.id == place.lesson_id))
    session.refresh(lesson, ["course"])
    replies = [{"by": "讲师", "body": "是的，没错。"}]
    session.add(
        ImportedComment(lesson_id=lesson.id, position=1, name="**青", body="这里是评论。", replies=replies)
    )
    session.flush()
    assert [import_comments(session, lesson) for _ in range(3)] == [2, 0, 0]
    assert shown(session, place).count == 2


@pytest.mark.parametrize("is_lecturer", [True, False])
def test_only_the_lecturers_reply_wears_the_badge(
    place: places.ThreadHost, session: Session, is_lecturer: bool
) -> None:
    lecturers = ["讲师", "作者", "老师", "主讲老师"]
    others = ["编辑", "小编", "官方客服", "助教", "编辑老师", "用户 **川", "回复"]
    lesson = session.scalar(select(Lesson).where(Lesson.id == place.lesson_id))
    session.refresh(lesson, ["course"])
    replies = [{"by": name, "body": "答"} for name in (lecturers if is_lecturer else others)]
    session.add(ImportedComment(lesson_id=lesson.id, position=1, name="**青", body="问", replies=replies))
    session.flush()
    import_comments(session, lesson)
    answers = session.scalars(select(Comment).where(Comment.parent_id.is_not(None))).all()
    assert {answer.is_answer for answer in answers} == {is_lecturer}
    for answer in answers:
        answer.is_answer = not is_lecturer  # as an earlier release had it
    import_comments(session, lesson)
    assert {answer.is_answer for answer in answers} == {is_lecturer}
