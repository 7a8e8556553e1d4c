"""Exports of other tools, and files of any shape, in the forms that they are documented in."""

import csv
import gzip
import hashlib
import io
import json
import signal
import tarfile
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import libipld
import pytest

from db.posts import queries
from shrug.store.bootstrap import open_ready_store
from tests import processes
from tests.conftest import Run

AT = datetime(2025, 8, 11, 13, 50, tzinfo=UTC)
EPOCH = int(AT.timestamp())
TEXT = "DeepSeek崩了"


def stored_times(url: str, source: str) -> list[datetime]:
    with open_ready_store(url) as store, store.reading() as connection:
        mentions = queries.mention_times(
            connection, "deepseek", source, AT.replace(year=2020), AT.replace(2026)
        )
    return [at for at, _ in mentions]


def as_csv(rows: Sequence[Sequence[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return "\ufeff".encode() + text.getvalue().encode()


MEDIACRAWLER = [
    {"note_id": 1, "content": TEXT, "create_time": EPOCH, "liked_count": "1万+", "nickname": "某*"},
    {"aweme_id": "2", "title": TEXT, "desc": TEXT, "create_time": EPOCH, "creator_hash": "a1"},
    {"note_id": "3", "title": TEXT, "desc": "", "time": EPOCH * 1000, "liked_count": "12"},
    {"content_id": "4", "content_text": TEXT, "title": "问", "created_time": EPOCH},
    {"comment_id": "5", "note_id": "1", "content": TEXT, "publish_time": "2025-08-11 21:50"},
]
WEIBO_SEARCH = [
    [
        "id",
        "bid",
        "user_id",
        "用户昵称",
        "微博正文",
        "转发数",
        "评论数",
        "点赞数",
        "发布时间",
        "retweet_id",
    ],
    ["5", "Pabc", "77", "某人", f"{TEXT}，换了，", "1", "2", "3", "2025-08-11 21:50", ""],
]
WEIBO_CRAWLER = [
    ["id", "bid", "正文", "日期", "点赞数", "评论数", "转发数", "完整日期"],
    ["5", "Pabc", TEXT, "2025-08-11", "1", "2", "3", "2025-08-11T21:50:00"],
]
WEIBO_CRAWLER_JSON = {
    "user": {"id": "77"},
    "weibo": [{"id": 5, "text": TEXT, "created_at": "2025-08-11T21:50:00", "user_id": 77}],
}
FOURCAT = [
    ["id", "thread_id", "timestamp", "unix_timestamp", "link", "subject", "body", "author"],
    ["9", "9", "2025-08-11 13:50:00", str(EPOCH), "https://x.example/9", "", TEXT, "someone"],
]
TWARC = [
    {"data": [{"id": "1", "text": TEXT, "created_at": "2025-08-11T13:50:00.000Z"}, 5]},
    {"id": "2", "text": TEXT, "created_at": "2025-08-11T13:50:00.000Z", "author_id": "7"},
    {"id_str": "3", "full_text": TEXT, "created_at": "Mon Aug 11 13:50:00 +0000 2025"},
]
OUTBOX = {
    "type": "OrderedCollection",
    "orderedItems": [
        {
            "type": "Create",
            "object": {
                "id": "https://m.example/users/a/statuses/1",
                "content": f"<p>{TEXT}</p>",
                "published": "2025-08-11T13:50:00Z",
                "attributedTo": "https://m.example/users/a",
            },
        },
        {"type": "Announce", "object": "https://m.example/users/b/statuses/2"},
    ],
}


def lines(rows: Sequence[object]) -> bytes:
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()


def zipped(body: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("actor.json", "{}")
        archive.writestr("outbox.json", body)
    return file.getvalue()


def tarred(body: bytes) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        member = tarfile.TarInfo("./outbox.json")
        member.size = len(body)
        archive.addfile(member, io.BytesIO(body))
    return file.getvalue()


def repository() -> bytes:
    """A CAR file of two posts and a like, their keys on two nodes of the tree."""
    blocks: list[tuple[bytes, bytes]] = []

    def add_block(value: object) -> bytes:
        body = libipld.encode_dag_cbor(value)
        cid = bytes([1, 0x71, 0x12, 0x20]) + hashlib.sha256(body).digest()
        blocks.append((cid, body))
        return cid

    def link(cid: bytes) -> object:
        return libipld.decode_dag_cbor(b"\xd8\x2a\x58\x25\x00" + cid)

    def post(text: str) -> object:
        record = {"$type": "app.bsky.feed.post", "text": text, "langs": ["zh"]}
        return link(add_block({**record, "createdAt": "2025-08-11T13:50:00.000Z"}))

    leaf = {"l": None, "e": [{"p": 0, "k": b"app.bsky.feed.post/3b", "v": post(TEXT), "t": None}]}
    entries = [
        {"p": 0, "k": b"app.bsky.feed.like/3a", "v": post("no"), "t": link(add_block(leaf))},
        {"p": 14, "k": b"post/3c", "v": post(TEXT), "t": None},
    ]
    root = add_block({"l": None, "e": entries})
    commit = add_block(
        {"did": "did:plc:me", "version": 3, "data": link(root), "rev": "3", "prev": None}
    )
    header = libipld.encode_dag_cbor({"version": 1, "roots": [link(commit)]})

    def sized(body: bytes) -> bytes:
        length, size = len(body), b""
        while length > 127:
            size += bytes([length & 127 | 128])
            length >>= 7
        return size + bytes([length]) + body

    return sized(header) + b"".join(sized(cid + body) for cid, body in blocks)


CASES = {
    "mediacrawler": ("search_contents.jsonl", lines(MEDIACRAWLER), "mediacrawler", 5, 0),
    "mediacrawler json": ("contents.json", json.dumps(MEDIACRAWLER).encode(), "mediacrawler", 5, 0),
    "weibo-search": ("DeepSeek.csv", as_csv(WEIBO_SEARCH), "weibo", 1, 0),
    "weibo-crawler": ("77.csv", as_csv(WEIBO_CRAWLER), "weibo", 1, 0),
    "weibo-crawler json": ("77.json", json.dumps(WEIBO_CRAWLER_JSON).encode(), "weibo", 1, 0),
    "4cat": ("4cat.csv", as_csv(FOURCAT), "4cat", 1, 0),
    "twarc": ("tweets.jsonl", lines(TWARC), "x", 3, 0),
    "mastodon": ("outbox.json", json.dumps(OUTBOX).encode(), "mastodon", 1, 1),
    "mastodon zip": ("archive.zip", zipped(json.dumps(OUTBOX).encode()), "mastodon", 1, 1),
    "mastodon tar": ("archive.tar.gz", tarred(json.dumps(OUTBOX).encode()), "mastodon", 1, 1),
    "bluesky": ("repo.car", repository(), "bluesky", 2, 0),
    "twarc gzip": ("tweets.jsonl.gz", gzip.compress(lines(TWARC)), "x", 3, 0),
}


@pytest.mark.parametrize("case", CASES)
def test_an_export_is_read(case: str, tmp_path: Path, run: Run, url: str) -> None:
    name, body, source, good, bad = CASES[case]
    path = tmp_path / name
    path.write_bytes(body)
    code, out, said = run("import", "posts", str(path), "--format", case.split()[0])
    assert code == (1 if bad else 0), said
    assert stored_times(url, source) == [AT] * good
    assert f"{good} new, {bad} refused" in out


def test_any_shape_is_read_by_a_mapping_and_bad_rows_are_put_aside(
    tmp_path: Path, run: Run, url: str
) -> None:
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text(
        "source: forum\nzone: Asia/Shanghai\nfields:\n  id: nr\n  text: [[head, body]]\n"
        "  created_at: wann\n  url: ['https://forum.example/t/{nr}']\n",
        encoding="utf-8",
    )
    path = tmp_path / "forum.csv"
    good = f"1;2025-08-11 21:50;{TEXT};真的"
    bad = ["2;yesterday;x;y", "3;2025-08-11 21:50;only three", ";2025-08-11 21:50;a;b"]
    path.write_text("\n".join(["nr;wann;head;body", good, *bad]), encoding="utf-8")
    code, out, said = run("import", "posts", str(path), "--mapping", str(mapping))
    assert code == 1
    assert "1 new, 3 refused" in out
    assert stored_times(url, "forum") == [AT]
    aside = [
        json.loads(line)
        for line in (tmp_path / "forum.csv.refused.jsonl").read_text("utf-8").splitlines()
    ]
    assert [row["line"] for row in aside] == bad
    assert "no id" in aside[2]["why"]
    assert f"{path}:4" in said


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("source: x", "source and fields were due"),
        ("- 1", "source and fields were due"),
        ("source: x\nfields: {id: a, text: b}", "created_at is not mapped"),
        ("source: x\nfields: {id: a, text: b, created_at: c, colour: d}", "colour is no field"),
        ("source: x\nzone: Mars/Base\nfields: {id: a, text: b, created_at: c}", "no such zone"),
        ("source: x\nrows: xml\nfields: {id: a, text: b, created_at: c}", "rows must be one of"),
        ("source: x\nfields: {id: 5, text: b, created_at: c}", "id must name fields"),
        ("source: [\n", "cannot be read"),
    ],
)
def test_a_bad_mapping_says_what_is_wrong(text: str, why: str, tmp_path: Path, run: Run) -> None:
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text(text, encoding="utf-8")
    path = tmp_path / "x.csv"
    path.write_text("a,b,c\n", encoding="utf-8")
    code, _, said = run("import", "posts", str(path), "--mapping", str(mapping))
    assert code == 2
    assert why in said


DAMAGED = {
    "cut.zip": zipped(b"[]")[:-40],
    "empty.zip": zipped(b""),
    "cut.tar.gz": tarred(b"[]")[:30],
    "no.car": b"\x00\x01\x02",
    "broken.json": b'{"orderedItems": [{"object"',
    "deep.json": b"[" * 100_000,
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_file_is_named(name: str, tmp_path: Path, run: Run) -> None:
    path = tmp_path / name
    path.write_bytes(DAMAGED[name])
    form = "bluesky" if name.endswith("car") else "mastodon"
    code, out, said = run("import", "posts", str(path), "--format", form)
    assert code == 1, out
    assert str(path) in said


def test_an_import_that_was_killed_goes_on_where_it_was(tmp_path: Path, run: Run, url: str) -> None:
    path = tmp_path / "big.jsonl"
    number = 12_000
    path.write_bytes(
        lines(
            [
                {"id": n, "content": TEXT, "create_time": EPOCH + n, "note_id": n}
                for n in range(number)
            ]
        )
    )
    run("doctor")  # the store is made before anything is killed
    command = ("import", "posts", path, "--format", "mediacrawler", "--database", url)
    assert processes.run(*command, fault=processes.Fault(kill_at_commit=6)).code == -signal.SIGKILL
    before = len(stored_times(url, "mediacrawler"))
    assert 2000 <= before < number
    code, _, said = run("import", "posts", str(path), "--format", "mediacrawler")
    assert code == 0, said
    assert "goes on after row" in said
    assert len(stored_times(url, "mediacrawler")) == number
    # Read to its end, the file is read from its start the next time, and changes nothing.
    last = AT + timedelta(seconds=number - 1)
    code, out, said = run("import", "posts", str(path), "--format", "mediacrawler")
    assert "0 new, 0 refused" in out
    assert "goes on" not in said
    assert last.isoformat() in said


def hostile_tar(name: str, link: str = "") -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        evil = tarfile.TarInfo("../../evil")
        evil.size = 4
        archive.addfile(evil, io.BytesIO(b"evil"))
        member = tarfile.TarInfo(name)
        body = json.dumps(OUTBOX).encode()
        if link:
            member.type, member.linkname = tarfile.SYMTYPE, link
        else:
            member.size = len(body)
        archive.addfile(member, io.BytesIO(body))
    return file.getvalue()


def hostile_zip(name: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("../../evil", "evil")
        archive.writestr("/tmp/evil", "evil")  # noqa: S108 - not written, only named
        archive.writestr(name, json.dumps(OUTBOX))
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("up.tar", hostile_tar("../../../outbox.json"), "1 new"),
        ("root.tar", hostile_tar("/etc/outbox.json"), "1 new"),
        ("link.tar", hostile_tar("outbox.json", "/etc/passwd"), "is no file"),
        ("up.zip", hostile_zip("../../../outbox.json"), "1 new"),
        ("root.zip", hostile_zip("/etc/outbox.json"), "1 new"),
    ],
)
def test_an_archive_is_read_and_nothing_of_it_is_written(
    name: str, body: bytes, said: str, tmp_path: Path, run: Run
) -> None:
    place = tmp_path / "a" / "b" / "c"
    place.mkdir(parents=True)
    (place / name).write_bytes(body)
    before = {p for p in tmp_path.rglob("*") if "sqlite3" not in p.name and "key" not in p.name}
    code_out_err = run("import", "posts", str(place / name), "--format", "mastodon")
    assert said in code_out_err[1] + code_out_err[2]
    after = {p for p in tmp_path.rglob("*") if "sqlite3" not in p.name and "key" not in p.name}
    assert {p.parent for p in after - before} <= {place}
    assert not list(tmp_path.rglob("evil*"))
    assert "root:" not in code_out_err[1] + code_out_err[2]
