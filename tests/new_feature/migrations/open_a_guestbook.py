"""open a guestbook"""

import sqlalchemy as sa
from alembic import op

revision = "guestbook0001"
down_revision = "<head>"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "guestbook_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("line", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_guestbook_entries_user_id_users"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guestbook_entries")),
    )
    op.create_index(op.f("ix_guestbook_entries_user_id"), "guestbook_entries", ["user_id"])


def downgrade() -> None:
    op.drop_table("guestbook_entries")
