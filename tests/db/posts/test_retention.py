"""Expired texts are deleted while their posts and counts stay."""

from sqlalchemy import select

from db.core.engine import Store
from db.core.models import Post
from db.posts import retention, storage
from tests.db.samples import HOUR, T0, new_post, page, stored_counts


def test_an_expired_post_loses_its_text_and_names_but_not_its_count(store: Store) -> None:
    with store.writing() as connection:
        posts = [new_post("old"), new_post("new", T0 + 2 * HOUR)]
        storage.store_page(connection, page(), posts)
    before = stored_counts(store)
    with store.writing() as connection:
        assert retention.blank_posts(connection, T0 + HOUR, str.upper) == 1
        assert retention.blank_posts(connection, T0 + HOUR, str.upper) == 0
        columns = Post.external_id, Post.text, Post.author
        blanked, recent = connection.execute(select(*columns).order_by(Post.created_at)).all()
    assert tuple(blanked) == ("gone:HACKERNEWS/OLD", "", "HACKERNEWS@AUTHOR OLD")
    assert tuple(recent) == ("new", "DeepSeek new", "author new")
    assert stored_counts(store) == before


def test_the_horizon_never_moves_back_and_no_older_post_is_stored(store: Store) -> None:
    with store.writing() as connection:
        assert retention.horizon(connection) is None
        retention.advance_horizon(connection, T0 + HOUR)
        retention.advance_horizon(connection, T0)
        assert retention.horizon(connection) == T0 + HOUR
        posts = [new_post("old"), new_post("new", T0 + HOUR)]
        assert storage.store_page(connection, page(), posts) == 1


def test_every_pseudonym_is_replaced(store: Store) -> None:
    with store.writing() as connection:
        posts = [new_post("a"), new_post("b"), new_post("c", author=None)]
        storage.store_page(connection, page(), posts)
        assert retention.replace_pseudonyms(connection, str.upper) == 2
        authors = connection.execute(select(Post.author).order_by(Post.external_id)).scalars()
        assert list(authors) == ["AUTHOR A", "AUTHOR B", None]
