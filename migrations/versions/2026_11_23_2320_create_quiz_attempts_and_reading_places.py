"""create quiz attempts and reading places"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

Json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

revision = "b1quizzes0001"
down_revision = "a17e6c15eb00"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "quiz_attempts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("lesson_id", sa.Uuid(), nullable=False),
        sa.Column("question_key", sa.String(length=80), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", Json, nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.CheckConstraint("score >= 0 and score <= 1", name=op.f("ck_quiz_attempts_score_is_a_share")),
        sa.ForeignKeyConstraint(
            ["lesson_id"], ["lessons.id"], name=op.f("fk_quiz_attempts_lesson_id_lessons"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_quiz_attempts_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quiz_attempts")),
    )
    op.create_index(
        "ix_quiz_attempts_user_id_lesson_id_question_key",
        "quiz_attempts",
        ["user_id", "lesson_id", "question_key"],
    )
    op.create_index("ix_quiz_attempts_lesson_id", "quiz_attempts", ["lesson_id"])
    op.create_table(
        "reading_places",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("lesson_id", sa.Uuid(), nullable=False),
        sa.Column("anchor", sa.String(length=200), nullable=False),
        sa.Column("fraction", sa.Double(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "fraction >= 0 and fraction <= 1", name=op.f("ck_reading_places_fraction_is_a_share")
        ),
        sa.ForeignKeyConstraint(
            ["lesson_id"],
            ["lessons.id"],
            name=op.f("fk_reading_places_lesson_id_lessons"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_reading_places_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "lesson_id", name=op.f("pk_reading_places")),
    )
    # No batch here: SQLite would drop and recreate the table that published lessons refer to.
    op.add_column(
        "lesson_revisions", sa.Column("question_keys", Json, server_default=sa.text("'[]'"), nullable=False)
    )
    # Older revisions have neither the questions' HTML nor their positions. Without a digest the next load publishes them anew.
    op.execute("update lesson_revisions set digest = ''")


def downgrade() -> None:
    op.drop_column("lesson_revisions", "question_keys")
    op.drop_table("reading_places")
    op.drop_table("quiz_attempts")
