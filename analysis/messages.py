"""Messages for users in English and Simplified Chinese, from one catalogue."""

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
    """The text of each message by language, by the message's id."""
    loaded: dict[str, dict[str, str]] = resources.load_yaml(CATALOGUE)
    return loaded


class ProviderNames(Protocol):
    """Anything with a provider's names."""

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
        """A message with its placeholders filled, values formatted for the locale."""
        return catalogue()[id_][self.lang].format(**{k: self.show(v) for k, v in values.items()})

    def show(self, value: Any) -> str:
        """A value formatted for the locale; None as a dash."""
        if isinstance(value, datetime):
            return self.time(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(format_decimal(value, locale=self.locale))
        if isinstance(value, float):
            return self.number(value)
        return "–" if value is None else str(value)

    def number(self, value: float) -> str:
        """A number with about three significant figures; infinity as ∞."""
        if value == float("inf"):
            return "∞"
        size = abs(value)
        pattern = "#,##0" if size >= _SIGNIFICANT else "#,##0.0" if size >= 10 else "0.00"
        if 0 < size < 0.005:
            pattern = "@@"
        return str(format_decimal(value, pattern, locale=self.locale))

    def name(self, item: ProviderNames) -> str:
        """A provider's name in this language."""
        return item.name_zh if self.lang == "zh" else item.name_en

    def percent(self, share: float) -> str:
        pattern = "0%" if 0.0995 <= share <= 0.9905 or share in (0, 1) else "0.0%"
        return str(format_percent(share, pattern, locale=self.locale))

    def listed(self, parts: Iterable[str]) -> str:
        """Parts as an enumeration."""
        return ("、" if self.lang == "zh" else ", ").join(parts)

    def learnt(self, data: str) -> str:
        """The name of the data that a scorer learnt from; files of users keep their name."""
        return self._name_or(data, f"learnt_{data}")

    def measured_on(self, data: str) -> str:
        """The name of the data that a scorer was measured on; files of users keep their name."""
        return self._name_or(data, f"measured_{data}")

    def _name_or(self, data: str, id_: str) -> str:
        return self(id_) if id_ in catalogue() else data

    def p_value(self, p: float) -> str:
        return "< 0.001" if p < 0.001 else str(format_decimal(p, "0.000", locale=self.locale))

    def interval(self, interval: "Interval | None", *, percent: bool = False) -> str:
        """estimate [low, high], or a dash."""
        if interval is None:
            return "–"
        show = self.percent if percent else self.number
        return f"{show(interval.estimate)} [{show(interval.low)}, {show(interval.high)}]"

    def time(self, instant: datetime, pattern: str = "yyyy-MM-dd HH:mm") -> str:
        """A time in the reader's zone."""
        local = instant.astimezone(self.zone)
        return str(format_datetime(local, pattern, locale=self.locale))

    def clock(self, instant: datetime) -> str:
        """The time of the day in the reader's zone."""
        return self.time(instant, "HH:mm")

    def day(self, instant: datetime) -> str:
        """The date in the reader's zone."""
        return self.time(instant, "yyyy-MM-dd")
