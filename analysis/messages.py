"""Everything that users read, in English and Simplified Chinese, from one catalogue."""

from collections.abc import Iterable, Mapping
from datetime import datetime, tzinfo
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from babel.numbers import format_decimal, format_percent

from db.core import resources

if TYPE_CHECKING:
    from analysis.statistics.interval import Interval

CATALOGUE = Path(__file__).parent / "messages.yaml"
LANGUAGES = {"en": "en", "zh": "zh_Hans_CN"}
_SIGNIFICANT = 100


@cache
def catalogue() -> Mapping[str, Mapping[str, str]]:
    """Message id to its text by language."""
    loaded: dict[str, dict[str, str]] = resources.load(CATALOGUE)
    return loaded


class Named(Protocol):
    """Whatever has a provider's names."""

    @property
    def name_en(self) -> str: ...
    @property
    def name_zh(self) -> str: ...


class Messages:
    """Texts, numbers and times of one language, times in the reader's zone."""

    def __init__(self, lang: str, zone: str = "UTC") -> None:
        self.lang = lang
        self.locale = LANGUAGES[lang]
        self.zone: tzinfo = ZoneInfo(zone)
        self.zone_name = zone

    def __call__(self, id_: str, /, **values: Any) -> str:
        """The message, with values put in and formatted by locale."""
        return catalogue()[id_][self.lang].format(**{k: self.show(v) for k, v in values.items()})

    def show(self, value: Any) -> str:
        """A value as this language writes it."""
        if isinstance(value, datetime):
            return self.time(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(format_decimal(value, locale=self.locale))
        if isinstance(value, float):
            return self.number(value)
        return "–" if value is None else str(value)

    def number(self, value: float) -> str:
        """Three figures that mean something; an infinite one is ∞."""
        if value == float("inf"):
            return "∞"
        size = abs(value)
        pattern = "#,##0" if size >= _SIGNIFICANT else "#,##0.0" if size >= 10 else "0.00"
        if 0 < size < 0.005:
            pattern = "@@"
        return str(format_decimal(value, pattern, locale=self.locale))

    def name(self, item: Named) -> str:
        """What a provider is called in this language."""
        return item.name_zh if self.lang == "zh" else item.name_en

    def percent(self, share: float) -> str:
        pattern = "0%" if 0.0995 <= share <= 0.9905 or share in (0, 1) else "0.0%"
        return str(format_percent(share, pattern, locale=self.locale))

    def listed(self, parts: Iterable[str]) -> str:
        """Parts as an enumeration."""
        return ("、" if self.lang == "zh" else ", ").join(parts)

    def learnt(self, what: str) -> str:
        """What a scorer learnt from: by name where it is one of ours, else as it is."""
        id_ = f"learnt_{what}"
        return self(id_) if id_ in catalogue() else what

    def measured_on(self, what: str) -> str:
        """What a scorer was measured on: by name where it is ours, else as it is."""
        id_ = f"measured_{what}"
        return self(id_) if id_ in catalogue() else what

    def p_value(self, p: float) -> str:
        return "< 0.001" if p < 0.001 else str(format_decimal(p, "0.000", locale=self.locale))

    def interval(self, interval: "Interval | None", *, percent: bool = False) -> str:
        """estimate [low, high], or a dash."""
        if interval is None:
            return "–"
        show = self.percent if percent else self.number
        return f"{show(interval.estimate)} [{show(interval.low)}, {show(interval.high)}]"

    def time(self, instant: datetime) -> str:
        local = instant.astimezone(self.zone)
        return str(format_datetime(local, "yyyy-MM-dd HH:mm", locale=self.locale))

    def clock(self, instant: datetime) -> str:
        return str(format_datetime(instant.astimezone(self.zone), "HH:mm", locale=self.locale))

    def day(self, instant: datetime) -> str:
        return str(format_datetime(instant.astimezone(self.zone), "yyyy-MM-dd", locale=self.locale))
