"""give accounts a way back, an end to suspensions, and names that stay theirs"""

import hashlib

import sqlalchemy as sa
from alembic import op

from app.accounts.lookalikes import sameness
from app.core.db import UtcDateTime

revision = "e1accounts001"
down_revision = "d1turns000001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "users", sa.Column("suspension_reason", sa.String(500), server_default="", nullable=False)
    )
    op.add_column("users", sa.Column("suspended_until", UtcDateTime(), nullable=True))
    op.create_table(
        "reset_links",
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("made_by", sa.String(20), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_reset_links_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_reset_links")),
    )
    op.create_index(op.f("ix_reset_links_user_id"), "reset_links", ["user_id"])
    op.create_table(
        "held_names",
        sa.Column("look", sa.String(64), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("free_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_held_names_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("look", name=op.f("pk_held_names")),
    )
    op.create_index(op.f("ix_held_names_user_id"), "held_names", ["user_id"])
    op.create_table(
        "account_mails",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("name_key", sa.String(200), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_account_mails_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_mails")),
    )
    op.create_index(op.f("ix_account_mails_user_id"), "account_mails", ["user_id"])
    op.create_index(op.f("ix_account_mails_due_at"), "account_mails", ["due_at"])
    with op.batch_alter_table("acts") as acts:
        acts.add_column(sa.Column("subject_id", sa.Uuid(), nullable=True))
        acts.create_foreign_key(
            op.f("fk_acts_subject_id_users"), "users", ["subject_id"], ["id"], ondelete="SET NULL"
        )
        acts.create_index(op.f("ix_acts_subject_id"), ["subject_id"])
    op.execute(
        "update acts set subject_id = (select users.id from users where users.name = acts.subject limit 1) "
        "where kind in ('role', 'suspension', 'reinstatement', 'cancellation') and subject <> ''"
    )
    _hold_names()


def _hold_names() -> None:
    """If names already look alike, the oldest account's is reserved; the others stay as they are."""
    users = sa.table("users", sa.column("id"), sa.column("name"), sa.column("created_at"))
    held = sa.table("held_names", sa.column("look"), sa.column("user_id"), sa.column("name"))
    connection = op.get_bind()
    rows: dict[str, dict[str, object]] = {}
    for row in connection.execute(sa.select(users.c.id, users.c.name).order_by(users.c.created_at, users.c.id)):
        look = hashlib.sha256(sameness(row.name).encode()).hexdigest()
        rows.setdefault(look, {"look": look, "user_id": row.id, "name": row.name})
    if rows:
        connection.execute(sa.insert(held), list(rows.values()))


def downgrade() -> None:
    with op.batch_alter_table("acts") as acts:
        acts.drop_index(op.f("ix_acts_subject_id"))
        acts.drop_constraint(op.f("fk_acts_subject_id_users"), type_="foreignkey")
        acts.drop_column("subject_id")
    op.drop_table("account_mails")
    op.drop_table("held_names")
    op.drop_table("reset_links")
    op.drop_column("users", "suspended_until")
    op.drop_column("users", "suspension_reason")
