from analysis.labels import labelled_posts
from analysis.labels.acts import ACTS


def test_every_labelled_post_stands_in_the_part_that_its_text_says() -> None:
    for part in ("learn", "held"):
        posts = labelled_posts.load_posts(part)
        assert len(posts) > 200
        assert all(labelled_posts.assign_part(p.text) == part for p in posts)
    everything = [p for part in labelled_posts.PARTS for p in labelled_posts.load_posts(part)]
    assert len({p.text for p in everything}) == len(everything) >= 400
    assert {act for p in everything for act in p.acts} == set(ACTS)
    assert {p.feeling for p in everything} == {"good", "bad", "neutral"}
