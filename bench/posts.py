"""Posts to measure on: the real ones beside the checkout, else the demo's."""

import gzip
from pathlib import Path

REAL = Path(__file__).parents[2] / "shared" / "data" / "weibo-sentiment" / "train.tsv.gz"


def chinese() -> tuple[str, list[str]]:
    """Return where the posts are from, and Chinese posts."""
    if REAL.exists():
        with gzip.open(REAL, "rt", encoding="utf-8", newline="\n") as lines:
            return "real Weibo posts", [line.rstrip("\n").split("\t")[-1] for line in lines]
    from shrug.demo.plan import read_plan
    from shrug.demo.world import make_world

    return "simulated posts of the demo", [
        p.text for p in make_world(read_plan()).posts if p.lang == "zh"
    ]
