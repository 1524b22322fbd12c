"""train several values at once"""

import sqlalchemy as sa
from alembic import op

from app.core.db import Json, UtcDateTime

revision = "f2sweeps00001"
down_revision = "g1openclasses"
branch_labels = None
depends_on = None

SWEEP = "fk_jobs_sweep_id_sweeps"
OF_SWEEP = sa.text("sweep_id is not null")


def upgrade() -> None:
    op.create_table(
        "sweeps",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("recipe", sa.String(length=80), nullable=False),
        sa.Column("axes", Json, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("cancelled_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_sweeps_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sweeps")),
    )
    op.create_index(op.f("ix_sweeps_user_id"), "sweeps", ["user_id"])
    with op.batch_alter_table("jobs") as jobs:
        jobs.add_column(sa.Column("sweep_id", sa.Uuid(), nullable=True))
        jobs.create_foreign_key(SWEEP, "sweeps", ["sweep_id"], ["id"], ondelete="SET NULL")
    op.create_index("ix_jobs_sweep_id", "jobs", ["sweep_id"], sqlite_where=OF_SWEEP, postgresql_where=OF_SWEEP)


def downgrade() -> None:
    op.drop_index("ix_jobs_sweep_id", "jobs")
    with op.batch_alter_table("jobs") as jobs:
        jobs.drop_constraint(SWEEP, type_="foreignkey")
        jobs.drop_column("sweep_id")
    op.drop_table("sweeps")
