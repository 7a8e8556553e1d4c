"""what posts do"""

import sqlalchemy as sa
from alembic import op

from db.migrations.operations import foreign_key

revision = "0002"
down_revision = "0001"

FLAGS = (
    "failed",
    "complaint",
    "switching",
    "dumber",
    "relief",
    "joke",
    "news",
    "question",
    "shrug",
)


def upgrade() -> None:
    op.create_table(
        "readings",
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        *(sa.Column(name, sa.Boolean(), nullable=False) for name in FLAGS),
        foreign_key("readings", "post_id", "posts", ondelete="CASCADE"),
        foreign_key("readings", "provider_id", "providers"),
        sa.PrimaryKeyConstraint("post_id", "provider_id", name=op.f("pk_readings")),
    )


def downgrade() -> None:
    op.drop_table("readings")
