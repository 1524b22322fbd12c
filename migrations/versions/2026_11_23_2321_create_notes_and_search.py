"""create notes and search"""

import sqlalchemy as sa
from alembic import op

revision = "b2notes000002"
down_revision = "b1quizzes0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("lesson_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("text", sa.String(length=4000), nullable=False),
        sa.Column("quote", sa.String(length=2000), nullable=False),
        sa.Column("prefix", sa.String(length=40), nullable=False),
        sa.Column("suffix", sa.String(length=40), nullable=False),
        sa.Column("anchor", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("text != '' or quote != ''", name=op.f("ck_notes_says_something")),
        sa.ForeignKeyConstraint(
            ["lesson_id"], ["lessons.id"], name=op.f("fk_notes_lesson_id_lessons"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_notes_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notes")),
    )
    op.create_index("ix_notes_user_id_lesson_id_language", "notes", ["user_id", "lesson_id", "language"])
    op.create_index("ix_notes_user_id_updated_at", "notes", ["user_id", "updated_at"])
    op.create_index(op.f("ix_notes_lesson_id"), "notes", ["lesson_id"])
    op.create_index(op.f("ix_notes_deleted_at"), "notes", ["deleted_at"])
    op.create_table(
        "search_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("lesson_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("note_id", sa.Uuid(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("anchor", sa.String(length=200), nullable=False),
        sa.Column("heading", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lesson_id"],
            ["lessons.id"],
            name=op.f("fk_search_entries_lesson_id_lessons"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["note_id"], ["notes.id"], name=op.f("fk_search_entries_note_id_notes"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_search_entries_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_entries")),
    )
    op.create_index("ix_search_entries_lesson_id_language", "search_entries", ["lesson_id", "language"])
    op.create_index("ix_search_entries_user_id_note_id", "search_entries", ["user_id", "note_id"])
    op.create_index(op.f("ix_search_entries_note_id"), "search_entries", ["note_id"])
    # The full-text indexes are outside the models; migrations/env.py ignores names in search_index.
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "create index search_index_words on search_entries using gin (to_tsvector('simple', words))"
        )
        return
    op.execute(
        "create virtual table search_index using fts5(words, content='search_entries', content_rowid='id', tokenize='unicode61')"
    )
    # A later migration that copies search_entries (batch_alter_table) has to recreate these three.
    op.execute(
        "create trigger search_index_insert after insert on search_entries begin "
        "insert into search_index(rowid, words) values (new.id, new.words); end"
    )
    op.execute(
        "create trigger search_index_delete after delete on search_entries begin "
        "insert into search_index(search_index, rowid, words) values ('delete', old.id, old.words); end"
    )
    op.execute(
        "create trigger search_index_update after update of words on search_entries begin "
        "insert into search_index(search_index, rowid, words) values ('delete', old.id, old.words); "
        "insert into search_index(rowid, words) values (new.id, new.words); end"
    )


def downgrade() -> None:
    op.drop_table("search_entries")
    if op.get_bind().dialect.name != "postgresql":
        op.execute("drop table search_index")
    op.drop_table("notes")
