"""The snapshot that the page shows is refreshed."""

import shutil
from datetime import timedelta
from pathlib import Path

from db.core.engine import open_store
from db.crawl import outages as ledger
from tests.shrug.filling import START
from tests.shrug.web.conftest import NOW, serve
from tests.waiting import wait_for

V1 = "/api/v1"


def test_new_data_is_shown_soon(tmp_path: Path, filled_url: str) -> None:
    """An outage that ends while the page is open."""
    source = Path(filled_url.removeprefix("sqlite:///"))
    copy = tmp_path / "store.sqlite3"
    shutil.copy(source, copy)
    url = f"sqlite:///{copy}"
    with serve(url, tmp_path, "--at", NOW.isoformat(), "--every", "1") as served:
        assert [o["id"] for o in served.get(f"{V1}/now").json()["ongoing"]] == [3]
        store = open_store(url)
        with store.reading() as connection:
            origin = ledger.read(connection, provider="deepseek")[-1].origin
        with store.writing() as connection:
            ended = START + timedelta(hours=23, minutes=30)
            ledger.end_missing(connection, origin, "deepseek", [], ended)
        store.close()
        wait_for(lambda: served.get(f"{V1}/now").json()["ongoing"] == [], "it has ended")
        assert served.get(f"{V1}/outages/3").json()["end"] == ended.isoformat().replace(
            "+00:00", "Z"
        )
