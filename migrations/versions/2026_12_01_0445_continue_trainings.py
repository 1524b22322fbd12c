"""continue trainings"""

import sqlalchemy as sa
from alembic import op

from app.core.db import Json

revision = "f2continue001"
down_revision = "f2sweeps00001"
branch_labels = None
depends_on = None

PARENT = "fk_jobs_continued_from_id_jobs"


def upgrade() -> None:
    with op.batch_alter_table("jobs") as jobs:
        jobs.add_column(sa.Column("start", Json, nullable=True))
        jobs.add_column(sa.Column("continued_from_id", sa.Uuid(), nullable=True))
        jobs.create_foreign_key(PARENT, "jobs", ["continued_from_id"], ["id"], ondelete="SET NULL")
    # Where one is deleted, those that came from it are looked for.
    op.create_index("ix_jobs_cloned_from_id", "jobs", ["cloned_from_id"])
    op.create_index("ix_jobs_continued_from_id", "jobs", ["continued_from_id"])


def downgrade() -> None:
    op.drop_index("ix_jobs_continued_from_id", "jobs")
    op.drop_index("ix_jobs_cloned_from_id", "jobs")
    with op.batch_alter_table("jobs") as jobs:
        jobs.drop_constraint(PARENT, type_="foreignkey")
        jobs.drop_column("continued_from_id")
        jobs.drop_column("start")
