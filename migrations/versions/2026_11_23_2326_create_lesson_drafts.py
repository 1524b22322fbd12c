"""create lesson drafts and the journal of acts"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

Json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

revision = 'b7drafts00007'
down_revision = 'b6notify00006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('lesson_drafts',
    sa.Column('lesson_id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.String(length=40), nullable=False),
    sa.Column('sources', Json, nullable=False),
    sa.Column('pictures', Json, nullable=False),
    sa.Column('earlier', Json, nullable=True),
    sa.Column('base_revision_id', sa.Uuid(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('saved_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('saved_by_id', sa.Uuid(), nullable=True),
    sa.Column('publish_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('scheduled_by_id', sa.Uuid(), nullable=True),
    sa.Column('schedule_failure', Json, nullable=True),
    sa.ForeignKeyConstraint(['lesson_id'], ['lessons.id'], name=op.f('fk_lesson_drafts_lesson_id_lessons'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['base_revision_id'], ['lesson_revisions.id'], name=op.f('fk_lesson_drafts_base_revision_id_lesson_revisions'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['saved_by_id'], ['users.id'], name=op.f('fk_lesson_drafts_saved_by_id_users'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['scheduled_by_id'], ['users.id'], name=op.f('fk_lesson_drafts_scheduled_by_id_users'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('lesson_id', name=op.f('pk_lesson_drafts'))
    )
    with op.batch_alter_table('lesson_drafts', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_lesson_drafts_publish_at'), ['publish_at'], unique=False)

    op.create_table('acts',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('happened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor_id', sa.Uuid(), nullable=True),
    sa.Column('actor_name', sa.String(length=40), nullable=False),
    sa.Column('kind', sa.String(length=60), nullable=False),
    sa.Column('subject', sa.String(length=200), nullable=False),
    sa.Column('details', Json, nullable=False),
    sa.ForeignKeyConstraint(['actor_id'], ['users.id'], name=op.f('fk_acts_actor_id_users'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_acts'))
    )
    with op.batch_alter_table('acts', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_acts_happened_at'), ['happened_at'], unique=False)

    with op.batch_alter_table('courses', schema=None) as batch_op:
        batch_op.add_column(sa.Column('edited_at', sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('courses', schema=None) as batch_op:
        batch_op.drop_column('edited_at')
    op.drop_table('acts')
    op.drop_table('lesson_drafts')
