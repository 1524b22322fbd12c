"""find the same words of an author by how they begin"""

from alembic import op

revision = "c6same0000001"
down_revision = "c5seen0000001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("create index ix_comments_author_id_beginning on comments (author_id, substr(body, 1, 24))")


def downgrade() -> None:
    op.drop_index("ix_comments_author_id_beginning", table_name="comments")
