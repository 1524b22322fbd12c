"""keep deleted lessons"""

import sqlalchemy as sa
from alembic import op

from app.core.db import Json, UtcDateTime

revision = "f1deleted0001"
down_revision = "f1guests00001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "deleted_lessons",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("module_id", sa.Uuid(), nullable=True),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("title", Json, nullable=False),
        sa.Column("sources", Json, nullable=False),
        sa.Column("pictures", Json, nullable=False),
        sa.Column("deleted_by_id", sa.Uuid(), nullable=True),
        sa.Column("deleted_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"],
            ["courses.id"],
            name=op.f("fk_deleted_lessons_course_id_courses"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["module_id"],
            ["modules.id"],
            name=op.f("fk_deleted_lessons_module_id_modules"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["deleted_by_id"],
            ["users.id"],
            name=op.f("fk_deleted_lessons_deleted_by_id_users"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deleted_lessons")),
    )
    op.create_index(op.f("ix_deleted_lessons_course_id"), "deleted_lessons", ["course_id"])
    op.create_index(op.f("ix_deleted_lessons_deleted_at"), "deleted_lessons", ["deleted_at"])


def downgrade() -> None:
    op.drop_table("deleted_lessons")
