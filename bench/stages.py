"""The stages that a post goes through, each beside a rival: `python -m bench.stages STAGE NUMBER`
times both in a process of its own and prints it as JSON."""

import json
import sys
from dataclasses import asdict
from tempfile import TemporaryDirectory

from bench import store_stages as store
from bench import text_stages as text
from bench.pairs import Stage, time_stage

STAGES: dict[str, tuple[str, Stage]] = {
    "crawl to stored": ("Scrapy, empty pipeline", store.crawling),
    "ingestion": ("raw sqlite3 executemany", store.ingestion),
    "ingestion, PostgreSQL": ("COPY", store.copying),
    "matching, 3 in 100 name one": ("regular expression", text.matching),
    "matching, all name one": ("regular expression", text.matching_all),
    "language": ("plain py3langid", text.language),
    "scoring": ("plain snownlp", text.scoring),
    "near-copies": ("pandas", text.near_copies),
    "counts, recounted": ("pandas group-by", store.counted),
    "counts, read": ("Arrow", store.reading_counts),
    "measuring": ("raw sqlite3, one baseline", store.measuring),
}


def main() -> None:
    """Time a stage at a size."""
    with TemporaryDirectory() as folder:
        timing = time_stage(STAGES[sys.argv[1]][1], int(sys.argv[2]), folder)
    sys.stdout.write(json.dumps(asdict(timing)))


if __name__ == "__main__":
    main()
