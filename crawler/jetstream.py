"""Bluesky's Jetstream: every post of the network as it is made, over a websocket.

A crawl replays from where the last one stopped until it reaches the time of its own start, so
nothing is missed between two crawls within the time for which the server stores events.
"""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from websockets.exceptions import InvalidStatus, WebSocketException
from websockets.proxy import get_proxy
from websockets.sync.client import ClientConnection, connect
from websockets.uri import parse_uri

from crawler.items import SpiderJob, Trouble, TroubleKind
from crawler.parsing import as_text, parse_time
from crawler.private_addresses import PrivateAddressError, open_socket
from db.core.errors import SourceChanged
from db.core.records import Page, RawPost

COLLECTION = "app.bsky.feed.post"
NEW_PATH = "/xrpc/network.bsky.jetstream.subscribeEvents"
OLD_PATH = "/subscribe"
SUBPROTOCOL = "xrpc.v1.json"
# The whole network is never silent for so long: a server whose first event is later than requested
# by more than this no longer has the events between.
MAX_SILENCE = timedelta(minutes=10)
OVERLAP = timedelta(seconds=5)
EVENTS_PER_PAGE = 500
MAX_PAGE_SECONDS = 2.0
# A crawl ends if no frame comes for so long.
IDLE_SECONDS = 10.0
MAX_TRIES = 4
_MAX_FRAME_BYTES = 4 * 1024 * 1024
_MAX_BAD_FRAMES = 50


@dataclass(frozen=True, slots=True)
class Event:
    """A change of one post, and when the server saw it. post: None if it was deleted."""

    at: datetime
    uri: str
    post: RawPost | None


def read_event(frame: str | bytes) -> Event | None:
    """Read the event of a frame of either version; None if it is not about a post.

    Raises ValueError if it is no event, SourceChanged if it reports an error.
    """
    try:
        value = json.loads(frame)
    except RecursionError:
        raise ValueError("nested too deep") from None
    if not isinstance(value, dict):
        raise ValueError(f"an object was due, {type(value).__name__} came")
    if value.get("$type") == "error":
        raise SourceChanged(f"jetstream: {value.get('error')}: {value.get('message')}"[:300])
    if value.get("$type") == "message":
        return _new_event(value["payload"])
    if value.get("kind") != "commit":
        return None
    at = parse_time(int(value["time_us"]) / 1e6)
    return _event(at, str(value["did"]), value["commit"])


def _new_event(payload: dict[str, Any]) -> Event | None:
    if not str(payload["$type"]).endswith("#commit"):
        return None
    return _event(parse_time(payload["time"]), str(payload["did"]), payload)


def _event(at: datetime, did: str, commit: dict[str, Any]) -> Event | None:
    if commit["collection"] != COLLECTION:
        return None
    rkey = str(commit["rkey"])
    uri = f"at://{did}/{COLLECTION}/{rkey}"
    if commit["operation"] == "delete":
        return Event(at, uri, None)
    record = commit["record"]
    parent = ((record.get("reply") or {}).get("parent") or {}).get("uri")
    post = RawPost(
        external_id=uri,
        # Clients date their posts themselves; none was made after the server saw it.
        created_at=min(at, parse_time(record["createdAt"])),
        text=record["text"],
        url=f"https://bsky.app/profile/{did}/post/{rkey}",
        author=did,
        lang=as_text((record.get("langs") or [None])[0]),
        reply_to=as_text(parent),
    )
    return Event(at, uri, post)


@dataclass
class _PendingEvents:
    """Events that are not stored yet."""

    posts: dict[str, RawPost] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    refused: list[str] = field(default_factory=list)

    def add(self, event: Event, job: SpiderJob) -> None:
        # A post edited to name no provider counts as deleted.
        if event.post is not None and job.is_relevant(event.post.text):
            self.posts[event.uri] = event.post
            self.deleted.discard(event.uri)
        else:
            self.posts.pop(event.uri, None)
            self.deleted.add(event.uri)


