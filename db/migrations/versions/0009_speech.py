"""hourly counts by role and language, and how they felt"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from db.core.types import UtcTime

revision = "0009"
down_revision = "0008"

Columns = list[tuple[str, Any]]
SPEECH = """
insert into hourly_speech (provider_id, source, hour, role, lang, posts)
select m.provider_id, m.source, {hour}, m.role, p.lang, count(*)
from mentions m join posts p on p.id = m.post_id group by 1, 2, 3, 4, 5
"""
MOODS = """
insert into hourly_moods (provider_id, source, hour, role, lang, model, version, scored, mood)
select m.provider_id, m.source, {hour}, m.role, p.lang, s.model, s.version, count(*),
  sum(cast(round(s.score * 1000) as integer))
from mentions m join posts p on p.id = m.post_id join scores s on s.post_id = m.post_id
where s.score is not null group by 1, 2, 3, 4, 5, 6, 7
"""
HOUR = {
    "sqlite": "strftime('%Y-%m-%d %H:00:00.000000', m.created_at)",
    "postgresql": "date_trunc('hour', m.created_at, 'UTC')",
}


def upgrade() -> None:
    key: Columns = [
        ("provider_id", sa.Integer()),
        ("source", sa.String()),
        ("hour", UtcTime()),
        ("role", sa.String()),
        ("lang", sa.String()),
    ]
    _create("hourly_speech", key, [("posts", sa.Integer())])
    by_model = [*key, ("model", sa.String()), ("version", sa.String())]
    _create("hourly_moods", by_model, [("scored", sa.Integer()), ("mood", sa.BigInteger())])
    hour = HOUR[op.get_bind().dialect.name]
    for filled in (SPEECH, MOODS):
        op.get_bind().exec_driver_sql(filled.format(hour=hour))


def _create(name: str, key: Columns, sums: Columns) -> None:
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
