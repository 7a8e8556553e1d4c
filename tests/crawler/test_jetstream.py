"""Jetstream of both versions, over a real websocket on loopback."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve

from crawler import jetstream
from crawler.items import CrawlQuery, SpiderItem, SpiderJob, Trouble, TroubleKind
from db.core.errors import SourceChanged
from db.core.records import Span
from db.crawl import coverage, cursors
from db.posts import queries
from shrug.store.bootstrap import open_ready_store
from tests.crawling import crawl
from tests.processes import Fault

NOW = datetime.now(UTC).replace(microsecond=0)
START = NOW - timedelta(hours=2)
COLLECTION = "app.bsky.feed.post"
Frame = Callable[[datetime, str, str, dict[str, Any] | None], str]


def newer(at: datetime, rkey: str, operation: str, record: dict[str, Any] | None) -> str:
    payload = {
        "$type": "network.bsky.jetstream.subscribeEvents#commit",
        "seq": int(at.timestamp()),
        "did": "did:plc:a",
        "time": at.isoformat().replace("+00:00", "Z"),
        "operation": operation,
        "collection": COLLECTION,
        "rkey": rkey,
        **({"record": record} if record else {}),
    }
    return json.dumps({"$type": "message", "payload": payload})


def older(at: datetime, rkey: str, operation: str, record: dict[str, Any] | None) -> str:
    commit: dict[str, Any] = {"operation": operation, "collection": COLLECTION, "rkey": rkey}
    commit |= {"record": record} if record else {}
    at_us = int(at.timestamp() * 1e6)
    return json.dumps({"did": "did:plc:a", "time_us": at_us, "kind": "commit", "commit": commit})


VERSIONS: dict[str, tuple[str, Frame]] = {
    "v2": (jetstream.NEW_PATH, newer),
    "v1": (jetstream.OLD_PATH, older),
}


def record(text: str, at: datetime) -> dict[str, Any]:
    return {"$type": COLLECTION, "text": text, "createdAt": at.isoformat(), "langs": ["en"]}


class Network:
    """A server of one version that replays from a cursor, and hangs up after so many frames."""

    def __init__(self, version: str) -> None:
        self.path, self.frame = VERSIONS[version]
        self.events: list[tuple[datetime, str]] = []
        self.requests: list[dict[str, str]] = []
        self.hang_up_after = 10**9
        self.url = ""

    def add(self, at: datetime, rkey: str, operation: str, text: str = "") -> None:
        made = record(text, at) if operation != "delete" else None
        self.events.append((at, self.frame(at, rkey, operation, made)))

    def refuse(self, connection: ServerConnection, request: Request) -> Response | None:
        if urlsplit(request.path).path == self.path:
            return None
        return connection.respond(404, "no such path")

    def serve(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        query = dict(parse_qsl(urlsplit(connection.request.path).query))
        self.requests.append(query)
        since = datetime.fromtimestamp(int(query["cursor"]) / 1e6, UTC)
        with suppress(ConnectionClosed):
            sent = 0
            for at, frame in self.events:
                if at < since:
                    continue
                if sent >= self.hang_up_after:
                    self.hang_up_after = 10**9
                    connection.close()
                    return
                connection.send(frame)
                sent += 1
            connection.recv()


@contextmanager
def running(network: Network) -> Iterator[Network]:
    server = serve(
        network.serve,
        "127.0.0.1",
        0,
        process_request=network.refuse,
        select_subprotocol=lambda _, offered: offered[0] if offered else None,
    )
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    network.url = f"http://127.0.0.1:{server.socket.getsockname()[1]}"
    try:
        yield network
    finally:
        server.shutdown()
        thread.join()


def crawl_stream(
    url: str, network: Network, until: datetime = NOW, fault: Fault | None = None
) -> tuple[int, str]:
    when = ("--until", until.isoformat())
    arguments = ("jetstream", "--address", f"jetstream={network.url}", *when)
    return crawl(url, *arguments, fault=fault)


def since(at: datetime) -> tuple[str, str]:
    return "--since", at.isoformat()


def stored_texts(url: str) -> list[str]:
    with open_ready_store(url) as store, store.reading() as connection:
        posts = queries.sample(connection, "deepseek", START - timedelta(days=1), NOW, 100)
    return sorted(post.text for post in posts)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_stream_is_replayed_edits_and_deletions_followed(version: str, url: str) -> None:
    network = Network(version)
    minute = timedelta(minutes=1)
    network.add(START, "1", "create", "DeepSeek is down")
    network.add(START + minute, "2", "create", "lunch")
    network.add(START + 2 * minute, "3", "create", "DeepSeek down again")
    network.add(START + 3 * minute, "1", "update", "DeepSeek is back")
    network.add(START + 4 * minute, "3", "delete")
    network.events.append((START + 5 * minute, "not json"))
    network.add(NOW + minute, "9", "create", "DeepSeek after the crawl began")
    with running(network):
        code, said = crawl(
            url,
            "jetstream",
            *since(START),
            *("--until", NOW.isoformat()),
            *("--address", f"jetstream={network.url}"),
        )
        assert code == 1  # for the frame that was none
        assert "Refused: jetstream" in said
        assert stored_texts(url) == ["DeepSeek is back"]
        with open_ready_store(url) as store, store.reading() as connection:
            spans = coverage.read(connection, "deepseek", START, NOW)
            assert cursors.read(connection, "jetstream", "") == NOW.isoformat()
        assert [s.span for s in spans] == [Span(START, NOW)]
        # A post that is gone later is gone from the store and from its counts.
        later = NOW + timedelta(minutes=10)
        network.add(NOW + 2 * minute, "1", "delete")
        network.add(later, "8", "create", "x")
        code, said = crawl_stream(url, network, later)
        assert stored_texts(url) == [], said
    newest = int(network.requests[-1]["cursor"])
    assert newest == int((NOW - jetstream.OVERLAP).timestamp() * 1e6)


def test_a_connection_that_breaks_is_taken_up_again(url: str) -> None:
    network = Network("v2")
    for n in range(1200):
        network.add(START + timedelta(seconds=n), str(n), "create", f"DeepSeek is down {n}")
    network.add(NOW, "end", "create", "x")
    network.hang_up_after = 700
    with running(network):
        code, said = crawl(
            url,
            "jetstream",
            *since(START),
            *("--until", NOW.isoformat()),
            *("--address", f"jetstream={network.url}"),
        )
    assert code == 0, said
    assert len(network.requests) == 2
    with open_ready_store(url) as store, store.reading() as connection:
        assert len(queries.mention_times(connection, "deepseek", "jetstream", START, NOW)) == 1200
        spans = coverage.read(connection, "deepseek", START, NOW)
    assert [s.span for s in spans] == [Span(START, NOW)]


def test_posts_that_the_server_no_longer_has_leave_a_gap(url: str) -> None:
    network = Network("v1")
    network.add(START, "1", "create", "DeepSeek is down")
    network.add(NOW, "2", "create", "x")
    long_ago = NOW - timedelta(days=5)
    with running(network):
        crawl(
            url,
            "jetstream",
            *since(long_ago),
            *("--until", NOW.isoformat()),
            *("--address", f"jetstream={network.url}"),
        )
    with open_ready_store(url) as store, store.reading() as connection:
        spans = coverage.read(connection, "deepseek", long_ago, NOW)
    assert [s.span for s in spans] == [Span(START, NOW)]


def test_a_server_that_says_nothing_is_not_silence(url: str) -> None:
    with running(Network("v2")) as network:
        code, said = crawl_stream(url, network, fault=Fault(idle_seconds=1))
    assert code == 1
    assert "empty: not one event came" in said


def test_an_error_frame_is_told(url: str) -> None:
    network = Network("v2")
    frame = {"$type": "error", "error": "ConsumerTooSlow", "message": "too slow"}
    network.events.append((NOW, json.dumps(frame)))
    with running(network):
        code, said = crawl_stream(url, network)
    assert code == 1
    assert "unreadable: jetstream: ConsumerTooSlow: too slow" in said


@dataclass
class ListSink:
    """Collects the items of a stream."""

    items: list[SpiderItem] = field(default_factory=list)

    def prepare_item(self, _: SpiderItem) -> None: ...

    def store_item(self, item: SpiderItem, _: Any = None) -> None:
        self.items.append(item)


def failure(url: str, *, named: bool) -> Trouble:
    sink, query = ListSink(), CrawlQuery("jetstream", "", (), START, NOW)
    jetstream.Jetstream(SpiderJob((query,), sink, is_named_by_user=named), url).run()
    (trouble,) = sink.items
    assert isinstance(trouble, Trouble)
    return trouble


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "169.254.169.254", "[::1]", "10.0.0.1"])
def test_no_address_inside_our_network_is_listened_to(host: str) -> None:
    trouble = failure(f"http://{host}:9", named=False)
    assert trouble.kind is TroubleKind.BLOCKED
    assert "inside this network: not asked" in trouble.why


def test_a_redirect_is_not_followed() -> None:
    paths: list[str] = []

    def redirected(connection: ServerConnection, request: Request) -> Response:
        paths.append(request.path)
        answer = connection.respond(302, "there")
        answer.headers["Location"] = "ws://169.254.169.254/latest/meta-data"
        return answer

    network = Network("v2")
    network.refuse = redirected  # type: ignore[method-assign]
    with running(network):
        trouble = failure(network.url, named=True)
    assert trouble.kind is TroubleKind.MOVED
    assert "redirect" in trouble.why
    assert len(paths) == 1


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@given(
    st.sampled_from(list(VERSIONS)),
    st.sampled_from(["text", "createdAt", "langs", "reply", "did", "rkey", "time", "time_us"]),
    json_values,
)
def test_a_bad_frame_costs_only_itself(version: str, name: str, value: Any) -> None:
    frame = json.loads(VERSIONS[version][1](START, "1", "create", record("x", START)))
    inside = frame.get("payload", frame)
    body = inside.get("record") or inside["commit"]["record"]
    (body if name in {"text", "createdAt", "langs", "reply"} else inside)[name] = value
    with suppress(ValueError, KeyError, TypeError, AttributeError, OverflowError, SourceChanged):
        event = jetstream.read_event(json.dumps(frame))
        assert event is None or (event.post is not None and isinstance(event.post.text, str))
