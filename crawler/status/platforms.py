"""Which platform a status page runs on is found out at each visit, since providers move."""

from collections.abc import Callable
from dataclasses import dataclass

from crawler.parsing import Read
from crawler.status import (
    alibaba,
    aws,
    betterstack,
    checkly,
    cloudflare,
    datadog,
    feeds,
    flashduty,
    gcp,
    instatus,
    statuspage,
)
from crawler.status.incident import Incident


@dataclass(frozen=True, slots=True)
class Platform:
    """paths: all that are to be read of a page. whole: whether what it gives holds the past too."""

    name: str
    paths: tuple[str, ...]
    read: Callable[[bytes], Read[Incident]]
    whole: bool = True


PLATFORMS = {
    p.name: p
    for p in (
        Platform("statuspage", statuspage.PATHS, statuspage.read),
        Platform("betterstack", betterstack.PATHS, betterstack.read),
        Platform("cloudflare", cloudflare.PATHS, cloudflare.read),
        Platform("datadog", datadog.PATHS, datadog.read),
        Platform("instatus", instatus.PATHS, instatus.read, whole=False),
        Platform("feed", feeds.PATHS, feeds.read),
        Platform("checkly", checkly.PATHS, checkly.read, whole=False),
        Platform("flashduty", flashduty.PATHS, flashduty.read),
        Platform("gcp", gcp.PATHS, gcp.read),
        Platform("aws", aws.PATHS, aws.read, whole=False),
        Platform("alibaba", alibaba.PATHS, alibaba.read),
    )
}
# Platforms of one provider alone are never guessed.
GUESSED = ("statuspage", "betterstack", "cloudflare", "datadog", "instatus")
