"""months of a source that lie in files"""

from alembic import op

from db.migrations.operations import create_archive_tables

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    create_archive_tables()


def downgrade() -> None:
    op.drop_table("gone")
    op.drop_table("archives")
