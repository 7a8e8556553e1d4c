"""Voices of an hour: a text and an author count at most once."""

from hypothesis import given
from hypothesis import strategies as st

from db.counts.voices import Voices

POSTS = st.lists(st.tuples(st.integers(0, 4), st.sampled_from([None, "a", "b", "c"])), max_size=20)


@given(POSTS)
def test_voices_share_no_text_and_no_author_and_no_further_post_could_join(
    posts: list[tuple[int, str | None]],
) -> None:
    voices = Voices()
    heard = [post for post in posts if voices.add(*post)]
    texts = [text for text, _ in heard]
    authors = [author for _, author in heard if author is not None]
    assert len(set(texts)) == len(texts)
    assert len(set(authors)) == len(authors)
    assert all(text in texts or author in authors for text, author in posts)