class Jetstream:
    """Reads the query of a job to its end."""

    def __init__(self, job: SpiderJob, url: str) -> None:
        self._job = job
        self._query = job.queries[0]
        self._base = url.rstrip("/").replace("http", "ws", 1)
        self._path = NEW_PATH
        cursor = self._query.cursor
        self._since = datetime.fromisoformat(cursor) if cursor else self._query.since
        self._clamped = False
        self._seen = 0

    def run(self) -> None:
        """Listen until the crawl's end; store a Trouble if that fails."""
        for number in range(1, MAX_TRIES + 1):
            trouble = self._try()
            if trouble is None:
                return
            if trouble.kind is not TroubleKind.UNREACHABLE or number == MAX_TRIES:
                self._job.sink.store_item(trouble)
                return
            time.sleep(2.0**number)

    def _try(self) -> Trouble | None:
        try:
            with closing(self._connect()) as connection:
                self._listen(connection)
            if not self._seen:
                return self._trouble(
                    TroubleKind.EMPTY, "not one event came, of a network that never rests"
                )
        except InvalidStatus as error:
            return self._refused(error)
        except SourceChanged as error:
            return self._trouble(TroubleKind.UNREADABLE, str(error))
        except PrivateAddressError as error:
            return self._trouble(TroubleKind.BLOCKED, str(error))
        except ValueError as error:
            # A redirect: only addresses that were checked are requested.
            return self._trouble(TroubleKind.MOVED, str(error))
        except (OSError, WebSocketException, TimeoutError) as error:
            return self._trouble(TroubleKind.UNREACHABLE, f"{type(error).__name__}: {error}")
        return None

    def _refused(self, error: InvalidStatus) -> Trouble | None:
        status = error.response.status_code
        body = (error.response.body or b"")[:300].decode("utf-8", "replace")
        if self._path == NEW_PATH and status in {400, 404, 405, 426} and "Cursor" not in body:
            self._path = OLD_PATH
            return self._try()
        if "CursorTooOld" in body and not self._clamped:
            self._clamped, self._since = True, datetime.now(UTC) - OVERLAP
            return self._try()
        kind = TroubleKind.BLOCKED if status in {401, 403, 429, 503} else TroubleKind.UNREACHABLE
        return self._trouble(kind, f"HTTP {status} {body}".strip())

    def _connect(self) -> ClientConnection:
        cursor = int((self._since - OVERLAP).timestamp() * 1_000_000)
        name = "collections" if self._path == NEW_PATH else "wantedCollections"
        parameters: dict[str, Any] = {name: COLLECTION, "cursor": cursor}
        if self._path == NEW_PATH:
            parameters["kinds"] = "commit"
        return connect(
            f"{self._base}{self._path}?{urlencode(parameters)}",
            subprotocols=[SUBPROTOCOL] if self._path == NEW_PATH else None,  # type: ignore[list-item]
            user_agent_header=self._job.user_agent,
            open_timeout=20,
            max_size=_MAX_FRAME_BYTES,
            sock=self._socket(),
        )

    def _socket(self) -> socket.socket | None:
        """A connection to a checked address; None if the user's proxy connects, and checks."""
        address = parse_uri(self._base)
        if get_proxy(address):
            return None
        return open_socket(address.host, address.port, named=self._job.is_named_by_user)

    def _listen(self, connection: ClientConnection) -> None:
        pending, last, at = _PendingEvents(), time.monotonic(), self._since
        begun = False
        for frame in _frames(connection):
            event = self._read(frame, pending)
            if event is not None:
                if not begun and event.at > self._since + MAX_SILENCE:
                    # Events that the server no longer has are a gap, not silence.
                    self._since = event.at
                begun, at = True, max(at, event.at)
                pending.add(event, self._job)
            full = len(pending.posts) + len(pending.deleted) >= EVENTS_PER_PAGE
            if full or time.monotonic() - last > MAX_PAGE_SECONDS:
                self._store(pending, at)
                pending, last = _PendingEvents(), time.monotonic()
            if at >= self._query.until:
                break
        self._store(pending, at)

    def _read(self, frame: str | bytes, pending: _PendingEvents) -> Event | None:
        try:
            event = read_event(frame)
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
            pending.refused.append(f"{type(error).__name__}: {str(error)[:80]}")
            if not self._seen and len(pending.refused) >= _MAX_BAD_FRAMES:
                raise SourceChanged(f"jetstream: no event could be read: {error}") from None
            return None
        self._seen += event is not None
        return event

    def _store(self, pending: _PendingEvents, at: datetime) -> None:
        """Store the pending events up to `at`, with their coverage."""
        until = min(at, self._query.until)
        covered = self._query.covered(self._since, until) if until > self._since else ()
        posts = tuple(p for p in pending.posts.values() if p.created_at < self._query.until)
        page = Page(
            self._query.source,
            self._query.text,
            posts,
            max(until, self._since).isoformat(),
            covered,
            tuple(pending.refused),
            tuple(sorted(pending.deleted)),
        )
        self._job.sink.store_item(page)
        self._since = max(until, self._since)

    def _trouble(self, kind: TroubleKind, why: str) -> Trouble:
        address = f"{self._base}{self._path}"
        return Trouble(self._query.source, self._query.text, kind, address, why[:300])


def _frames(connection: ClientConnection) -> Iterator[str | bytes]:
    """Yield frames until none comes for IDLE_SECONDS."""
    while True:
        try:
            yield connection.recv(timeout=IDLE_SECONDS)
        except TimeoutError:
            return


# Sources that send a stream of events, by the name of their spider.
STREAMS = {"jetstream": Jetstream}
