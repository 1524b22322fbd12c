"""put courses in an order"""

import sqlalchemy as sa
from alembic import op

revision = "d2courses0001"
down_revision = "d1turns000001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("courses") as table:
        table.add_column(sa.Column("position", sa.Integer(), server_default="0", nullable=False))
        table.add_column(sa.Column("state", sa.String(10), server_default="shown", nullable=False))
        table.add_column(sa.Column("first_number", sa.Integer(), server_default="1", nullable=False))
        table.create_check_constraint("known_course_state", "state in ('shown', 'archived', 'hidden')")
    # What came from a folder was there first; an import was made beside it.
    courses = sa.table("courses", sa.column("id"), sa.column("slug"), sa.column("loaded_digest"), sa.column("position"))
    found = op.get_bind().execute(
        sa.select(courses.c.id).order_by(courses.c.loaded_digest.is_(None), courses.c.slug)
    )
    for position, (course_id,) in enumerate(found.all()):
        op.execute(courses.update().where(courses.c.id == course_id).values(position=position))


def downgrade() -> None:
    with op.batch_alter_table("courses") as table:
        table.drop_constraint(op.f("ck_courses_known_course_state"), type_="check")
        for name in ("first_number", "state", "position"):
            table.drop_column(name)
