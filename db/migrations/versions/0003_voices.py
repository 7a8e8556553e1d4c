"""voices: posts whose text and whose author are both new in their hour"""

import sqlalchemy as sa
from alembic import op

from db.migrations.operations import count_voices

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column(
        "hourly_counts", sa.Column("voices", sa.Integer(), nullable=False, server_default="0")
    )
    count_voices(op.get_bind())


def downgrade() -> None:
    op.drop_column("hourly_counts", "voices")
