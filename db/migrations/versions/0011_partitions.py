"""PostgreSQL: posts and mentions in partitions by month, ids of 64 bits"""

from collections.abc import Iterator
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from db.migrations.operations import create_month_partitions

revision = "0011"
down_revision = "0010"

# PostgreSQL's unique constraints must hold the partition key: that a source's id is stored once is
# ensured by the code that stores posts.
PARTITIONED = (
    """
    create table posts (
      id bigint not null default nextval('posts_id_seq'),
      source varchar not null, external_id varchar not null,
      created_at timestamptz not null, text varchar not null, lang varchar not null,
      author varchar, url varchar, reply_to varchar,
      likes bigint, reposts bigint, replies bigint, fingerprint bigint not null,
      constraint pk_posts primary key (id, created_at),
      constraint uq_posts_source_external_id unique (source, external_id, created_at)
    ) partition by range (created_at)
    """,
    """
    create table mentions (
      post_id bigint not null, provider_id integer not null, role varchar not null,
      source varchar not null, created_at timestamptz not null,
      constraint pk_mentions primary key (post_id, provider_id, created_at),
      constraint ck_mentions_role check (role in ('subject', 'alternative')),
      constraint fk_mentions_provider_id_providers
        foreign key (provider_id) references providers (id)
    ) partition by range (created_at)
    """,
)
UNPARTITIONED = (
    """
    create table posts (
      id integer not null default nextval('posts_id_seq'),
      source varchar not null, external_id varchar not null,
      created_at timestamptz not null, text varchar not null, lang varchar not null,
      author varchar, url varchar, reply_to varchar,
      likes bigint, reposts bigint, replies bigint, fingerprint bigint not null,
      constraint pk_posts primary key (id),
      constraint uq_posts_source_external_id unique (source, external_id)
    )
    """,
    """
    create table mentions (
      post_id integer not null, provider_id integer not null, role varchar not null,
      source varchar not null, created_at timestamptz not null,
      constraint pk_mentions primary key (post_id, provider_id),
      constraint ck_mentions_role check (role in ('subject', 'alternative')),
      constraint fk_mentions_provider_id_providers
        foreign key (provider_id) references providers (id)
    )
    """,
)
INDEXES = (
    "create index ix_posts_source_created_at on posts (source, created_at)",
    "create index ix_mentions_provider_id_source_created_at on mentions "
    "(provider_id, source, created_at)",
)
REFERRING = ("mentions", "scores", "readings")


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in REFERRING:
        op.drop_constraint(f"fk_{table}_post_id_posts", table, type_="foreignkey")
    _exchange(PARTITIONED, partitioned=True)
    for table in ("scores", "readings"):
        op.alter_column(table, "post_id", type_=sa.BigInteger())


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    _exchange(UNPARTITIONED, partitioned=False)
    for table in ("scores", "readings"):
        op.alter_column(table, "post_id", type_=sa.Integer())
    for table in REFERRING:
        op.create_foreign_key(
            f"fk_{table}_post_id_posts", table, "posts", ["post_id"], ["id"], ondelete="CASCADE"
        )


def _exchange(statements: tuple[str, ...], *, partitioned: bool) -> None:
    """Replace posts and mentions by new tables with the same rows."""
    op.execute("alter sequence posts_id_seq owned by none")
    for table in ("posts", "mentions"):
        op.execute(f"alter table {table} rename to {table}_before")
        for name in _index_names(table):
            op.execute(f"alter index {name} rename to {name}_before")
    for statement in (*statements, *INDEXES):
        op.execute(statement)
    if partitioned:
        for month in _months():
            create_month_partitions(month)
    for table in ("posts", "mentions"):
        op.execute(f"insert into {table} select * from {table}_before")  # noqa: S608
        op.execute(f"drop table {table}_before cascade")
    op.execute("alter sequence posts_id_seq owned by posts.id")


def _index_names(table: str) -> list[str]:
    query = sa.text("select indexname from pg_indexes where tablename = :table").bindparams(
        table=f"{table}_before"
    )
    return list(op.get_bind().execute(query).scalars())


def _months() -> Iterator[datetime]:
    query = sa.text(
        "select distinct date_trunc('month', created_at, 'UTC') from posts_before order by 1"
    )
    for month in op.get_bind().execute(query).scalars().all():
        yield month.astimezone(UTC)
