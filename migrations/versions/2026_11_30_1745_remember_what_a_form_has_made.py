"""remember what a form has made"""

import sqlalchemy as sa
from alembic import op

from app.core.db import UtcDateTime

revision = "d2sentforms01"
down_revision = "d2courses0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sent_forms",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("made", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_sent_forms_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "digest", name=op.f("pk_sent_forms")),
    )


def downgrade() -> None:
    op.drop_table("sent_forms")
