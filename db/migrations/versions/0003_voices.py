"""voices: posts whose text and whose author are both new in their hour"""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import groupby

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

INSTANT = sa.DateTime(timezone=True)
MENTIONS = sa.table(
    "mentions",
    *map(sa.column, ("post_id", "provider_id", "source", "role")),
    sa.column("created_at", INSTANT),
)
POSTS = sa.table("posts", *map(sa.column, ("id", "external_id", "fingerprint", "author")))
COUNTS = sa.table(
    "hourly_counts",
    *map(sa.column, ("provider_id", "source", "voices")),
    sa.column("hour", INSTANT),
)


def upgrade() -> None:
    op.add_column(
        "hourly_counts", sa.Column("voices", sa.Integer(), nullable=False, server_default="0")
    )
    rows = list(_counted(op.get_bind()))
    change = (
        sa.update(COUNTS)
        .values(voices=sa.bindparam("voices_"))
        .where(
            COUNTS.c.provider_id == sa.bindparam("provider_"),
            COUNTS.c.source == sa.bindparam("source_"),
            COUNTS.c.hour == sa.bindparam("hour_"),
        )
    )
    if rows:
        op.get_bind().execute(change, rows)


def _counted(connection: sa.Connection) -> Iterator[dict[str, object]]:
    posts = connection.execute(
        sa.select(
            MENTIONS.c.provider_id,
            MENTIONS.c.source,
            MENTIONS.c.created_at,
            POSTS.c.fingerprint,
            POSTS.c.author,
        )
        .join(POSTS, POSTS.c.id == MENTIONS.c.post_id)
        .where(MENTIONS.c.role == "subject")
        .order_by(
            MENTIONS.c.provider_id,
            MENTIONS.c.source,
            MENTIONS.c.created_at,
            POSTS.c.external_id,
        )
    )
    for (provider, source, hour), own in groupby(
        posts, lambda row: (row[0], row[1], _hour(row[2]))
    ):
        voices = _voices((fingerprint, author) for *_, fingerprint, author in own)
        yield {"provider_": provider, "source_": source, "hour_": hour, "voices_": voices}


def _hour(at: datetime) -> datetime:
    utc = at.astimezone(UTC) if at.tzinfo else at
    return utc.replace(minute=0, second=0, microsecond=0)


def _voices(posts: Iterator[tuple[int, str | None]]) -> int:
    seen: set[int | str | None] = set()
    voices = 0
    for fingerprint, author in posts:
        if not {fingerprint, author} & (seen - {None}):
            seen |= {fingerprint, author}
            voices += 1
    return voices


def downgrade() -> None:
    op.drop_column("hourly_counts", "voices")
