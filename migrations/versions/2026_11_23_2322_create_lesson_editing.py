"""create lesson editing"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

Json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

revision = "b3editing0003"
down_revision = "b2notes000002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Plain ALTER TABLE ADD COLUMN on both databases: SQLite would otherwise copy tables that others refer to.
    op.add_column("courses", sa.Column("loaded_digest", sa.String(length=64), nullable=True))
    op.add_column(
        "lesson_revisions", sa.Column("origin", sa.String(length=20), server_default="folder", nullable=False)
    )
    op.add_column(
        "lesson_revisions",
        sa.Column("rendered_with", sa.String(length=64), server_default="", nullable=False),
    )

    op.create_table(
        "lesson_drafts",
        sa.Column("lesson_id", sa.Uuid(), nullable=False),
        sa.Column("base_revision_id", sa.Uuid(), nullable=True),
        sa.Column("editor_id", sa.Uuid(), nullable=True),
        sa.Column("origin", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("publish_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("sources", Json, nullable=False),
        sa.Column("pictures", Json, nullable=False),
        sa.ForeignKeyConstraint(
            ["base_revision_id"],
            ["lesson_revisions.id"],
            name=op.f("fk_lesson_drafts_base_revision_id_lesson_revisions"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["editor_id"], ["users.id"], name=op.f("fk_lesson_drafts_editor_id_users"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["lesson_id"], ["lessons.id"], name=op.f("fk_lesson_drafts_lesson_id_lessons"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("lesson_id", name=op.f("pk_lesson_drafts")),
    )
    op.create_index(op.f("ix_lesson_drafts_publish_at"), "lesson_drafts", ["publish_at"], unique=False)

    op.create_table(
        "imported_comments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("lesson_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("replies", Json, nullable=False),
        sa.Column("featured", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lesson_id"],
            ["lessons.id"],
            name=op.f("fk_imported_comments_lesson_id_lessons"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imported_comments")),
        sa.UniqueConstraint("lesson_id", "position", name=op.f("uq_imported_comments_lesson_id_position")),
    )


def downgrade() -> None:
    op.drop_table("imported_comments")
    op.drop_index(op.f("ix_lesson_drafts_publish_at"), table_name="lesson_drafts")
    op.drop_table("lesson_drafts")
    op.drop_column("lesson_revisions", "rendered_with")
    op.drop_column("lesson_revisions", "origin")
    op.drop_column("courses", "loaded_digest")
