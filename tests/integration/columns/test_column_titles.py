"""Titles and numbers from exporters' file names."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.columns.column_import import read_column
from app.columns.titles import order_of, title_of_file
from app.courses.models import Lesson, LessonDraft
from tests.integration.columns.test_column_import import remarks, save


@pytest.mark.parametrize(
    ("name", "number", "title"),
    [
        ("[4983] 09自编码器先压再还原.md", 9, "自编码器先压再还原"),
        ("[4984] 10自编码器.md", 10, "自编码器"),
        ("[4990] 加餐.md", None, "加餐"),
        ("(4983)09-标题.html", 9, "标题"),
        ("09 | 标题.html", 9, "标题"),
        ("09丨标题.md", 9, "标题"),
        ("09｜自编码器：先压再还原.md", 9, "自编码器：先压再还原"),
        ("09-标题.md", 9, "标题"),
        ("09_标题.md", 9, "标题"),
        ("09.标题.md", 9, "标题"),
        ("9、标题.txt", 9, "标题"),
        ("第9讲：标题.md", 9, "标题"),
        ("第 09 讲 | 标题.md", 9, "标题"),
        ("第9讲标题.md", 9, "标题"),
        ("第十二课 标题.md", 12, "标题"),
        ("第二十章：标题.md", 20, "标题"),
        ("第一百零三节 标题.md", 103, "标题"),
        ("第3课时：标题.md", 3, "标题"),
        ("09讲标题.md", 9, "标题"),
        ("【09】标题.md", 9, "标题"),
        ("(9) 标题.md", 9, "标题"),
        ("09 标题.md", 9, "标题"),
        ("12 卷积为什么有效.md", 12, "卷积为什么有效"),
        ("09自编码器.md", 9, "自编码器"),
        ("Lesson 9: An autoencoder.md", 9, "An autoencoder"),
        ("09-an-autoencoder.md", 9, "an-autoencoder"),
        ("00 | 导读.md", 0, "导读"),
        ("09%20%7C%20标题.md.html", 9, "标题"),
        ("2026-01-05-标题.md", None, "标题"),
        ("开篇词 | 为什么学.md", None, "开篇词 | 为什么学"),
        ("3D卷积.md", None, "3D卷积"),
        ("10种优化器.md", None, "10种优化器"),
        ("7 days of code.md", None, "7 days of code"),
        ("1.2 梯度下降.md", None, "1.2 梯度下降"),
        ("3.14的故事.md", None, "3.14的故事"),
        ("2024年总结.md", None, "2024年总结"),
        ("100天计划.md", None, "100天计划"),
        ("第一性原理.md", None, "第一性原理"),
        ("第一天学什么.md", None, "第一天学什么"),
        ("LSTM是什么.md", None, "LSTM是什么"),
        ("9.md", 9, "9"),
        ("[4983].md", None, "[4983]"),
        ("09_自编码器_先压再还原.md", 9, "自编码器 先压再还原"),
        ("09 _ 自编码器：先压再还原.md", 9, "自编码器：先压再还原"),
        ("[4983]_05_反向传播_.md", 5, "反向传播"),
        ("03_What_is_a_tensor.md", 3, "What is a tensor"),
        ("04 用 model_fit 训练.md", 4, "用 model_fit 训练"),
        ("06_**重要**_反向传播.md", 6, "重要 反向传播"),
        ("__init__ 是什么.md", None, "__init__ 是什么"),
        ("A*算法.md", None, "A*算法"),
    ],
)
def test_a_name_has_the_title_and_the_number(name: str, number: int | None, title: str) -> None:
    found = title_of_file(name)
    assert (found.number, found.text) == (number, title)


@pytest.mark.parametrize(
    ("text", "title", "number"),
    [
        ("# 第3讲 | 直线\n\n<p>a</p>", "直线", 3),
        ("<h1 class='t'>直线 &amp; 曲线</h1>\n<p>a</p>", "直线 & 曲线", 7),
        ("<h1>直线</h1><p>a</p>", "直线", 7),
        ("<h1 id=x><strong>08 | 直线</strong> <em>与</em>曲线</h1>\n<p>a</p>", "直线 与曲线", 8),
        ("<h1>\n  直线\n</h1>\n\n<p>a</p>", "直线", 7),
        ('---\ntitle: "08 | 直线"\ndate: 2026-01-05\n---\n\n<p>a</p>', "直线", 8),
        ("---\ntitle: 直线\n---\n# 真正的题目\n\n<p>a</p>", "真正的题目", 7),
        ("<p>a</p>", "名字", 7),
    ],
)
def test_the_file_knows_its_title_better_than_its_name(text: str, title: str, number: int) -> None:
    column = read_column("07 | 名字.md", text.encode())
    assert (column.title.text, column.title.number, column.sources["zh.md"]) == (title, number, "a\n")
    left_out = [remark for remark in remarks(column) if "left out" in remark]
    assert left_out == (
        ["line 3: this line before the lesson was left out: date: 2026-01-05"] if "date" in text else []
    )


def test_a_page_that_was_saved_as_it_is_has_its_headline_in_its_body() -> None:
    head = "<!DOCTYPE html>\n<html><head><meta charset=utf-8><title>别的 - 站</title></head>"
    column = read_column(
        "07 | 名字.md", f"{head}\n<body><div><h1>直线</h1><p>a</p></div></body></html>".encode()
    )
    assert (column.title.text, column.sources["zh.md"]) == ("直线", "a\n")
    assert any("别的 - 站" in remark for remark in remarks(column))


def test_lessons_come_in_the_order_of_their_numbers() -> None:
    names = ["10 | 十.md", "加餐.md", "9 | 九.md", "开篇词.md", "[5000] 02二.md"]
    ordered = sorted(names, key=lambda name: order_of(title_of_file(name)))
    assert ordered == ["开篇词.md", "[5000] 02二.md", "9 | 九.md", "10 | 十.md", "加餐.md"]


def test_two_lessons_of_one_number_both_stay(database: str, session: Session) -> None:
    first, second = (
        (name, read_column(name, f"<p>{name}</p>".encode()))
        for name in ("03 | 直线（上）.md", "03 | 直线（下）.md")
    )
    assert save(first, second) == ["new", "new"]
    assert save(first, second) == ["unchanged", "unchanged"]
    texts = {draft.sources["zh.md"] for draft in session.scalars(select(LessonDraft))}
    slugs = session.scalars(select(Lesson.slug).order_by(Lesson.position)).all()
    assert len(texts) == 2 and slugs[0] == "03" and slugs[1].startswith("03-")


@pytest.mark.parametrize(
    ("heading", "title"),
    [
        ("09 | **卷积** 为什么有效", "卷积 为什么有效"),
        ("***都*** 要，_慢_ 一点", "都 要，慢 一点"),
        ("用 `model_fit` 与 \\*args", "用 model_fit 与 *args"),
        ("snake_case 和 __init__", "snake_case 和 __init__"),
        ("A* 算法与 B* 树：2*3*4", "A* 算法与 B* 树：2*3*4"),
    ],
)
def test_a_headline_has_its_words_without_the_marks_around_them(heading: str, title: str) -> None:
    column = read_column("07 | 名字.md", f"# {heading}\n\n<p>我们只做一件事。</p>\n".encode())
    assert column.title.text == title
