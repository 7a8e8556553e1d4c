"""The stages of work on texts, each with a rival."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from analysis.text.cleaning import fingerprint, fold_all
from analysis.text.language import detect
from bench.pairs import Pair
from bench.stream import paged, posts
from shrug.label.matcher import matcher

# Pages of texts are independent, so a slow rival gets only the first million texts.
MOST_PAGES = 1000
# Plain snownlp takes seconds for one page.
PLAIN_PAGES, PLAIN_SHARE = 4, 10


def _texts(number: int, naming: float = 1.0) -> Iterator[list[str]]:
    for page in paged(posts(number, naming=naming)):
        yield [post.text for post in page]


def _folded(number: int, naming: float = 1.0) -> Iterator[list[str]]:
    return map(fold_all, _texts(number, naming))


@contextmanager
def matching(number: int, _folder: str, naming: float = 0.03) -> Iterator[Pair]:
    """Matching of names in folded texts, of which three in a hundred contain one, against one
    regular expression of all names."""
    names = sorted({fold_all([a.text])[0] for a in matcher()._names}, key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, names)))
    yield Pair(
        lambda page: matcher().find_all(page),
        lambda page: [pattern.findall(text) for text in page],
        _folded(number, naming),
        MOST_PAGES,
    )


@contextmanager
def matching_all(number: int, folder: str) -> Iterator[Pair]:
    """The same where every text holds a name, with roles and context told."""
    with matching(number, folder, 1.0) as pair:
        yield pair


@contextmanager
def language(number: int, _folder: str) -> Iterator[Pair]:
    """Detection of the language of texts, against plain py3langid."""
    from py3langid import langid

    langid.classify("loads its model")
    detect("loads its own, which is the same one")
    yield Pair(
        lambda page: [detect(text) for text in page],
        lambda page: [langid.classify(text) for text in page],
        _texts(number),
        MOST_PAGES,
    )


@contextmanager
def scoring(number: int, _folder: str) -> Iterator[Pair]:
    """Sentiment of Chinese texts by snownlp's model, bit by bit the same, against plain snownlp,
    which gets only the first texts."""
    from snownlp import SnowNLP

    from analysis.sentiment.snow.cache import load_tables
    from analysis.sentiment.snow.scoring import SnowScorer

    ours = SnowScorer(load_tables())
    ours.score(["先装好"])
    _plain = SnowNLP("先装好").sentiments  # loads its model
    yield Pair(
        ours.score,
        lambda page: [SnowNLP(text).sentiments for text in page[::PLAIN_SHARE]],
        paged(p.text for p in posts(2 * number) if not p.text.isascii()),
        PLAIN_PAGES,
        PLAIN_SHARE,
    )


@contextmanager
def near_copies(number: int, _folder: str) -> Iterator[Pair]:
    """Fingerprints of folded texts, against pandas hashing the letters of each text."""
    import pandas as pd

    ours: set[int] = set()
    rival: set[int] = set()

    def plain(page: list[str]) -> None:
        letters = pd.Series(page).str.replace(r"[\W\d_]+", "", regex=True)
        rival.update(pd.util.hash_pandas_object(letters, index=False).tolist())

    yield Pair(
        lambda page: ours.update(fingerprint(text, text) for text in page), plain, _folded(number)
    )
