"""Whether a store is sound: its file, what its rows refer to, and its counts against a recount."""

from collections.abc import Callable
from dataclasses import dataclass

from db import counts, engine, retention
from db.engine import Store


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
    wrong: list[counts.Cell] = []
    looked = 0
    if not damage:
        with store.reading() as connection:
            for found in counts.differences(connection, retention.horizon(connection)):
                wrong += found
                looked += 1
                told()
    mended = fix and bool(wrong)
    if mended:
        with store.writing() as connection:
            counts.recount(connection, wrong)
    return Verified(damage, len(wrong), looked, mended)
