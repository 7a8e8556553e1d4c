"""The platforms of status pages; a page's platform is detected anew at each crawl."""

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
    """paths: all to be read of a page. includes_past: whether they list past incidents."""

    name: str
    paths: tuple[str, ...]
    read: Callable[[bytes], Read[Incident]]
    includes_past: bool = True


PLATFORMS = {
    p.name: p
    for p in (
        Platform("statuspage", statuspage.PATHS, statuspage.read),
        Platform("betterstack", betterstack.PATHS, betterstack.read),
        Platform("cloudflare", cloudflare.PATHS, cloudflare.read),
        Platform("datadog", datadog.PATHS, datadog.read),
        Platform("instatus", instatus.PATHS, instatus.read, includes_past=False),
        Platform("feed", feeds.PATHS, feeds.read),
        Platform("checkly", checkly.PATHS, checkly.read, includes_past=False),
        Platform("flashduty", flashduty.PATHS, flashduty.read),
        Platform("gcp", gcp.PATHS, gcp.read),
        Platform("aws", aws.PATHS, aws.read, includes_past=False),
        Platform("alibaba", alibaba.PATHS, alibaba.read),
    )
}
# Platforms of a single provider are never tried for others.
GUESSED = ("statuspage", "betterstack", "cloudflare", "datadog", "instatus")
