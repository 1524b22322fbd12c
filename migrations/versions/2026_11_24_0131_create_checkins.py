"""create checkins"""

import sqlalchemy as sa
from alembic import op

revision = "c2checkins01"
down_revision = "c1board00001"
branch_labels = None
depends_on = None

def upgrade() -> None:
    op.create_table('check_in_settings',
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('weekly_goal', sa.Integer(), nullable=False),
    sa.Column('is_on_class_board', sa.Boolean(), nullable=False),
    sa.Column('feed_token_hash', sa.String(length=64), nullable=True),
    sa.Column('feed_language', sa.String(length=2), nullable=False),
    sa.Column('feed_since', sa.Date(), nullable=True),
    sa.Column('reminder_hour', sa.Integer(), nullable=False),
    sa.CheckConstraint('reminder_hour between 0 and 23', name=op.f('ck_check_in_settings_hour_of_the_day')),
    sa.CheckConstraint('weekly_goal between 1 and 7', name=op.f('ck_check_in_settings_goal_within_a_week')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_check_in_settings_user_id_users'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('user_id', name=op.f('pk_check_in_settings')),
    sa.UniqueConstraint('feed_token_hash', name=op.f('uq_check_in_settings_feed_token_hash'))
    )
    op.create_index('ix_check_in_settings_class_board', 'check_in_settings', ['user_id'], unique=False, sqlite_where=sa.text('is_on_class_board'), postgresql_where=sa.text('is_on_class_board'))
    op.create_table('check_ins',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('local_date', sa.Date(), nullable=False),
    sa.Column('zone', sa.String(length=64), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('source', sa.String(length=10), nullable=True),
    sa.Column('note', sa.String(length=280), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("(kind = 'freeze') = (source is null)", name=op.f('ck_check_ins_an_act_has_a_source')),
    sa.CheckConstraint("kind in ('real', 'make-up', 'freeze')", name=op.f('ck_check_ins_known_kind')),
    sa.CheckConstraint("source in ('lesson', 'quiz', 'review', 'job', 'button')", name=op.f('ck_check_ins_known_source')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_check_ins_user_id_users'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_check_ins')),
    sa.UniqueConstraint('user_id', 'local_date', name=op.f('uq_check_ins_user_id_local_date'))
    )
    op.create_index('ix_check_ins_calendar', 'check_ins', ['user_id', 'local_date', 'kind'], unique=False)
    op.create_index('ix_check_ins_wall', 'check_ins', ['local_date', 'created_at', 'id'], unique=False, sqlite_where=sa.text("kind != 'freeze'"), postgresql_where=sa.text("kind != 'freeze'"))
    op.create_table('user_zones',
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('from_date', sa.Date(), nullable=False),
    sa.Column('zone', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_user_zones_user_id_users'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('user_id', 'from_date', name=op.f('pk_user_zones'))
    )
    op.create_table('cheers',
    sa.Column('check_in_id', sa.Uuid(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['check_in_id'], ['check_ins.id'], name=op.f('fk_cheers_check_in_id_check_ins'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_cheers_user_id_users'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('check_in_id', 'user_id', name=op.f('pk_cheers'))
    )
    op.create_index(op.f('ix_cheers_user_id'), 'cheers', ['user_id'], unique=False)


def downgrade() -> None:
    op.drop_index(op.f('ix_cheers_user_id'), table_name='cheers')
    op.drop_table('cheers')
    op.drop_table('user_zones')
    op.drop_index('ix_check_ins_wall', table_name='check_ins', sqlite_where=sa.text("kind != 'freeze'"), postgresql_where=sa.text("kind != 'freeze'"))
    op.drop_index('ix_check_ins_calendar', table_name='check_ins')
    op.drop_table('check_ins')
    op.drop_index('ix_check_in_settings_class_board', table_name='check_in_settings', sqlite_where=sa.text('is_on_class_board'), postgresql_where=sa.text('is_on_class_board'))
    op.drop_table('check_in_settings')
