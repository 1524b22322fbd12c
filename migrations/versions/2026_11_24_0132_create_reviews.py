"""create reviews"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

Json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

revision = "c3reviews001"
down_revision = "c2checkins01"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('review_cards',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('lesson_id', sa.Uuid(), nullable=False),
    sa.Column('question_key', sa.String(length=80), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('reviewed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('rating', sa.Integer(), nullable=False),
    sa.Column('reviews', sa.Integer(), nullable=False),
    sa.Column('memory', Json, nullable=False),
    sa.Column('memory_before', Json, nullable=False),
    sa.CheckConstraint('rating between 1 and 4', name=op.f('ck_review_cards_known_rating')),
    sa.ForeignKeyConstraint(['lesson_id'], ['lessons.id'], name=op.f('fk_review_cards_lesson_id_lessons'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_review_cards_user_id_users'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_review_cards')),
    sa.UniqueConstraint('user_id', 'lesson_id', 'question_key', name=op.f('uq_review_cards_user_id_lesson_id_question_key'))
    )
    with op.batch_alter_table('review_cards', schema=None) as batch_op:
        batch_op.create_index('ix_review_cards_due_at_user_id', ['due_at', 'user_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_review_cards_lesson_id'), ['lesson_id'], unique=False)
        batch_op.create_index('ix_review_cards_user_id_due_at', ['user_id', 'due_at'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('review_cards', schema=None) as batch_op:
        batch_op.drop_index('ix_review_cards_user_id_due_at')
        batch_op.drop_index(batch_op.f('ix_review_cards_lesson_id'))
        batch_op.drop_index('ix_review_cards_due_at_user_id')

    op.drop_table('review_cards')
