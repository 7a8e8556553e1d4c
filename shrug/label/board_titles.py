"""Board entries that say that a service failed, grouped into events of their own."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from analysis.boards.presence import Seen, group
from db.core.engine import Store
from db.core.records import NewOutage
from db.crawl import boards, outages
from shrug.label.matcher import matcher

ORIGIN = "board"


def failure_titles(store: Store, board: str) -> dict[str, str]:
    """Title to provider, for the board's titles that say that a provider failed."""
    with store.reading() as connection:
        titles = boards.titles(connection, board)
    found = {title: matcher().failing(title) for title in titles}
    return {title: provider for title, provider in found.items() if provider}


def by_provider(titles: Mapping[str, str], seen: Iterable[Seen]) -> dict[str, list[Seen]]:
    """Sightings by the provider that their titles say failed."""
    found: dict[str, list[Seen]] = defaultdict(list)
    for s in seen:
        found[titles[s.title]].append(s)
    return found


def sightings(store: Store, board: str, titles: Mapping[str, str]) -> dict[str, list[Seen]]:
    """Where titles that say that a provider failed stood, by provider."""
    with store.reading() as connection:
        found = boards.sightings(connection, board, titles)
    return by_provider(titles, (Seen(s.seen_at, s.title, s.rank, s.heat) for s in found))


def refresh(store: Store) -> int:
    """Suggest an outage for each event on each board; gives how many.

    They stay unconfirmed, and serve only comparisons that are conditional on reaching the
    board: those found because they were loud would prove that outages are loud.
    """
    number = 0
    with store.reading() as connection:
        names = boards.names(connection)
    for board in names:
        events = _events(store, board)
        with store.writing() as connection:
            outages.replace_suggested(connection, ORIGIN, f"{board}/", events)
        number += len(events)
    return number


def _events(store: Store, board: str) -> list[NewOutage]:
    seen = sightings(store, board, failure_titles(store, board))
    return [
        _outage(board, provider, event)
        for provider, own in sorted(seen.items())
        for event in group(own)
    ]


def _outage(board: str, provider: str, event: list[Seen]) -> NewOutage:
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
