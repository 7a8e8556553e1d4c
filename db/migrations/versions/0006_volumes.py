"""attention without text: what others counted"""

import sqlalchemy as sa
from alembic import op

from db.core.types import UtcTime
from db.migrations.operations import foreign_key

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "volumes",
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("series", sa.String(), nullable=False),
        sa.Column("start", UtcTime(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("norm", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("provider_id", "source", "series", "start", name="pk_volumes"),
        foreign_key("volumes", "provider_id", "providers"),
    )


def downgrade() -> None:
    op.drop_table("volumes")
