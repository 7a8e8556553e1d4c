"""Verification of a store: its file, its references, and its counts against a recount."""

from collections.abc import Callable
from dataclasses import dataclass

from db.core import engine
from db.core.engine import Store
from db.counts import hourly, languages
from db.counts.cells import HourCell
from db.posts import retention


@dataclass(frozen=True, slots=True)
class Verification:
    """Damage of the file, wrong counts, checked pairs of provider and source, whether repaired."""

    damage: tuple[str, ...]
    wrong_counts: int
    checked: int
    repaired: bool

    @property
    def is_sound(self) -> bool:
        """Whether nothing is damaged, and no count is still wrong."""
        return not self.damage and (self.repaired or not self.wrong_counts)


def verify(store: Store, *, fix: bool, on_step: Callable[[], None] = lambda: None) -> Verification:
    """Check the whole store; with `fix`, count wrong counts again.

    Counts from before the retention horizon are not checked. The check reads one snapshot of the
    store; the repair counts the posts of its own time.
    """
    damage = tuple(engine.integrity_check(store))
    wrong: list[HourCell] = []
    checked = wrong_languages = 0
    if not damage:
        with store.reading() as connection:
            since = retention.horizon(connection)
            for cells in hourly.differences(connection, since):
                wrong += cells
                checked += 1
                on_step()
            wrong_languages = languages.differences(connection, since)
    repaired = fix and bool(wrong or wrong_languages)
    if repaired:
        with store.writing() as connection:
            hourly.recount(connection, wrong)
            languages.repair(connection, since)
    return Verification(damage, len(wrong) + wrong_languages, checked, repaired)
