"""first tables"""

import sqlalchemy as sa
from alembic import op

from db.core.types import UtcTime
from db.migrations.operations import foreign_key

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "board_snapshots",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("board", sa.String(), nullable=False),
        sa.Column("seen_at", UtcTime(), nullable=False),
        sa.Column("digest", sa.BigInteger(), nullable=False),
        sa.Column("floor_heat", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_board_snapshots")),
        sa.UniqueConstraint(
            "board", "seen_at", "digest", name=op.f("uq_board_snapshots_board_seen_at_digest")
        ),
    )
    op.create_table(
        "board_titles",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("board", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_board_titles")),
        sa.UniqueConstraint("board", "title", name=op.f("uq_board_titles_board_title")),
    )
    op.create_table(
        "cursors",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("query", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("updated_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("source", "query", name=op.f("pk_cursors")),
    )
    op.create_table(
        "facts",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_facts")),
    )
    op.create_table(
        "posts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("lang", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=True),
        sa.Column("url", sa.String(), nullable=True),
        sa.Column("reply_to", sa.String(), nullable=True),
        sa.Column("likes", sa.BigInteger(), nullable=True),
        sa.Column("reposts", sa.BigInteger(), nullable=True),
        sa.Column("replies", sa.BigInteger(), nullable=True),
        sa.Column("fingerprint", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posts")),
        sa.UniqueConstraint("source", "external_id", name=op.f("uq_posts_source_external_id")),
    )
    op.create_index(op.f("ix_posts_source_created_at"), "posts", ["source", "created_at"])

    op.create_table(
        "providers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_providers")),
        sa.UniqueConstraint("key", name=op.f("uq_providers_key")),
    )
    op.create_table(
        "aliases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("weak", sa.Boolean(), nullable=False),
        foreign_key("aliases", "provider_id", "providers", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_aliases")),
        sa.UniqueConstraint("provider_id", "text", name=op.f("uq_aliases_provider_id_text")),
    )
    op.create_table(
        "board_entries",
        sa.Column("snapshot_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title_id", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("heat", sa.BigInteger(), nullable=True),
        sa.Column("ranked", sa.Boolean(), nullable=False),
        foreign_key("board_entries", "snapshot_id", "board_snapshots", ondelete="CASCADE"),
        foreign_key("board_entries", "title_id", "board_titles"),
        sa.PrimaryKeyConstraint("snapshot_id", "position", name=op.f("pk_board_entries")),
    )
    op.create_index(op.f("ix_board_entries_title_id"), "board_entries", ["title_id"])

    op.create_table(
        "board_firsts",
        sa.Column("title_id", sa.Integer(), nullable=False),
        sa.Column("seen_at", UtcTime(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=True),
        foreign_key("board_firsts", "title_id", "board_titles"),
        sa.PrimaryKeyConstraint("title_id", "seen_at", name=op.f("pk_board_firsts")),
    )
    op.create_table(
        "coverage_spans",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("query", sa.String(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=True),
        sa.Column("start", UtcTime(), nullable=False),
        sa.Column("end", UtcTime(), nullable=False),
        sa.Column("capped", sa.Boolean(), nullable=False),
        sa.Column("assumed", sa.Boolean(), nullable=False),
        sa.CheckConstraint('"end" > start', name=op.f("ck_coverage_spans_order")),
        foreign_key("coverage_spans", "provider_id", "providers"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coverage_spans")),
    )
    op.create_index(
        op.f("ix_coverage_spans_source_provider_id_start"),
        "coverage_spans",
        ["source", "provider_id", "start"],
    )

    op.create_table(
        "hourly_counts",
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("hour", UtcTime(), nullable=False),
        sa.Column("posts", sa.Integer(), nullable=False),
        sa.Column("texts", sa.Integer(), nullable=False),
        sa.Column("authors", sa.Integer(), nullable=False),
        sa.Column("engagement", sa.BigInteger(), nullable=False),
        foreign_key("hourly_counts", "provider_id", "providers"),
        sa.PrimaryKeyConstraint("provider_id", "source", "hour", name=op.f("pk_hourly_counts")),
    )
    op.create_table(
        "mentions",
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.CheckConstraint("role in ('subject', 'alternative')", name=op.f("ck_mentions_role")),
        foreign_key("mentions", "post_id", "posts", ondelete="CASCADE"),
        foreign_key("mentions", "provider_id", "providers"),
        sa.PrimaryKeyConstraint("post_id", "provider_id", name=op.f("pk_mentions")),
    )
    op.create_index(
        op.f("ix_mentions_provider_id_source_created_at"),
        "mentions",
        ["provider_id", "source", "created_at"],
    )

    op.create_table(
        "outages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("start", UtcTime(), nullable=False),
        sa.Column("end", UtcTime(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=True),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("rounded_minutes", sa.Integer(), nullable=False),
        sa.Column("read_at", sa.String(), nullable=True),
        sa.CheckConstraint(
            "kind in ('outage', 'degraded', 'maintenance')", name=op.f("ck_outages_kind")
        ),
        sa.CheckConstraint('"end" is null or "end" >= start', name=op.f("ck_outages_order")),
        foreign_key("outages", "provider_id", "providers"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outages")),
        sa.UniqueConstraint("origin", "external_id", name=op.f("uq_outages_origin_external_id")),
    )
    op.create_index(op.f("ix_outages_provider_id"), "outages", ["provider_id"])
    op.create_index(op.f("ix_outages_start"), "outages", ["start"])

    op.create_table(
        "scores",
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("score", sa.Double(), nullable=True),
        foreign_key("scores", "post_id", "posts", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("post_id", "model", "version", name=op.f("pk_scores")),
    )


def downgrade() -> None:
    for table in (
        "scores",
        "outages",
        "mentions",
        "hourly_counts",
        "coverage_spans",
        "board_firsts",
        "board_entries",
        "aliases",
        "providers",
        "posts",
        "facts",
        "cursors",
        "board_titles",
        "board_snapshots",
    ):
        op.drop_table(table)
