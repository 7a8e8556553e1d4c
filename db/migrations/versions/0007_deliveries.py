"""deliveries: what was sent to whom"""

import sqlalchemy as sa
from alembic import op

from db.core.types import UtcTime

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subscriber", sa.String(), nullable=False),
        sa.Column("start", UtcTime(), nullable=False),
        sa.Column("end", UtcTime(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("tried_at", UtcTime(), nullable=True),
        sa.Column("why", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.UniqueConstraint("subscriber", "end", name="uq_deliveries_subscriber_end"),
        sa.CheckConstraint(
            "state in ('failed', 'sending', 'sent')", name=op.f("ck_deliveries_state")
        ),
    )


def downgrade() -> None:
    op.drop_table("deliveries")
