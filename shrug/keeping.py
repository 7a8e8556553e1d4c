"""How long posts are kept, and how they are forgotten when their author asks for it."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from analysis.messages import LANGUAGES
from db import answers, posts, retention
from db.engine import Store
from shrug import measuring, pseudonyms, scoring, weeks
from shrug.settings import Settings
from shrug.writing import write


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How many posts and kept answers are gone, and which weeks' reports were made anew."""

    posts: int
    answers: int
    weeks: tuple[str, ...]


def retain(store: Store, days: int, now: datetime, told: Callable[[int], None]) -> int:
    """Delete text and pseudonym of every post older than so many days; gives of how many.

    What stands for an author afterwards is made with a key that nobody keeps: voices of an hour
    stay told apart, and lead to nobody.
    """
    before = now - timedelta(days=days)
    key = secrets.token_bytes(32)

    with store.writing() as connection:
        retention.move_horizon(connection, before)
        answers.prune(connection, before)
    number = 0
    while True:
        with store.writing() as connection:
            done = retention.blank(connection, before, lambda text: pseudonyms.stranger(key, text))
        if not done:
            return number
        number += done
        told(done)


def forget(
    store: Store,
    settings: Settings,
    source: str,
    *,
    author: str | None = None,
    post: str | None = None,
) -> Forgotten:
    """Remove a person's posts, or one post, from the store, its counts, the kept answers, and the
    reports of the weeks in which they were made."""
    keys = pseudonyms.every(settings.key_file) if author else []
    authors = [pseudonyms.pseudonym(key, source, author or "") for key in keys]
    with store.writing() as connection:
        found = retention.posts_of(connection, source, authors, post)
        ids = [id_ for id_, _ in found]
        number = posts.remove(connection, source, ids)
        words = [*ids, author or "", post or ""]
        dropped = retention.drop_answers(connection, source, words)
        retention.note_forgotten(connection, datetime.now(UTC))
    made = _anew(store, settings, [at for _, at in found])
    return Forgotten(number, dropped, made)


def _anew(store: Store, settings: Settings, times: Sequence[datetime]) -> tuple[str, ...]:
    """Weekly reports that may have told of something made at these times, made anew."""
    zone = ZoneInfo(settings.zone)
    made = []
    for folder in sorted(settings.report_folder.glob("????-W??")):
        start, end = weeks.week_of(folder.name, zone)
        # A week's report looks at the outages of the year before it.
        if any(start - measuring.PAST <= at < end + measuring.WINDOW for at in times):
            used = scoring.in_use(store, settings.models_folder)
            report = measuring.measure(store, start, end, scorers=used)
            write(measuring.of_week(report, zone), folder, list(LANGUAGES), settings.zone)
            made.append(folder.name)
    return tuple(made)
