"""put courses in an order"""

import sqlalchemy as sa
from alembic import op

revision = "d2courses0001"
down_revision = "e1accounts001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("courses", sa.Column("position", sa.Integer(), server_default="0", nullable=False))
    op.add_column("courses", sa.Column("state", sa.String(10), server_default="shown", nullable=False))
    op.add_column("courses", sa.Column("first_number", sa.Integer(), server_default="1", nullable=False))
    # Courses from a folder came first; imported ones were created beside them.
    courses = sa.table("courses", sa.column("id"), sa.column("slug"), sa.column("loaded_digest"), sa.column("position"))
    found = op.get_bind().execute(
        sa.select(courses.c.id).order_by(courses.c.loaded_digest.is_(None), courses.c.slug)
    )
    for position, (course_id,) in enumerate(found.all()):
        op.execute(courses.update().where(courses.c.id == course_id).values(position=position))


def downgrade() -> None:
    for name in ("first_number", "state", "position"):
        op.drop_column("courses", name)
