"""Posts and pages to store in tests, and the counts that come of them."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from db.core.engine import Store
from db.core.records import CoveredSpan, NewMention, NewPost, Page, Span

T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def new_post(id_: str, at: datetime = T0, **changed: object) -> NewPost:
    values: dict[str, object] = {
        "external_id": id_,
        "created_at": at,
        "text": f"DeepSeek {id_}",
        "lang": "en",
        "fingerprint": hash(id_) % 2**60,
        "author": f"author {id_}",
        "mentions": (NewMention("deepseek", "subject"),),
    }
    return NewPost(**{**values, **changed})  # type: ignore[arg-type]


def page(*, until: datetime = T0 + HOUR, cursor: str = "c") -> Page:
    return Page("hackernews", "DeepSeek", cursor=cursor, covered=(CoveredSpan(Span(T0, until)),))


def stored_counts(store: Store) -> list[tuple[object, ...]]:
    with store.reading() as connection:
        rows = connection.execute(
            text(
                "select hour, posts, texts, authors, engagement, voices "
                "from hourly_counts order by hour"
            )
        )
        return [tuple(row) for row in rows]
