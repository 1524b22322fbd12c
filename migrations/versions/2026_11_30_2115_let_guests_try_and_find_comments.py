"""let guests try a training, know visitors' forms again, and find comments by an index"""

from uuid import UUID

import sqlalchemy as sa
from alembic import op
from markupsafe import Markup

from app.core.db import UtcDateTime
from app.search.tokens import index_words

revision = "f1guests00001"
down_revision = "e1titles00001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "visitor_forms",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_visitor_forms")),
    )
    op.create_index(op.f("ix_visitor_forms_created_at"), "visitor_forms", ["created_at"])
    with op.batch_alter_table("jobs") as jobs:
        jobs.alter_column("user_id", existing_type=sa.Uuid(), nullable=True)
        jobs.add_column(sa.Column("guest_key", sa.String(64), nullable=True))
        jobs.create_unique_constraint(op.f("uq_jobs_guest_key"), ["guest_key"])
        jobs.create_check_constraint(op.f("ck_jobs_one_owner"), "(user_id is null) != (guest_key is null)")
    op.create_table(
        "comment_words",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("comment_id", sa.Uuid(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name=op.f("fk_comment_words_comment_id_comments"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment_words")),
        sa.UniqueConstraint("comment_id", name=op.f("uq_comment_words_comment_id")),
    )
    _index_words()
    _find_words_of_comments()


def _index_words() -> None:
    """Outside of what the models know; migrations/env.py leaves names in search_index alone."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "create index search_index_comment_words on comment_words using gin (to_tsvector('simple', words))"
        )
        return
    op.execute(
        "create virtual table search_index_comments using fts5(words, content='comment_words', content_rowid='id', tokenize='unicode61', prefix='6')"
    )
    op.execute(
        "create trigger search_index_comments_insert after insert on comment_words begin "
        "insert into search_index_comments(rowid, words) values (new.id, new.words); end"
    )
    op.execute(
        "create trigger search_index_comments_delete after delete on comment_words begin "
        "insert into search_index_comments(search_index_comments, rowid, words) values ('delete', old.id, old.words); end"
    )
    op.execute(
        "create trigger search_index_comments_update after update of words on comment_words begin "
        "insert into search_index_comments(search_index_comments, rowid, words) values ('delete', old.id, old.words); "
        "insert into search_index_comments(rowid, words) values (new.id, new.words); end"
    )


def _find_words_of_comments() -> None:
    """Of those that are there already, some at a time."""
    comments = sa.table(
        "comments",
        sa.column("id", sa.Uuid()),
        sa.column("title", sa.String()),
        sa.column("html", sa.String()),
        sa.column("created_at", UtcDateTime()),
    )
    words = sa.table(
        "comment_words", sa.column("id", sa.BigInteger()), sa.column("comment_id", sa.Uuid()), sa.column("words", sa.String())
    )
    connection, last = op.get_bind(), UUID(int=0)
    while True:
        found = connection.execute(
            sa.select(comments).where(comments.c.id > last).order_by(comments.c.id).limit(1000)
        ).all()
        if not found:
            return
        last = found[-1].id
        rows = [
            {
                "id": (int(row.created_at.timestamp()) << 30) | (row.id.int & (2**30 - 1)),
                "comment_id": row.id,
                "words": f"{index_words(row.title or '')} {index_words(Markup(row.html).striptags())}".strip(),
            }
            for row in found
            if row.html
        ]
        if rows:
            connection.execute(sa.insert(words), rows)


def downgrade() -> None:
    op.drop_table("comment_words")
    if op.get_bind().dialect.name != "postgresql":
        op.execute("drop table search_index_comments")
    for table in ("job_epochs", "job_artefacts", "job_log_lines"):
        op.execute(f"delete from {table} where job_id in (select id from jobs where user_id is null)")
    op.execute("delete from jobs where user_id is null")
    with op.batch_alter_table("jobs") as jobs:
        jobs.drop_constraint(op.f("ck_jobs_one_owner"), type_="check")
        jobs.drop_constraint(op.f("uq_jobs_guest_key"), type_="unique")
        jobs.drop_column("guest_key")
        jobs.alter_column("user_id", existing_type=sa.Uuid(), nullable=False)
    op.drop_index(op.f("ix_visitor_forms_created_at"), table_name="visitor_forms")
    op.drop_table("visitor_forms")
