"""say which browser a sign-in is of"""

import sqlalchemy as sa
from alembic import op

revision = "d1signins0001"
down_revision = "c6same0000001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("browser", "system"):
        op.add_column("user_sessions", sa.Column(name, sa.String(20), nullable=False, server_default=""))


def downgrade() -> None:
    for name in ("browser", "system"):
        op.drop_column("user_sessions", name)
