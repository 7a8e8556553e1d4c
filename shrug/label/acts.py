"""Labelling what posts do and which provider they say failed, by the present rules."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from functools import partial

from analysis.labels.acts import bundled_rules
from db.core.engine import Connection, Store
from db.posts import labels
from db.posts.labels import UnlabelledMention
from shrug.label.backlog import POSTS_PER_BATCH, Backlog
from shrug.label.matcher import matcher


def count_pending(store: Store) -> int:
    """Return the number of mentions that the present rules have not labelled."""
    with store.reading() as connection:
        return labels.count_unlabelled(connection, bundled_rules().version)


def label_posts(
    store: Store,
    on_progress: Callable[[int], None] = lambda _: None,
    executor: Executor | None = None,
) -> int:
    """Label all pending mentions and return their number; see `score_posts` for the executor."""
    version = bundled_rules().version
    backlog = Backlog(
        store,
        partial(_next_range, version=version),
        partial(labels.unlabelled, version=version),
        partial(_label, version),
        partial(labels.write, version=version),
    )
    return backlog.process_all((0, 0), on_progress, executor)


def _next_range(
    connection: Connection, version: str, after: tuple[int, int]
) -> tuple[tuple[int, int] | None, int]:
    keys = labels.unlabelled_keys(connection, version, after, POSTS_PER_BATCH)
    return keys[-1] if keys else None, len(keys)


def _label(version: str, mentions: Sequence[UnlabelledMention]) -> list[Mapping[str, object]]:
    rules = bundled_rules()
    if rules.version != version:
        raise ValueError(f"a worker has the rules {rules.version}, not {version}")
    by_text = {text: rules.label(text, matcher()) for text in {m.text for m in mentions}}
    return [
        {
            "post_id": mention.post_id,
            "provider_id": mention.provider_id,
            **{flag: flag in by_text[mention.text].acts for flag in labels.FLAGS},
            "failed": mention.provider in by_text[mention.text].failed,
        }
        for mention in mentions
    ]
