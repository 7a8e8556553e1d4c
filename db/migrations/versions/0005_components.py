"""the components that an outage touched"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column(
        "outages", sa.Column("components", sa.String(), nullable=False, server_default="[]")
    )


def downgrade() -> None:
    op.drop_column("outages", "components")
