"""Keys of pseudonyms."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import shrug
from db.core.engine import Store
from db.core.errors import BadInput
from db.ops import leases
from shrug.daemon.lease import NAME
from shrug.privacy.pseudonyms import current_key, pseudonym
from tests.conftest import Run
from tests.shrug.filling import START, post


def test_a_key_file_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "key"
    key = current_key(path)
    assert len(key) == 32
    assert path.stat().st_mode & 0o777 == 0o600
    short = tmp_path / "short"
    short.write_bytes(b"abc")
    with pytest.raises(BadInput, match="damaged"):
        current_key(short)


class TestKey:
    """The key behind pseudonyms, changed in time and after a leak."""

    def more(self, run: Run, folder: Path, number: int) -> None:
        path = folder / "more.jsonl"
        path.write_text(json.dumps(post(number, START, "DeepSeek again") | {"author": "user0"}))
        span = f"{START.isoformat()}/{(START + timedelta(hours=1)).isoformat()}"
        assert run("import", "posts", path, "--covered", span)[0] == 0

    def authors(self, url: str) -> dict[str, str]:
        posts = shrug.posts(url)
        return dict(posts[["id", "author"]].itertuples(index=False, name=None))

    def test_a_new_key_gives_new_pseudonyms_and_both_are_erased(
        self, full: Run, url: str, tmp_path: Path
    ) -> None:
        self.more(full, tmp_path, 700_001)
        assert full("rotate-key")[0] == 0
        self.more(full, tmp_path, 700_002)
        authors = self.authors(url)
        assert authors["700001"] == authors["0"] != authors["700002"]
        keys = list(tmp_path.glob("pseudonym.key*"))
        assert len(keys) > 1
        assert all(key.stat().st_mode & 0o077 == 0 for key in keys)
        out = full("forget", "forum", "--author", "user0", "--json")[1]
        assert json.loads(out)["posts"] == 3
        assert not {"0", "700001", "700002"} & set(self.authors(url))

    def test_a_young_key_stays(self, full: Run, tmp_path: Path) -> None:
        key = tmp_path / "pseudonym.key"
        before = key.read_bytes()
        assert "it stays" in full("rotate-key", "--days", 30)[1]
        assert key.read_bytes() == before
        old = (datetime.now(UTC) - timedelta(days=31)).timestamp()
        os.utime(key, (old, old))
        assert full("rotate-key", "--days", 30)[0] == 0
        assert key.read_bytes() != before

    def test_after_a_leak_no_key_leads_to_anybody(
        self, full: Run, url: str, tmp_path: Path
    ) -> None:
        key = tmp_path / "pseudonym.key"
        full("rotate-key")
        counts, known = shrug.counts(url), [p.read_bytes() for p in tmp_path.glob("*.key*")]
        code, out, _ = full("rotate-key", "--leaked")
        assert code == 0
        assert "can be found by no key" in out
        known.append(key.read_bytes())
        stored = set(self.authors(url).values())
        tested = {pseudonym(k, "forum", f"user{n}") for k in known for n in range(3000)}
        assert not stored & tested
        assert [p.name for p in tmp_path.glob("*.key*")] == ["pseudonym.key"]
        assert shrug.counts(url).equals(counts)
        assert full("verify")[0] == 0

    def test_a_leaked_key_is_replaced_only_without_a_daemon(self, full: Run, store: Store) -> None:
        with store.writing() as connection:
            leases.take(connection, NAME, "here/1/x", datetime.now(UTC))
        assert full("rotate-key", "--leaked")[0] == 2
        assert full("rotate-key")[0] == 0
