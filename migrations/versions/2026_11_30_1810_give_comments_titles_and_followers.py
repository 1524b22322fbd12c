"""give comments titles and followers"""

import sqlalchemy as sa
from alembic import op

from app.core.db import UtcDateTime

revision = "e1titles00001"
down_revision = "d2sentforms01"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("comments", "comment_edits", "comment_drafts"):
        op.add_column(table, sa.Column("title", sa.String(120), nullable=True))
    op.create_table(
        "comment_follows",
        sa.Column("comment_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("is_muted", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_id"],
            ["comments.id"],
            name=op.f("fk_comment_follows_comment_id_comments"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_comment_follows_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("comment_id", "user_id", name=op.f("pk_comment_follows")),
    )
    op.create_index(op.f("ix_comment_follows_user_id"), "comment_follows", ["user_id"])


def downgrade() -> None:
    op.drop_table("comment_follows")
    for table in ("comment_drafts", "comment_edits", "comments"):
        op.drop_column(table, "title")
