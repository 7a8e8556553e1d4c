"""Whether a store is sound: its file, what its rows refer to, and its counts against a recount."""

from collections.abc import Callable
from dataclasses import dataclass

from db.core import engine
from db.core.engine import Store
from db.counts import hourly, languages
from db.counts.cells import Cell
from db.posts import retention


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found: `damage` of the file, `wrong` counts of how many providers' sources looked
    at (`looked`), and whether the counts were `mended`."""

    damage: tuple[str, ...]
    wrong: int
    looked: int
    mended: bool

    @property
    def sound(self) -> bool:
        return not self.damage and (self.mended or not self.wrong)


def verify(store: Store, *, fix: bool, told: Callable[[], None] = lambda: None) -> Verified:
    """Look over the whole store. fix: wrong counts are made anew from their posts.

    Counts from before the horizon of retention are taken as they are. The look is at one state of
    the store; a count is mended as the posts are then.
    """
    damage = tuple(engine.whole_damage(store))
    wrong: list[Cell] = []
    looked = spoken = 0
    if not damage:
        with store.reading() as connection:
            since = retention.horizon(connection)
            for found in hourly.differences(connection, since):
                wrong += found
                looked += 1
                told()
            spoken = languages.differences(connection, since)
    mended = fix and bool(wrong or spoken)
    if mended:
        with store.writing() as connection:
            hourly.recount(connection, wrong)
            languages.mend(connection, since)
    return Verified(damage, len(wrong) + spoken, looked, mended)
