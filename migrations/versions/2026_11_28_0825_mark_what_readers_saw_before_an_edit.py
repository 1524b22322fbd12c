"""mark what readers saw before an edit, and rank no comment that they do not see"""

import sqlalchemy as sa
from alembic import op

revision = "c5seen0000001"
down_revision = "c4notices001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # For the texts of the last 24 hours it is unknown: only staff may see them, until they are deleted.
    with op.batch_alter_table("comment_edits", schema=None) as batch_op:
        batch_op.add_column(sa.Column("was_seen", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.execute("update comments set rank = '0' where state <> 'visible' and rank <> '0'")


def downgrade() -> None:
    with op.batch_alter_table("comment_edits", schema=None) as batch_op:
        batch_op.drop_column("was_seen")
    op.execute(
        "update comments set rank = case when is_pinned then '2' else '1' end where is_pinned or is_featured"
    )
