"""hourly counts by role and language, and how they felt"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from db.core.types import UtcTime
from db.migrations.operations import LANGUAGE_COUNTS, MOOD_SUMS, insert_counts

revision = "0009"
down_revision = "0008"

ColumnTypes = list[tuple[str, Any]]


def upgrade() -> None:
    key: ColumnTypes = [
        ("provider_id", sa.Integer()),
        ("source", sa.String()),
        ("hour", UtcTime()),
        ("role", sa.String()),
        ("lang", sa.String()),
    ]
    _create("hourly_speech", key, [("posts", sa.Integer())])
    by_model = [*key, ("model", sa.String()), ("version", sa.String())]
    _create("hourly_moods", by_model, [("scored", sa.Integer()), ("mood", sa.BigInteger())])
    insert_counts(op.get_bind(), (LANGUAGE_COUNTS, MOOD_SUMS))


def _create(name: str, key: ColumnTypes, sums: ColumnTypes) -> None:
    op.create_table(
        name,
        *(sa.Column(column, type_, nullable=False) for column, type_ in [*key, *sums]),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["providers.id"], name=f"fk_{name}_provider_id_providers"
        ),
        sa.PrimaryKeyConstraint(*(column for column, _ in key), name=f"pk_{name}"),
    )


def downgrade() -> None:
    op.drop_table("hourly_moods")
    op.drop_table("hourly_speech")
