"""look between runs"""

import sqlalchemy as sa
from alembic import op

from app.core.db import Json, UtcDateTime

revision = "f2betweenruns"
down_revision = "f2newwords001"
branch_labels = None
depends_on = None

SHARED = sa.text("shared_at is not null")


def upgrade() -> None:
    op.add_column("jobs", sa.Column("test_accuracy", sa.Double(), nullable=True))
    op.add_column("jobs", sa.Column("note", sa.String(length=1000), server_default="", nullable=False))
    op.add_column("jobs", sa.Column("tags", sa.String(length=400), server_default="", nullable=False))
    op.add_column("jobs", sa.Column("archived_at", UtcDateTime(), nullable=True))
    # Lists read the accuracy from here; the trainings of before have it in their report.
    trained = sa.table("jobs", sa.column("report", Json), sa.column("test_accuracy", sa.Double()))
    accuracy = trained.c.report[("metrics", "test_accuracy")].as_float()
    op.execute(trained.update().where(trained.c.report.is_not(None)).values(test_accuracy=accuracy))
    op.create_index("ix_jobs_user_id_test_accuracy", "jobs", ["user_id", "test_accuracy"])
    op.create_index("ix_jobs_user_id_lesson_id", "jobs", ["user_id", "lesson_id"])
    op.create_index("ix_jobs_shared_at", "jobs", ["shared_at"], sqlite_where=SHARED, postgresql_where=SHARED)
    op.add_column(
        "users", sa.Column("shares_results", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.create_table(
        "job_links",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_id"], ["jobs.id"], name=op.f("fk_job_links_job_id_jobs"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_job_links")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_job_links_token_hash")),
    )
    op.create_table(
        "curve_points",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("lesson_id", sa.Uuid(), nullable=False),
        sa.Column("lab_key", sa.String(length=80), nullable=False),
        sa.Column("setting", sa.String(length=80), nullable=False),
        sa.Column("metric", sa.String(length=80), nullable=False),
        sa.Column("value", sa.String(length=80), nullable=False),
        sa.Column("result", sa.Double(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_id"], ["jobs.id"], name=op.f("fk_curve_points_job_id_jobs"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_curve_points_user_id_users"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["lesson_id"], ["lessons.id"], name=op.f("fk_curve_points_lesson_id_lessons"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_curve_points")),
    )
    op.create_index(op.f("ix_curve_points_user_id"), "curve_points", ["user_id"])
    op.create_index(
        "ix_curve_points_lab",
        "curve_points",
        ["lesson_id", "lab_key", "setting", "metric", "finished_at", "job_id"],
    )


def downgrade() -> None:
    op.drop_table("curve_points")
    op.drop_table("job_links")
    op.drop_column("users", "shares_results")
    op.drop_index("ix_jobs_shared_at", "jobs")
    op.drop_index("ix_jobs_user_id_lesson_id", "jobs")
    op.drop_index("ix_jobs_user_id_test_accuracy", "jobs")
    for name in ("archived_at", "tags", "note", "test_accuracy"):
        op.drop_column("jobs", name)
