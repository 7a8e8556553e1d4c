"""months of a source that lie in files"""

import sqlalchemy as sa
from alembic import op

from db.core.types import UtcTime

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "archives",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("month", UtcTime(), nullable=False),
        sa.Column("file", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("posts", sa.Integer(), nullable=False),
        sa.Column("last_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("source", "month", name="pk_archives"),
    )
    op.create_table(
        "gone",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("source", "external_id", name="pk_gone"),
    )


def downgrade() -> None:
    op.drop_table("gone")
    op.drop_table("archives")
