"""A condition on a list of values selects exactly the rows with one of them."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from db.core.engine import Store
from db.core.models import Post
from db.core.value_lists import in_values
from db.posts import storage
from tests.db.samples import HOUR, T0, new_post, page


@pytest.fixture
def stored(store: Store) -> Store:
    with store.writing() as connection:
        posts = [new_post(id_, T0 + n * HOUR) for n, id_ in enumerate("abc")]
        storage.store_page(connection, page(), posts)
    return store


@pytest.mark.parametrize(
    ("column", "values", "selected"),
    [
        (Post.external_id, ["a", "c", "unknown"], ["a", "c"]),
        (Post.external_id, [], []),
        (Post.external_id, ["a\0b"], []),
        (Post.created_at, [T0 + HOUR, T0 + timedelta(days=9)], ["b"]),
    ],
    ids=["texts", "none", "nul", "times"],
)
def test_rows_with_a_listed_value_are_selected(
    stored: Store, column: object, values: list[object], selected: list[str]
) -> None:
    query = select(Post.external_id).where(in_values(column, values)).order_by(Post.external_id)
    with stored.reading() as connection:
        assert list(connection.execute(query).scalars()) == selected
