"""find the comments that are not in the index yet"""

from alembic import op

revision = "f2newwords001"
down_revision = "f1deleted0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_comments_created_at", "comments", ["created_at"])


def downgrade() -> None:
    op.drop_index("ix_comments_created_at", "comments")
