"""let students take turns, and jobs wait for the site"""

import sqlalchemy as sa
from alembic import op

from app.core.db import UtcDateTime

revision = "d1turns000001"
down_revision = "d1signins0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("jobs", sa.Column("turn", sa.Integer(), server_default="0", nullable=False))
    op.add_column("jobs", sa.Column("recipe_digest", sa.String(64), nullable=True))
    op.add_column("jobs", sa.Column("threads", sa.Integer(), nullable=True))
    op.add_column("jobs", sa.Column("held_by", sa.String(20), nullable=True))
    op.add_column("jobs", sa.Column("held_until", UtcDateTime(), nullable=True))
    op.add_column("jobs", sa.Column("give_backs", sa.Integer(), server_default="0", nullable=False))
    op.drop_index("ix_jobs_state_queue_created_at", table_name="jobs")
    op.create_index("ix_jobs_state_queue_turn", "jobs", ["state", "queue", "turn", "created_at", "id"])
    started = sa.text("attempt > 0")
    op.create_index(
        "ix_jobs_queue_turn_started",
        "jobs",
        ["queue", "turn"],
        sqlite_where=started,
        postgresql_where=started,
    )


def downgrade() -> None:
    op.drop_index("ix_jobs_queue_turn_started", table_name="jobs")
    op.drop_index("ix_jobs_state_queue_turn", table_name="jobs")
    op.create_index("ix_jobs_state_queue_created_at", "jobs", ["state", "queue", "created_at"])
    for name in ("give_backs", "held_until", "held_by", "threads", "recipe_digest", "turn"):
        op.drop_column("jobs", name)
