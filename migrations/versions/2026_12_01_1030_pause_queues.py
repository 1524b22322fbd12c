"""pause queues and workers"""

import sqlalchemy as sa
from alembic import op

from app.core.db import UtcDateTime

revision = "j1queuepause1"
down_revision = "f2continue001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "queue_pauses",
        sa.Column("target", sa.String(length=200), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("target", name=op.f("pk_queue_pauses")),
    )


def downgrade() -> None:
    op.drop_table("queue_pauses")
