"""Outages suggested by board titles that say that a provider failed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from analysis.boards.presence import TitleSighting, split_events
from db.core.engine import Store
from db.core.records import NewOutage
from db.crawl import boards, outages
from shrug.label.matcher import matcher

ORIGIN = "board"


def failure_titles(store: Store, board: str) -> dict[str, str]:
    """Return the provider that failed, by title, for the titles of a board that name one."""
    with store.reading() as connection:
        titles = boards.titles(connection, board)
    failed = {title: matcher().failed_provider(title) for title in titles}
    return {title: provider for title, provider in failed.items() if provider}


def group_by_provider(
    titles: Mapping[str, str], seen: Iterable[TitleSighting]
) -> dict[str, list[TitleSighting]]:
    """Group sightings by the provider that failed by their title."""
    groups: dict[str, list[TitleSighting]] = defaultdict(list)
    for sighting in seen:
        groups[titles[sighting.title]].append(sighting)
    return groups


def find_sightings(
    store: Store, board: str, titles: Mapping[str, str]
) -> dict[str, list[TitleSighting]]:
    """Return the sightings of the titles, by the provider that failed."""
    with store.reading() as connection:
        rows = boards.sightings(connection, board, titles)
    return group_by_provider(
        titles, (TitleSighting(s.seen_at, s.title, s.rank, s.heat) for s in rows)
    )


def suggest_outages(store: Store) -> int:
    """Store an unconfirmed outage for each event on each board, and return their number.

    They serve only comparisons among events that reached the board: outages that are known
    because they were loud would prove that outages are loud.
    """
    number = 0
    with store.reading() as connection:
        names = boards.board_names(connection)
    for board in names:
        events = _events(store, board)
        with store.writing() as connection:
            outages.replace_suggested(connection, ORIGIN, f"{board}/", events)
        number += len(events)
    return number


def _events(store: Store, board: str) -> list[NewOutage]:
    seen = find_sightings(store, board, failure_titles(store, board))
    return [
        _outage(board, provider, event)
        for provider, sightings in sorted(seen.items())
        for event in split_events(sightings)
    ]


def _outage(board: str, provider: str, event: list[TitleSighting]) -> NewOutage:
    start = event[0].seen_at
    return NewOutage(
        provider=provider,
        start=start,
        end=event[-1].seen_at,
        kind="outage",
        title=event[0].title,
        origin=ORIGIN,
        external_id=f"{board}/{provider}/{start.isoformat()}",
        confirmed=False,
        read_at=f"first and last sighting on the board {board!r}, not the outage's own times",
    )
